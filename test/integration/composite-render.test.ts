import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { composeRect } from '../../src/main/engine/imaging/composite.ts'
import { renderDocument } from '../../src/main/engine/imaging/export-render.ts'
import { MipCache } from '../../src/main/engine/imaging/mipmap.ts'
import { thumbnailPng } from '../../src/main/engine/imaging/thumbnail.ts'
import type { LayerId, TileHash } from '../../src/shared/ids.ts'
import {
  documentOf,
  randomMap,
  randomScene,
  randomTile,
  raster,
  SceneTiles,
  seeded,
} from '../support/compose-scene.ts'

function wideDocument() {
  const tiles = new SceneTiles()
  const random = seeded(50)
  const pool = Array.from({ length: 6 }, () => randomTile('rgba8', random))
  const layer = (id: string, x: number, y: number) =>
    raster(id, randomMap(tiles, pool, random, 20, 3, 0.9), { offset: { x, y }, opacity: 0.7 })
  const document = documentOf(4700, 600, [layer('a', 0, 0), layer('b', -37, 11), layer('c', 100, -90)])
  return { document, tiles }
}

describe('rendering on threads', () => {
  test('gives the bytes that one thread gives, and progress that never falls', async () => {
    for (const { document, tiles } of [randomScene(31), randomScene(32), wideDocument()]) {
      const steps: number[] = []
      const got = await renderDocument(document, tiles, { onProgress: (fraction) => steps.push(fraction) })
      const want = composeRect(document, tiles, { x: 0, y: 0, ...document.canvas })
      expect(Buffer.compare(got, want)).toBe(0)
      expect(steps).toEqual(steps.toSorted((a, b) => a - b))
      expect(steps.at(-1)).toBe(1)
    }
  })

  test('stops when it is cancelled', async () => {
    const { document, tiles } = wideDocument()
    const abort = new AbortController()
    const work = renderDocument(document, tiles, { signal: abort.signal, onProgress: () => abort.abort() })
    await expect(work).rejects.toMatchObject({ code: 'cancelled' })
  })

  test('passes on what the reader throws, and goes on working afterwards', async () => {
    const { document, tiles } = randomScene(33)
    const broken = {
      read(): Uint8Array {
        throw new Error('the disk is gone')
      },
    }
    await expect(renderDocument(document, broken)).rejects.toThrow('the disk is gone')
    const got = await renderDocument(document, tiles)
    expect(Buffer.compare(got, composeRect(document, tiles, { x: 0, y: 0, ...document.canvas }))).toBe(0)
  })

  test('lets the process end while its threads are idle', () => {
    const script = `
      import { renderDocument } from '../../src/main/engine/imaging/export-render.ts'
      import { randomScene } from '../support/compose-scene.ts'
      const { document, tiles } = randomScene(34)
      console.log((await renderDocument(document, tiles)).length)
    `
    const here = fileURLToPath(new URL('.', import.meta.url))
    const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: here,
      encoding: 'utf8',
      timeout: 30_000,
    })
    expect(out.trim()).toBe(String(300 * 280 * 4))
  })
})

describe('thumbnails', () => {
  test('show the picture, a layer and a mask, small', async () => {
    const tiles = new SceneTiles()
    const red = new Uint8Array(256 * 256 * 4)
    for (let i = 0; i < red.length; i += 4) red.set([255, 0, 0, 255], i)
    const half = new Uint8Array(256 * 256)
    half.fill(255, 0, 128 * 256)
    const mask = { tiles: { '0,0': tiles.add(half) } as const, outside: 0 as const, enabled: true }
    const layer = raster('red', { '0,0': tiles.add(red), '1,0': tiles.add(red) }, { mask, visible: true })
    const document = documentOf(512, 256, [layer])
    const reader = new MipCache(tiles)
    const id = 'red' as LayerId
    const read = async (png: Uint8Array) => await sharp(png).raw().toBuffer({ resolveWithObject: true })

    const picture = await read(await thumbnailPng(document, reader, 'picture', 64))
    expect([picture.info.width, picture.info.height]).toEqual([64, 32])
    expect(Array.from(picture.data.subarray(0, 4))).toEqual([255, 0, 0, 255])
    expect(picture.data[(31 * 64 + 5) * 4 + 3]).toBe(0)

    const own = await read(await thumbnailPng(document, reader, { layer: id }, 64))
    expect(Array.from(own.data.subarray((31 * 64 + 60) * 4))).toEqual([
      255, 0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 255,
    ])

    const shape = await read(await thumbnailPng(document, reader, { mask: id }, 64))
    const at = (x: number, y: number) => shape.data[(y * 64 + x) * shape.info.channels]
    expect([at(2, 2), at(2, 30), at(60, 2)]).toEqual([255, 0, 0])
  })

  test('are made in pieces that fit together, and others get their turn between them', async () => {
    const tiles = new SceneTiles()
    const random = seeded(12)
    const map = Object.fromEntries(
      Array.from({ length: 8 }, (_, i) => [`${i % 4},${i >> 2}`, tiles.add(randomTile('rgba8', random))]),
    )
    const layers = [
      raster('below', map, { visible: true }),
      raster('above', map, { visible: true, offset: { x: -37, y: 50 }, blendMode: 'multiply' }),
    ]
    const document = documentOf(1024, 512, layers)
    let reads = 0
    const slow = {
      read(hash: TileHash) {
        reads++
        for (const until = performance.now() + 3; performance.now() < until; );
        return tiles.read(hash)
      },
    }
    let working = true
    const readsAtTurns: number[] = []
    const turn = (): void => {
      readsAtTurns.push(reads)
      if (working) setImmediate(turn)
    }
    setImmediate(turn)
    const png = await thumbnailPng(document, slow, 'picture', 256)
    working = false
    expect(readsAtTurns.filter((count) => count > 0 && count < reads).length).toBeGreaterThan(3)
    const rect = { x: 0, y: 0, width: 256, height: 128 }
    expect(await sharp(png).raw().toBuffer()).toEqual(
      Buffer.from(composeRect(document, tiles, rect, { level: 2 })),
    )
  })

  test('say so when there is nothing to show', async () => {
    const { document, tiles } = randomScene(35)
    await expect(thumbnailPng(document, tiles, { layer: 'gone' as LayerId }, 32)).rejects.toMatchObject({
      code: 'document.conflict',
    })
  })
})
