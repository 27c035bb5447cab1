/**
 * Keeps the outline of the selection ready for drawing, at the detail the view needs.
 *
 * Invariant: the outline is that of the latest selection that has been traced; a newer request makes older answers void. Only what is in sight (with a margin) is traced, so that a selection of a whole 100-megapixel picture
 * costs no more than the window's size.
 */
import type { Document } from '../../shared/document/model.ts'
import { inflate, intersect, isEmpty, type Rect, rectOf } from '../../shared/geometry.ts'
import type { TileHash } from '../../shared/ids.ts'
import { mipLevelFor, mipSide, TILE_SIZE } from '../../shared/tiles.ts'
import type { Placement } from './canvas-view.ts'
import { assembleMask, hashesIn, type Loop, traceOutline } from './selection-outline.ts'

type FetchTiles = (hashes: readonly TileHash[], level: number) => Promise<Map<TileHash, Uint8Array>>

/** Tiles kept for the next tracing: one changed tile must not fetch the others again. */
const MAX_KEPT_BYTES = 32 << 20
const MAX_PER_CALL = 1024
/** More corners than this stand still: drawing them over and over would slow down everything else. */
const MAX_MARCHING = 60_000

export class SelectionAnts {
  #loops: readonly Loop[] = []
  #corners = 0
  /** The path last made, and where it was made for. */
  #path: { readonly place: Placement; readonly pixelRatio: number; readonly path: Path2D } | null = null
  readonly #fetchTiles: FetchTiles
  readonly #changed: () => void
  #kept = new Map<string, Uint8Array>()
  #wanted = ''
  #selection: Document['selection'] = null

  constructor(fetchTiles: FetchTiles, changed: () => void) {
    this.#fetchTiles = fetchTiles
    this.#changed = changed
  }

  /** Whether there is an outline that is simple enough to be animated. */
  get marches(): boolean {
    return this.#corners > 0 && this.#corners <= MAX_MARCHING
  }

  /** The outline in CSS pixels, its sides on the grid of device pixels; null where there is none. */
  pathAt(place: Placement, pixelRatio: number): Path2D | null {
    if (this.#corners === 0) return null
    const made = this.#path
    if (
      made?.pixelRatio === pixelRatio &&
      made.place.scale === place.scale &&
      made.place.x === place.x &&
      made.place.y === place.y
    )
      return made.path
    const path = pathOf(this.#loops, place, pixelRatio)
    this.#path = { place, pixelRatio, path }
    return path
  }

  /** `zoom` is device pixels per document pixel, `visible` the document's part in sight; call it at every frame. */
  update({ selection, canvas }: Document, zoom: number, visible: Rect): void {
    if (!selection) return this.#clear()
    const level = mipLevelFor(zoom)
    const region = this.#region(intersect(selection.bounds, rectOf(canvas)), visible)
    const key = `${level} ${region.x} ${region.y} ${region.width} ${region.height}`
    if (selection === this.#selection && key === this.#wanted) return
    this.#selection = selection
    this.#wanted = key
    void this.#trace(selection, region, level).catch(() => {
      // The line was lost: the next frame asks again.
      if (this.#selection === selection) this.#wanted = ''
    })
  }

  /** The part to trace: whole if it is small, else in steps of half a window, so that small pans change nothing. */
  #region(bounds: Rect, visible: Rect): Rect {
    const step = Math.max(TILE_SIZE, 2 ** Math.ceil(Math.log2(Math.max(visible.width, visible.height) / 2)))
    const margin = inflate(visible, step)
    const x = Math.floor(margin.x / step) * step
    const y = Math.floor(margin.y / step) * step
    const right = Math.ceil((margin.x + margin.width) / step) * step
    const bottom = Math.ceil((margin.y + margin.height) / step) * step
    return intersect(bounds, { x, y, width: right - x, height: bottom - y })
  }

  async #trace(selection: NonNullable<Document['selection']>, region: Rect, level: number): Promise<void> {
    const hashes = hashesIn(selection.tiles, region)
    const bytes = await this.#load(hashes, level)
    if (this.#selection !== selection) return
    const loops = isEmpty(region) ? [] : traceOutline(assembleMask(selection.tiles, region, level, bytes))
    this.#set(loops)
  }

  async #load(hashes: readonly TileHash[], level: number): Promise<Map<TileHash, Uint8Array>> {
    const missing = [...new Set(hashes)].filter((hash) => !this.#kept.has(`${level} ${hash}`))
    for (let i = 0; i < missing.length; i += MAX_PER_CALL) {
      const answer = await this.#fetchTiles(missing.slice(i, i + MAX_PER_CALL), level)
      for (const [hash, tile] of answer) this.#kept.set(`${level} ${hash}`, tile)
    }
    const found = new Map<TileHash, Uint8Array>()
    for (const hash of hashes) {
      const tile = this.#kept.get(`${level} ${hash}`)
      if (tile) found.set(hash, tile)
    }
    this.#forget(found, level)
    return found
  }

  /** Drops what this tracing did not use once there is too much. */
  #forget(used: ReadonlyMap<TileHash, Uint8Array>, level: number): void {
    if (this.#kept.size * mipSide(level) ** 2 <= MAX_KEPT_BYTES) return
    this.#kept = new Map([...used].map(([hash, tile]) => [`${level} ${hash}`, tile]))
  }

  #clear(): void {
    this.#selection = null
    this.#wanted = ''
    if (this.#corners > 0) this.#set([])
  }

  #set(loops: readonly Loop[]): void {
    this.#loops = loops
    this.#corners = loops.reduce((sum, loop) => sum + loop.length / 2, 0)
    this.#path = null
    this.#changed()
  }
}

/** Every corner in the middle of a device pixel: there a line one pixel wide is sharp. */
function pathOf(loops: readonly Loop[], { scale, x, y }: Placement, pixelRatio: number): Path2D {
  const path = new Path2D()
  const snap = (value: number) => (Math.floor(value * pixelRatio) + 0.5) / pixelRatio
  for (const loop of loops) {
    path.moveTo(snap(loop[0]! * scale + x), snap(loop[1]! * scale + y))
    for (let i = 2; i < loop.length; i += 2)
      path.lineTo(snap(loop[i]! * scale + x), snap(loop[i + 1]! * scale + y))
    path.closePath()
  }
  return path
}
