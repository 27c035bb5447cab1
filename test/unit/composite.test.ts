import { describe, expect, test } from 'vitest'
import { composeRect, pickColour } from '../../src/main/engine/imaging/composite.ts'
import { BLEND_MODES, type Document, type Layer } from '../../src/shared/document/model.ts'
import type { LayerId } from '../../src/shared/ids.ts'
import { TILE_SIZE } from '../../src/shared/tiles.ts'
import { oraclePixel } from '../support/blend-oracle.ts'
import {
  documentOf,
  group,
  randomMap,
  randomScene,
  randomTile,
  raster,
  type Scene,
  SceneTiles,
  seeded,
} from '../support/compose-scene.ts'

/** Compares a grid of pixels with the oracle. Colour counts as far as it can be seen: by alpha. */
function expectLikeOracle(document: Document, tiles: SceneTiles, note: string, step = 7): void {
  const { width, height } = document.canvas
  const pixels = composeRect(document, tiles, { x: 0, y: 0, width, height })
  for (let y = 0; y < height; y += step)
    for (let x = (y * 3) % step; x < width; x += step) {
      const want = oraclePixel(document, (hash) => tiles.tiles.get(hash as never)!, x, y)
      const at = (y * width + x) * 4
      const got = Array.from(pixels.subarray(at, at + 4))
      const off = Math.max(
        Math.abs(got[3]! - want[3]),
        ...[0, 1, 2].map((c) => (want[3] < 0.5 ? 0 : Math.abs(got[c]! - want[c]!))),
      )
      if (off > 1) expect.fail(`${note}: pixel ${x},${y} is ${got}, should be ${want}`)
    }
}

describe('composition agrees with the oracle', () => {
  test.each(BLEND_MODES)('%s, translucent on translucent', (blendMode) => {
    const random = seeded(BLEND_MODES.indexOf(blendMode) + 1)
    const tiles = new SceneTiles()
    const map = () => randomMap(tiles, [randomTile('rgba8', random)], random, 1, 1, 1)
    const document = documentOf(256, 256, [
      raster('below', map()),
      raster('above', map(), { blendMode, opacity: 0.8 }),
    ])
    expectLikeOracle(document, tiles, blendMode, 3)
  })

  test('random trees of groups, masks, offsets and modes', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const { document, tiles } = randomScene(seed)
      expectLikeOracle(document, tiles, `seed ${seed}`)
    }
  })
})

