/** Edits that must be refused, because taking them back would not give the document before. */
import { describe, expect, test } from 'vitest'
import { apply } from '../../../src/shared/document/apply.ts'
import { type Change, Command } from '../../../src/shared/document/commands.ts'
import {
  CanvasSize,
  type Document,
  emptyDocument,
  type GroupLayer,
  LAYER_DEFAULTS,
  type Layer,
  type RasterLayer,
} from '../../../src/shared/document/model.ts'
import { LayerId, type TileHash } from '../../../src/shared/ids.ts'
import { TileKey } from '../../../src/shared/tiles.ts'

const raster = (id: string): RasterLayer => ({
  ...LAYER_DEFAULTS,
  kind: 'raster',
  id: id as LayerId,
  name: id,
  tiles: {},
  request: null,
})
const group = (id: string, children: string[]): GroupLayer => ({
  ...LAYER_DEFAULTS,
  kind: 'group',
  id: id as LayerId,
  name: id,
  children: children as LayerId[],
  passThrough: false,
})
const insert = (...layers: Layer[]): Change => ({
  type: 'layer.insert',
  v: 1,
  place: { parent: null, index: 0 },
  layers,
})

const EMPTY = emptyDocument({ width: 10, height: 10 }, { name: 'sRGB', hash: null })
const ONE = apply(EMPTY, { changes: [insert(raster('a'))] })

const HASH = 'a'.repeat(64) as TileHash
const CASES: [string, Document, Change][] = [
  ['a group that holds itself', EMPTY, insert(group('g', ['g']))],
  ['two groups that hold each other', EMPTY, insert(group('g', ['h']), group('h', ['g']))],
  ['a group that takes a layer of the document', ONE, insert(group('g', ['a']), raster('b'))],
  ['a group that holds a layer twice', EMPTY, insert(group('g', ['b', 'b']), raster('b'), raster('c'))],
  ['layers in another order than the tree', EMPTY, insert(group('g', ['b', 'c']), raster('c'), raster('b'))],
  ['a layer that no group holds', EMPTY, insert(raster('b'), raster('c'))],
  ['a layer that is there already', ONE, insert(raster('a'))],
  [
    'pass-through on a raster layer',
    ONE,
    {
      type: 'layer.set',
      v: 1,
      id: raster('a').id,
      before: { passThrough: undefined },
      after: { passThrough: true },
    },
  ],
  [
    'a property without a value',
    ONE,
    { type: 'layer.set', v: 1, id: raster('a').id, before: { name: 'a' }, after: { name: undefined } },
  ],
  [
    'no selection that still has tiles',
    EMPTY,
    { type: 'selection.patch', v: 1, before: null, after: null, tiles: { '0,0': [null, HASH] } },
  ],
  [
    'a place beyond the stack',
    ONE,
    { type: 'layer.insert', v: 1, place: { parent: null, index: 2 }, layers: [raster('b')] },
  ],
  [
    'a group moved into itself',
    apply(EMPTY, { changes: [insert(group('g', ['h']), group('h', []))] }),
    {
      type: 'layer.move',
      v: 1,
      id: group('g', []).id,
      before: { parent: null, index: 0 },
      after: { parent: group('h', []).id, index: 0 },
    },
  ],
]

test.each(CASES)('%s', (_name, document, change) => {
  expect(() => apply(document, { changes: [change] })).toThrow(
    expect.objectContaining({ code: 'document.conflict' }),
  )
})

describe('names that are not ids, keys or sizes', () => {
  test.each(['constructor', '__proto__', 'toString', '', 'a b', 'ä'])('layer id %j', (id) => {
    expect(LayerId.safeParse(id).success).toBe(false)
  })

  test.each(['00,1', '-0,0', '1,01', '+1,2', '1, 2', '123456,0'])('tile key %j', (key) => {
    expect(TileKey.safeParse(key).success).toBe(false)
    const change = { type: 'pixels.patch', v: 1, id: 'a', plane: 'pixels', tiles: { [key]: [null, HASH] } }
    expect(Command.safeParse({ id: 'c', label: 'l', origin: 'o', changes: [change] }).success).toBe(false)
  })

  test('tile keys that are', () => {
    for (const key of ['0,0', '-1,2', '99999,-99999']) expect(TileKey.safeParse(key).success).toBe(true)
  })

  test('a canvas of more than 100 megapixels', () => {
    expect(CanvasSize.safeParse({ width: 65_535, height: 65_535 }).success).toBe(false)
    expect(CanvasSize.safeParse({ width: 12_000, height: 8_000 }).success).toBe(true)
  })
})
