/**
 * Small documents for testing composition: tiles kept in memory, seeded random pixels and random layer trees.
 */
import { createHash } from 'node:crypto'
import type { TileReader } from '../../src/main/engine/imaging/tile-access.ts'
import {
  BLEND_MODES,
  type Document,
  emptyDocument,
  type GroupLayer,
  LAYER_DEFAULTS,
  type Layer,
  type LayerMask,
  type RasterLayer,
} from '../../src/shared/document/model.ts'
import type { LayerId, TileHash } from '../../src/shared/ids.ts'
import { BYTES_PER_PIXEL, type PixelFormat } from '../../src/shared/pixels.ts'
import { TILE_SIZE, type TileKey, type TileMap, tileKey } from '../../src/shared/tiles.ts'

export class SceneTiles implements TileReader {
  readonly tiles = new Map<TileHash, Uint8Array>()

  add(pixels: Uint8Array): TileHash {
    const hash = createHash('sha256').update(pixels).digest('hex') as TileHash
    this.tiles.set(hash, pixels)
    return hash
  }

  read(hash: TileHash): Uint8Array {
    const pixels = this.tiles.get(hash)
    if (!pixels) throw new Error(`no tile ${hash}`)
    return pixels
  }
}

/** A seeded generator of numbers 0..1 (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** A tile of random samples, of which a third are 0 or 255, where formulas have their corners. */
export function randomTile(format: PixelFormat, random: () => number): Uint8Array {
  const extreme = () => (random() < 0.34 ? (random() < 0.5 ? 0 : 255) : Math.floor(random() * 256))
  return Uint8Array.from({ length: TILE_SIZE * TILE_SIZE * BYTES_PER_PIXEL[format] }, extreme)
}

/** A tile map over tiles [0, columns) x [0, rows) of which about `fill` are there. */
export function randomMap(
  tiles: SceneTiles,
  pool: readonly Uint8Array[],
  random: () => number,
  columns = 2,
  rows = 2,
  fill = 0.8,
): TileMap {
  const map: Record<TileKey, TileHash> = {}
  for (let ty = 0; ty < rows; ty++)
    for (let tx = 0; tx < columns; tx++)
      if (random() < fill) map[tileKey(tx, ty)] = tiles.add(pool[Math.floor(random() * pool.length)]!)
  return map
}

export function raster(id: string, tiles: TileMap, change: Partial<RasterLayer> = {}): RasterLayer {
  return {
    ...LAYER_DEFAULTS,
    kind: 'raster',
    id: id as LayerId,
    name: id,
    tiles,
    request: null,
    ...change,
  }
}

export function group(id: string, children: readonly Layer[], change: Partial<GroupLayer> = {}): GroupLayer {
  return {
    ...LAYER_DEFAULTS,
    kind: 'group',
    id: id as LayerId,
    name: id,
    children: children.map((child) => child.id),
    passThrough: false,
    ...change,
  }
}

/** A document of a tree of layers; `all` holds every layer, `root` the ones at its root, bottom first. */
export function documentOf(
  width: number,
  height: number,
  root: readonly Layer[],
  all: readonly Layer[] = root,
): Document {
  return {
    ...emptyDocument({ width, height }, { name: 'sRGB', hash: null }),
    root: root.map((layer) => layer.id),
    layers: Object.fromEntries(all.map((layer) => [layer.id, layer])),
  }
}

export interface Scene {
  readonly document: Document
  readonly tiles: SceneTiles
}

/** A random tree of about eight layers: groups of both kinds, masks, offsets, opacities and every blend mode. */
export function randomScene(seed: number, width = 300, height = 280): Scene {
  const random = seeded(seed)
  const tiles = new SceneTiles()
  const colours = Array.from({ length: 3 }, () => randomTile('rgba8', random))
  const opaque = colours.map((tile) => tile.map((value, i) => (i % 4 === 3 ? 255 : value)))
  const masks = Array.from({ length: 2 }, () => randomTile('gray8', random))
  const all: Layer[] = []
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!

  const mask = (): LayerMask | null =>
    random() < 0.5
      ? null
      : {
          tiles: randomMap(tiles, masks, random, 2, 2, 0.7),
          outside: random() < 0.5 ? 0 : 255,
          enabled: random() < 0.85,
        }
  const properties = (plain: boolean) => ({
    visible: random() < 0.92,
    opacity: plain || random() < 0.4 ? 1 : random(),
    blendMode: plain ? ('normal' as const) : pick(BLEND_MODES),
    offset:
      plain || random() < 0.3
        ? { x: 0, y: 0 }
        : { x: Math.floor(random() * 300) - 150, y: Math.floor(random() * 300) - 150 },
    mask: plain ? null : mask(),
  })
  const build = (depth: number, count: number): Layer[] =>
    Array.from({ length: count }, (_, index) => {
      const id = `layer-${all.length}-${depth}-${index}`
      if (depth < 2 && index > 0 && random() < 0.4) {
        const children = build(depth + 1, 2)
        const layer = group(id, children, { ...properties(false), passThrough: random() < 0.5 })
        all.push(layer)
        return layer
      }
      const bottom = depth === 0 && index === 0
      const pool = bottom && random() < 0.6 ? opaque : colours
      const layer = raster(id, randomMap(tiles, pool, random, 2, 2, bottom ? 1 : 0.8), properties(bottom))
      all.push(layer)
      return layer
    })
  const root = build(0, 4)
  return { document: documentOf(width, height, root, all), tiles }
}
