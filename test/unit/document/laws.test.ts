/** Law 3 over random documents: an edit and its inverse cancel, replaying gives the document, JSON keeps all of it. */
import { describe, expect, test } from 'vitest'
import { apply, invert, sameJson } from '../../../src/shared/document/apply.ts'
import { type Change, Command } from '../../../src/shared/document/commands.ts'
import { type Document, emptyDocument, type Layer } from '../../../src/shared/document/model.ts'
import { parseCommand, parseDocument } from '../../../src/shared/document/upcast.ts'
import { InlayError } from '../../../src/shared/errors.ts'
import { nameOnlyTiles, Random, RandomEdits, seeds } from '../../support/project-random.ts'

const EMPTY = emptyDocument({ width: 800, height: 600 }, { name: 'sRGB', hash: null })

/** Every id in `root` and in `children` is in `layers` exactly once, and nothing else is. */
function checkTree(document: Document): void {
  const layers = Object.values(document.layers) as Layer[]
  const named = [
    ...document.root,
    ...layers.flatMap((layer) => (layer.kind === 'group' ? layer.children : [])),
  ]
  expect([...named].sort()).toEqual(Object.keys(document.layers).sort())
  for (const [id, layer] of Object.entries(document.layers)) expect((layer as Layer).id).toBe(id)
  const reached = new Set<string>()
  const visit = (id: string): void => {
    reached.add(id)
    const layer = document.layers[id as Layer['id']]
    if (layer?.kind === 'group') for (const child of layer.children) visit(child)
  }
  for (const id of document.root) visit(id)
  expect(reached.size).toBe(layers.length)
}

// 78441270 once inserted a group into itself.
describe.each([78_441_270, ...seeds(12)])('random edits, INLAY_SEED=%i', (seed) => {
  const random = new Random(seed)
  const edits = new RandomEdits(random, nameOnlyTiles(random))
  const documents: Document[] = [EMPTY]
  const commands: Command[] = []
  for (let i = 0; i < 120; i++) {
    const command = edits.command(documents[i] as Document)
    commands.push(command)
    documents.push(apply(documents[i] as Document, command))
  }

  test('an edit taken back leaves the document as it was, and redone as it became', () => {
    commands.forEach((command, i) => {
      const back = apply(documents[i + 1] as Document, invert(command))
      expect(back).toEqual(documents[i])
      expect(apply(back, command)).toEqual(documents[i + 1])
      expect(invert(invert(command))).toEqual({ changes: command.changes })
    })
  })

  test('taking all back in order leads to the empty document', () => {
    const undone = commands.reduceRight(
      (now, command) => apply(now, invert(command)),
      documents.at(-1) as Document,
    )
    expect(undone).toEqual(EMPTY)
  })

  test('what is stored as JSON is read back the same, and replays the same', () => {
    let replayed = parseDocument(JSON.parse(JSON.stringify(EMPTY)))
    commands.forEach((command, i) => {
      const stored = parseCommand(JSON.parse(JSON.stringify(command)))
      expect(stored).toEqual(command)
      replayed = apply(replayed, stored)
      expect(parseDocument(JSON.parse(JSON.stringify(replayed)))).toEqual(documents[i + 1])
    })
  })

  test('the tree hangs together, and no document was changed afterwards', () => {
    let again = EMPTY
    commands.forEach((command, i) => {
      again = apply(again, command)
      expect(again).toEqual(documents[i + 1])
      checkTree(again)
    })
  })

  test('an edit made for another document is refused, or it obeys the law there too', () => {
    let refused = 0
    let taken = 0
    for (let i = 0; i < 800; i++) {
      const document = random.pick(documents)
      const changes = mangle(random, random.pick(commands).changes)
      const parsed = Command.safeParse({ id: 'x', label: 'x', origin: 'x', changes })
      if (!parsed.success) continue
      const command = parsed.data as Command
      let after: Document
      try {
        after = apply(document, command)
      } catch (error) {
        expect(error).toBeInstanceOf(InlayError)
        expect((error as InlayError).code).toBe('document.conflict')
        refused++
        continue
      }
      taken++
      checkTree(after)
      expect(apply(after, invert(command))).toEqual(document)
      expect(parseDocument(JSON.parse(JSON.stringify(after)))).toEqual(after)
    }
    expect(refused).toBeGreaterThan(0)
    expect(taken).toBeGreaterThan(0)
  })
})

/** Spoils one thing in a list of changes: a value, a key, an order, or nothing. */
function mangle(random: Random, changes: readonly Change[]): unknown {
  const copy = JSON.parse(JSON.stringify(changes)) as unknown[]
  const spots: { holder: Record<string, unknown> | unknown[]; key: string }[] = []
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const key of Object.keys(value)) {
      const holder = value as Record<string, unknown>
      spots.push({ holder, key })
      visit(holder[key])
    }
  }
  visit(copy)
  const { holder, key } = random.pick(spots)
  const container = holder as Record<string, unknown>
  const donor = random.pick(spots)
  if (Array.isArray(holder) && random.chance(0.5)) holder.push(holder[random.int(0, holder.length - 1)])
  else if (random.chance(0.2)) delete container[key]
  else if (random.chance(0.8)) container[key] = (donor.holder as Record<string, unknown>)[donor.key]
  return copy.filter(() => true)
}

test('equality of JSON does not mind the order of keys, and minds everything else', () => {
  expect(sameJson({ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 })).toBe(true)
  expect(sameJson({ a: 1 }, { a: 1, b: undefined })).toBe(false)
  expect(sameJson([1, 2], [2, 1])).toBe(false)
  expect(sameJson([], {})).toBe(false)
  expect(sameJson(null, {})).toBe(false)
})
