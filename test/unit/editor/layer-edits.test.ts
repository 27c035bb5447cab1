import { expect, test } from 'vitest'
import {
  ancestorsOf,
  deleteLayer,
  type Edit,
  groupLayer,
  isFixed,
  moveTo,
  newLayer,
  rename,
  setProperties,
  solo,
  step,
  ungroup,
} from '../../../src/renderer/editor/layer-edits.ts'
import { dropTarget, layerRows } from '../../../src/renderer/editor/layer-rows.ts'
import { apply, invert } from '../../../src/shared/document/apply.ts'
import { Command } from '../../../src/shared/document/commands.ts'
import { type Document, emptyDocument, type Layer } from '../../../src/shared/document/model.ts'
import { LayerId } from '../../../src/shared/ids.ts'
import { seeds } from '../../support/project-random.ts'

const id = (text: string) => LayerId.parse(text)
const NONE: ReadonlySet<LayerId> = new Set()

/** Does the edit, checks that the wire takes it and that its inverse takes it back. */
function perform(document: Document, edit: Edit | null): Document {
  if (!edit) throw new Error('The edit was refused.')
  Command.parse({ id: 'c', label: edit.label, origin: 'layer', changes: edit.changes })
  const after = apply(document, edit)
  expect(apply(after, invert(edit))).toEqual(document)
  return after
}

/** The stack as indented names, top first. */
function names(document: Document, folded = NONE): string[] {
  return layerRows(document, folded).map((row) => '  '.repeat(row.depth) + row.layer.name)
}

/** Layers a, b, c from the bottom; b and c in the group g. */
function sample(): Document {
  let document = emptyDocument({ width: 100, height: 80 }, { name: 'sRGB', hash: null })
  for (const each of ['a', 'b', 'c']) {
    document = perform(document, newLayer(document, null, id(each)))
    document = perform(document, rename(document, id(each), each))
  }
  document = perform(document, groupLayer(document, id('b'), id('g')))
  document = perform(document, rename(document, id('g'), 'g'))
  return perform(document, moveTo(document, id('c'), { parent: id('g'), index: 1 }))
}

test('a new layer lands above the active one, inside a group, and gets a free name', () => {
  const document = sample()
  expect(names(document)).toEqual(['g', '  c', '  b', 'a'])
  const above = perform(document, newLayer(document, id('a'), id('n')))
  expect(names(above)).toEqual(['g', '  c', '  b', 'Layer 1', 'a'])
  const inside = perform(above, newLayer(above, id('g'), id('m')))
  expect(names(inside)).toEqual(['g', '  Layer 2', '  c', '  b', 'Layer 1', 'a'])
})

test('grouping keeps the place, ungrouping keeps the order', () => {
  const document = sample()
  const nested = perform(document, groupLayer(document, id('b'), id('h')))
  expect(names(nested)).toEqual(['g', '  c', '  Group 1', '    b', 'a'])
  const flat = perform(nested, ungroup(nested, id('g')))
  expect(names(flat)).toEqual(['c', 'Group 1', '  b', 'a'])
  expect(ungroup(document, id('a'))).toBeNull()
})

test('deleting a group takes all it holds and says which layer comes next', () => {
  const document = sample()
  const edit = deleteLayer(document, id('g'))
  expect(edit?.active).toBe('a')
  expect(names(perform(document, edit))).toEqual(['a'])
})

test('a locked layer keeps its place, and so do the groups around it', () => {
  const document = perform(sample(), setProperties(sample(), id('b'), { locked: true }, 'Lock layer'))
  expect(isFixed(document, id('g'))).toBe(true)
  expect(deleteLayer(document, id('g'))).toBeNull()
  expect(step(document, id('b'), 1, NONE)).toBeNull()
  expect(step(document, id('c'), 1, NONE)).not.toBeNull()
})