describe('what must be exact', () => {
  const pixelsOf = ({ document, tiles }: Scene) =>
    composeRect(document, tiles, { x: 0, y: 0, ...document.canvas })

  function photo(seed: number): { tiles: SceneTiles; layer: Layer; bytes: Uint8Array } {
    const random = seeded(seed)
    const tiles = new SceneTiles()
    const tile = randomTile('rgba8', random)
    return { tiles, layer: raster('photo', { '0,0': tiles.add(tile) }), bytes: tile }
  }

  test('a single layer comes back byte for byte, colour under alpha 0 included', () => {
    const { tiles, layer, bytes } = photo(1)
    expect(pixelsOf({ document: documentOf(256, 256, [layer]), tiles })).toEqual(bytes)
    const grouped = group('group', [layer], { passThrough: false })
    expect(pixelsOf({ document: documentOf(256, 256, [grouped], [grouped, layer]), tiles })).toEqual(bytes)
  })

  test.each(BLEND_MODES)('%s leaves bytes where its alpha, its mask or its opacity is 0', (blendMode) => {
    const { tiles, layer, bytes } = photo(2)
    const random = seeded(3)
    const above = randomTile('rgba8', random)
    const mask = randomTile('gray8', random)
    const mapOf = (pixels: Uint8Array) => ({ '0,0': tiles.add(pixels) })
    const masked = raster('above', mapOf(above), {
      blendMode,
      opacity: 0.7,
      mask: { tiles: mapOf(mask), outside: 0, enabled: true },
    })
    const through = group('through', [masked], { passThrough: true, opacity: 0.6, mask: masked.mask })
    for (const [root, all] of [
      [
        [layer, masked],
        [layer, masked],
      ],
      [
        [layer, through],
        [layer, through, masked],
      ],
    ] as const) {
      const got = pixelsOf({ document: documentOf(256, 256, root, all), tiles })
      let compared = 0
      for (let i = 0; i < TILE_SIZE * TILE_SIZE; i++) {
        if (above[i * 4 + 3] !== 0 && mask[i] !== 0) continue
        compared++
        for (let c = i * 4; c < i * 4 + 4; c++)
          if (got[c] !== bytes[c]) expect.fail(`byte ${c} became ${got[c]}, was ${bytes[c]}`)
      }
      expect(compared).toBeGreaterThan(10_000)
    }
  })

  test('an opaque normal layer gives its bytes, over anything and under a full mask', () => {
    const { tiles, layer } = photo(4)
    const bytes = randomTile('rgba8', seeded(5))
    const top = raster(
      'top',
      { '0,0': tiles.add(bytes) },
      {
        mask: { tiles: { '0,0': tiles.add(new Uint8Array(65_536).fill(255)) }, outside: 0, enabled: true },
      },
    )
    const got = pixelsOf({ document: documentOf(256, 256, [layer, top]), tiles })
    for (let i = 0; i < bytes.length; i += 4)
      if (bytes[i + 3] === 255) expect(got.subarray(i, i + 4)).toEqual(bytes.subarray(i, i + 4))
  })

  test('a rectangle is the same cut out of the whole, wherever it lies', () => {
    const { document, tiles } = randomScene(11)
    const whole = composeRect(document, tiles, { x: -40, y: -40, width: 400, height: 400 })
    const random = seeded(12)
    for (let i = 0; i < 20; i++) {
      const x = Math.floor(random() * 300)
      const y = Math.floor(random() * 300)
      const width = 1 + Math.floor(random() * 99)
      const part = composeRect(document, tiles, { x: x - 40, y: y - 40, width, height: 30 })
      for (let row = 0; row < 30; row++) {
        const at = ((y + row) * 400 + x) * 4
        expect(part.subarray(row * width * 4, (row + 1) * width * 4)).toEqual(
          whole.subarray(at, at + width * 4),
        )
      }
    }
  })
})

describe('parts of a document', () => {
  test('only: the layers named, through the groups around them', () => {
    const random = seeded(20)
    const tiles = new SceneTiles()
    const map = () => randomMap(tiles, [randomTile('rgba8', random)], random, 1, 1, 1)
    const a = raster('a', map())
    const b = raster('b', map())
    const c = raster('c', map())
    const holder = group('holder', [b, c], { opacity: 0.5 })
    const document = documentOf(256, 256, [a, holder], [a, b, c, holder])
    const rect = { x: 0, y: 0, width: 256, height: 256 }
    const only = (...ids: string[]) =>
      composeRect(document, tiles, rect, { only: new Set(ids as unknown as LayerId[]) })
    const lone = { ...holder, children: [b.id] }
    expect(only('b')).toEqual(composeRect(documentOf(256, 256, [lone], [lone, b]), tiles, rect))
    expect(only('holder')).toEqual(composeRect(documentOf(256, 256, [holder], [holder, b, c]), tiles, rect))
    expect(only('a')).toEqual(composeRect(documentOf(256, 256, [a]), tiles, rect))
    expect(only()).toEqual(new Uint8Array(256 * 256 * 4))
  })

  test('pickColour weighs colour by alpha and knows nothing outside', () => {
    const tiles = new SceneTiles()
    const tile = new Uint8Array(256 * 256 * 4)
    tile.set([200, 100, 50, 255], 0)
    tile.set([0, 255, 0, 0], 4)
    const document = documentOf(256, 256, [raster('a', { '0,0': tiles.add(tile) })])
    expect(pickColour(document, tiles, 0, 0)).toEqual({ r: 200 / 255, g: 100 / 255, b: 50 / 255, a: 1 })
    expect(pickColour(document, tiles, 0, 0, 3)).toMatchObject({ r: 200 / 255, a: 0.25 })
    expect(pickColour(document, tiles, 9, 9)).toBeNull()
    expect(pickColour(document, tiles, -5, 0)).toBeNull()
  })
})
