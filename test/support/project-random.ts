/**
 * Random documents and edits for fuzz tests.
 *
 * Invariant: everything comes from one seed, which the test prints, so a failure can be run again: set `INLAY_SEED`.
 */
import { apply } from '../../src/shared/document/apply.ts'
import type { Change, Command, LayerProperties, TileChanges } from '../../src/shared/document/commands.ts'
import {
  BLEND_MODES,
  childrenOf,
  type Document,
  type GroupLayer,
  LAYER_DEFAULTS,
  type Layer,
  type LayerPlace,
  placeOf,
  type RasterLayer,
  subtreeOf,
} from '../../src/shared/document/model.ts'
import type { CommandId, LayerId, TileHash } from '../../src/shared/ids.ts'
import type { PixelFormat } from '../../src/shared/pixels.ts'
import { type TileKey, type TileMap, tileEntries, tileKey } from '../../src/shared/tiles.ts'

/** Seeds for a fuzz test: the one in `INLAY_SEED`, or `count` new ones. */
export function seeds(count: number): number[] {
  const given = process.env['INLAY_SEED']
  if (given) return [Number(given)]
  return Array.from({ length: count }, () => Math.floor(Math.random() * 2 ** 31))
}

/** A small generator of random numbers (mulberry32) with what the tests need on top. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** 0 up to but not including 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from `low` up to and including `high`. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1))
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(from: readonly T[]): T {
    return from[this.int(0, from.length - 1)] as T
  }

  id(): string {
    return Array.from({ length: 10 }, () => this.pick([...'abcdefghijklmnopqrstuvwxyz0123456789_-'])).join('')
  }
}

/** Where the tiles of random edits come from: real ones in a project, names only in a pure test. */
export type TileSource = (format: PixelFormat) => TileHash

export function nameOnlyTiles(random: Random): TileSource {
  return () => Array.from({ length: 64 }, () => random.pick([...'0123456789abcdef'])).join('') as TileHash
}

/** Makes edits that fit a document. */
export class RandomEdits {
  readonly #random: Random
  readonly #tile: TileSource

  constructor(random: Random, tile: TileSource) {
    this.#random = random
    this.#tile = tile
  }

  command(document: Document): Command {
    return {
      id: this.#random.id() as CommandId,
      label: this.#random.pick(['Brush stroke', 'Mask', 'Rename layer', 'Drop “shadow”', '編集']),
      origin: this.#random.pick(['brush', 'layer', 'select', 'crop-tool']),
      changes: this.changes(document),
    }
  }

  /** One to four changes, each fitting the document after the ones before it. */
  changes(document: Document): Change[] {
    const changes: Change[] = []
    let now = document
    for (let left = this.#random.int(1, 4); left > 0; left--) {
      const change = this.change(now)
      now = apply(now, { changes: [change] })
      changes.push(change)
    }
    return changes
  }

  change(document: Document): Change {
    const layers = Object.values(document.layers) as Layer[]
    if (layers.length === 0) return this.#insert(document)
    const layer = this.#random.pick(layers)
    switch (this.#random.int(0, layers.length > 14 ? 9 : 7)) {
      case 0:
        return this.#insert(document)
      case 1:
        return this.#move(document, layer)
      case 2:
      case 3:
        return this.#set(layer)
      case 4:
      case 5:
        return this.#patch(layer) ?? this.#set(layer)
      case 6:
        return this.#select(document)
      case 7:
        return { type: 'canvas.set', v: 1, before: document.canvas, after: this.#canvas() }
      default:
        return this.#delete(document, layer)
    }
  }

  #canvas(): { width: number; height: number } {
    return { width: this.#random.int(1, 3000), height: this.#random.int(1, 3000) }
  }

  #insert(document: Document): Change {
    const layers = this.#tree(2)
    return { type: 'layer.insert', v: 1, place: this.#place(document), layers }
  }

  #delete(document: Document, layer: Layer): Change {
    const place = placeOf(document, layer.id) as LayerPlace
    return { type: 'layer.delete', v: 1, place, layers: subtreeOf(document, layer.id) }
  }

  #move(document: Document, layer: Layer): Change {
    const before = placeOf(document, layer.id) as LayerPlace
    const inside = new Set(subtreeOf(document, layer.id).map((l) => l.id))
    const parents: (LayerId | null)[] = [null]
    for (const other of Object.values(document.layers) as Layer[])
      if (other.kind === 'group' && !inside.has(other.id)) parents.push(other.id)
    const parent = this.#random.pick(parents)
    const room = (childrenOf(document, parent) ?? []).filter((id) => id !== layer.id).length
    return {
      type: 'layer.move',
      v: 1,
      id: layer.id,
      before,
      after: { parent, index: this.#random.int(0, room) },
    }
  }