test('steps walk through open groups, past folded ones, and stop at the ends', () => {
  let document = sample()
  document = perform(document, step(document, id('a'), 1, NONE))
  expect(names(document)).toEqual(['g', '  c', '  b', '  a'])
  for (let i = 0; i < 2; i++) document = perform(document, step(document, id('a'), 1, NONE))
  document = perform(document, step(document, id('a'), 1, NONE))
  expect(names(document)).toEqual(['a', 'g', '  c', '  b'])
  expect(step(document, id('a'), 1, NONE)).toBeNull()
  document = perform(document, step(document, id('a'), -1, new Set([id('g')])))
  expect(names(document)).toEqual(['g', '  c', '  b', 'a'])
})

test('properties that are set already make no edit', () => {
  const document = sample()
  expect(setProperties(document, id('a'), { opacity: 1 }, 'Opacity')).toBeNull()
  expect(rename(document, id('a'), '   ')).toBeNull()
  expect(
    perform(document, setProperties(document, id('a'), { opacity: 0.5 }, 'Opacity')).layers[id('a')],
  ).toMatchObject({
    opacity: 0.5,
  })
})

test('solo hides all others in one edit and shows them again', () => {
  const document = sample()
  const alone = perform(document, solo(document, id('b')))
  const visible = (d: Document) =>
    (Object.values(d.layers) as Layer[]).filter((l) => l.visible).map((l) => l.name)
  expect(visible(alone).sort()).toEqual(['b', 'g'])
  expect(ancestorsOf(document, id('b'))).toEqual(['g'])
  expect(visible(perform(alone, solo(alone, id('b')))).sort()).toEqual(['a', 'b', 'c', 'g'])
})

test('drops land where the line is', () => {
  const document = sample()
  const rows = layerRows(document, NONE)
  const drop = (layer: string, at: number, depth = 9) => {
    const target = dropTarget(document, rows, id(layer), at, depth)
    return (
      target && {
        line: target.line,
        into: target.into,
        to: names(perform(document, moveTo(document, id(layer), target.place))),
      }
    )
  }
  expect(drop('a', 0.1)).toEqual({ line: 0, into: null, to: ['a', 'g', '  c', '  b'] })
  expect(drop('a', 0.5)).toEqual({ line: 0, into: 'g', to: ['g', '  a', '  c', '  b'] })
  expect(drop('a', 1.2)).toEqual({ line: 1, into: null, to: ['g', '  a', '  c', '  b'] })
  expect(drop('a', 1.8)).toEqual({ line: 2, into: null, to: ['g', '  c', '  a', '  b'] })
  expect(drop('c', 3.9)).toEqual({ line: 4, into: null, to: ['g', '  b', 'a', 'c'] })
  expect(drop('c', 2.9, 1)).toEqual({ line: 3, into: null, to: ['g', '  b', '  c', 'a'] })
  expect(drop('c', 2.9, 0)).toEqual({ line: 3, into: null, to: ['g', '  b', 'c', 'a'] })
  expect(dropTarget(document, rows, id('g'), 1.2, 0)).toBeNull()
})

// 535665996 locks so many layers that few of its tries are edits.
test.each([535_665_996, ...seeds(2)])(
  'random edits: each is accepted and can be taken back, INLAY_SEED=%i',
  (seed) => {
    let state = seed
    const random = (n: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return Math.floor((state / 2 ** 32) * n)
    }
    let document = sample()
    let done = 0
    for (let tries = 0; done < 150; tries++) {
      expect(tries).toBeLessThan(20_000)
      const ids = Object.keys(document.layers).map(id)
      const any = ids[random(ids.length)] ?? null
      const rows = layerRows(document, NONE)
      const target = any && dropTarget(document, rows, any, random(rows.length * 10) / 10, random(4))
      const edit = [
        () => newLayer(document, any),
        () => groupLayer(document, any),
        () => any && ungroup(document, any),
        () => any && ids.length > 6 && deleteLayer(document, any),
        () => any && step(document, any, random(2) ? 1 : -1, NONE),
        () => any && target && moveTo(document, any, target.place),
        () => any && solo(document, any),
        () => any && random(8) === 0 && setProperties(document, any, { locked: true }, 'Lock'),
        () => any && setProperties(document, any, { locked: false }, 'Unlock'),
      ][random(9)]?.()
      if (!edit) continue
      document = perform(document, edit)
      done++
    }
  },
)