  #set(layer: Layer): Change {
    const after = this.#properties(layer)
    const before = Object.fromEntries(Object.keys(after).map((key) => [key, layer[key as keyof Layer]]))
    return { type: 'layer.set', v: 1, id: layer.id, before: before as LayerProperties, after }
  }

  #properties(layer: Layer): LayerProperties {
    const random = this.#random
    const all: LayerProperties = {
      name: random.pick(['Sky', 'Ciel', '空', '', '<b>"quoted"</b>']),
      visible: random.chance(0.5),
      locked: random.chance(0.2),
      opacity: random.next(),
      blendMode: random.pick(BLEND_MODES),
      offset: { x: random.int(-2000, 2000), y: random.int(-2000, 2000) },
      mask: random.chance(0.5) ? null : this.#mask(),
      ...(layer.kind === 'group' ? { passThrough: random.chance(0.5) } : {}),
    }
    const kept = Object.entries(all).filter(() => random.chance(0.3))
    return Object.fromEntries(kept) as LayerProperties
  }

  #patch(layer: Layer): Change | null {
    const planes: ('pixels' | 'mask')[] = []
    if (layer.kind === 'raster') planes.push('pixels')
    if (layer.mask) planes.push('mask')
    if (planes.length === 0) return null
    const plane = this.#random.pick(planes)
    const map = plane === 'mask' ? (layer.mask?.tiles ?? {}) : (layer as RasterLayer).tiles
    const tiles = this.#pairs(map, plane === 'mask' ? 'gray8' : 'rgba8')
    return { type: 'pixels.patch', v: 1, id: layer.id, plane, tiles }
  }

  #select(document: Document): Change {
    const before = document.selection?.bounds ?? null
    const map = document.selection?.tiles ?? {}
    if (document.selection && this.#random.chance(0.3)) {
      const tiles: TileChanges = Object.fromEntries(
        tileEntries(map).map(([key, hash]) => [key, [hash, null] as const]),
      )
      return { type: 'selection.patch', v: 1, before, after: null, tiles }
    }
    const after = { x: this.#random.int(-50, 50), y: 0, width: this.#random.int(1, 900), height: 7 }
    return { type: 'selection.patch', v: 1, before, after, tiles: this.#pairs(map, 'gray8') }
  }

  #pairs(map: TileMap, format: PixelFormat): TileChanges {
    const pairs: Record<TileKey, [TileHash | null, TileHash | null]> = {}
    for (let left = this.#random.int(1, 4); left > 0; left--) {
      const key = this.#key()
      pairs[key] = [map[key] ?? null, this.#random.chance(0.25) ? null : this.#tile(format)]
    }
    return pairs
  }

  #tree(depth: number): Layer[] {
    if (depth === 0 || this.#random.chance(0.6)) return [this.#raster()]
    const branches = Array.from({ length: this.#random.int(0, 3) }, () => this.#tree(depth - 1))
    const group: GroupLayer = {
      ...this.#base(),
      kind: 'group',
      passThrough: this.#random.chance(0.5),
      children: branches.map((branch) => (branch[0] as Layer).id),
    }
    return [group, ...branches.flat()]
  }

  #raster(): RasterLayer {
    return { ...this.#base(), kind: 'raster', tiles: this.#map('rgba8'), request: null }
  }

  #base(): Omit<GroupLayer, 'kind' | 'children' | 'passThrough'> {
    const id = this.#random.id() as LayerId
    return {
      ...LAYER_DEFAULTS,
      id,
      name: `Layer ${id}`,
      mask: this.#random.chance(0.3) ? this.#mask() : null,
    }
  }

  #mask(): NonNullable<Layer['mask']> {
    return { tiles: this.#map('gray8'), outside: this.#random.pick([0, 255] as const), enabled: true }
  }

  #map(format: PixelFormat): TileMap {
    const keys = Array.from({ length: this.#random.int(0, 3) }, () => this.#key())
    return Object.fromEntries(keys.map((key) => [key, this.#tile(format)]))
  }

  #key(): TileKey {
    return tileKey(this.#random.int(-2, 2), this.#random.int(-1, 1))
  }

  #place(document: Document): LayerPlace {
    const parents: (LayerId | null)[] = [null]
    for (const layer of Object.values(document.layers) as Layer[])
      if (layer.kind === 'group') parents.push(layer.id)
    const parent = this.#random.pick(parents)
    return { parent, index: this.#random.int(0, childrenOf(document, parent)?.length ?? 0) }
  }
}
