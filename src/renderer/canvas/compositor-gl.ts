/**
 * Composes one cell of the document on the GPU, the same way as the engine's `composite.ts`: bottom to top, groups
 * isolated or passing through, masks, offsets, every blend mode, in 32-bit floats.
 *
 * Invariant: a cell is composed from tiles that are all there (`missing` says which are not), texel by texel, so at level 0
 * it is the exported picture within 1/255. Strokes in progress are laid on the bytes of what they paint on, where the
 * engine will lay them.
 */
import { offsetAt, type StackEntry, type StackMask, type StackRaster } from '../../shared/document/stack.ts'
import { contains, intersect, ORIGIN, type Point, type Rect } from '../../shared/geometry.ts'
import type { TileHash } from '../../shared/ids.ts'
import type { PixelFormat } from '../../shared/pixels.ts'
import { mipSide, TILE_SIZE, type TileMap, tileKey } from '../../shared/tiles.ts'
import { BelowCache } from './compositor-below.ts'
import type { CellPart } from './compositor-cells.ts'
import type { Target } from './gl-context.ts'
import type { Cover, Passes, Place, PlacedTile, Slice } from './gl-passes.ts'
import type { Stroke, StrokeLayer } from './stroke-layer-gl.ts'
import type { TileCache, TileNeed } from './tile-cache.ts'

/** What there is to compose. */
export interface Scene {
  readonly stack: readonly StackEntry[]
  readonly selection: TileMap | null
}

const NO_TILES: TileMap = {}
const WHOLE_CELL: Rect = { x: 0, y: 0, width: TILE_SIZE, height: TILE_SIZE }
/** Fewer layers than this below a painted one are composed as quickly as a kept cell is read. */
const WORTH_KEEPING = 2

export class Compositor {
  readonly #gl: WebGL2RenderingContext
  readonly #passes: Passes
  readonly #cache: TileCache
  readonly #strokes: StrokeLayer
  readonly #below: BelowCache

  constructor(gl: WebGL2RenderingContext, passes: Passes, cache: TileCache, strokes: StrokeLayer) {
    this.#gl = gl
    this.#passes = passes
    this.#cache = cache
    this.#strokes = strokes
    this.#below = new BelowCache((target) => passes.discard(target))
  }

  /** Adds the tiles that composing this part needs and that are not on the GPU. */
  missing({ stack, selection }: Scene, part: CellPart, into: TileNeed[]): void {
    for (let i = stack.length - 1; i >= 0; i--) {
      const entry = stack[i]!
      const offset = offsetAt(entry.offset, part.level)
      if (entry.mask) this.#missingIn(entry.mask.tiles, 'gray8', offset, part, into)
      if (entry.kind === 'group') this.missing({ stack: entry.children, selection }, part, into)
      else {
        this.#missingIn(entry.tiles, 'rgba8', offset, part, into)
        if (selection && this.#strokes.on('pixels', entry.id).length > 0)
          this.#missingIn(selection, 'gray8', ORIGIN, part, into)
        if (this.#hides(entry, part)) return
      }
    }
  }

  missingSelection({ selection }: Scene, part: CellPart, into: TileNeed[]): void {
    if (selection) this.#missingIn(selection, 'gray8', ORIGIN, part, into)
  }

  /** Composes a part of a cell into a byte target. All its tiles must be there. */
  compose(scene: Scene, part: CellPart, place: Place): void {
    if (!this.#strokes.any) this.#below.clear()
    const { entries } = this.#showing(scene.stack, part)
    const painted = entries.findIndex((entry) => this.#isPainted(entry))
    const kept = painted >= WORTH_KEEPING ? this.#keptBelow(scene, entries[painted]!, part) : null
    const laid = kept ? entries.slice(painted) : entries
    const last = laid.pop()
    if (!last) return this.#passes.clear(place, part.rect, 0)
    const below = this.#layAll(scene, laid, part, kept, kept)
    this.#lay(scene, last, part, below, place)
    if (below && below !== kept) this.#passes.giveBack(below)
  }

  dispose(): void {
    this.#below.clear()
  }

  /** What lies below an entry in a part's cell, the whole cell of it; null when it cannot be kept. */
  #keptBelow(scene: Scene, painted: StackEntry, part: CellPart): Target | null {
    return this.#below.get(scene, painted.id, part, () => {
      const whole = { ...part, rect: WHOLE_CELL }
      const under = { ...scene, stack: scene.stack.slice(0, scene.stack.indexOf(painted)) }
      const needs: TileNeed[] = []
      this.missing(under, whole, needs)
      if (needs.length > 0) return null
      return this.#layAll(under, this.#showing(under.stack, whole).entries, whole, null, null)
    })
  }

  #isPainted(entry: StackEntry): boolean {
    if (!this.#strokes.any) return false
    if (this.#strokes.on('mask', entry.id).length > 0) return true
    return entry.kind === 'group'
      ? entry.children.some((child) => this.#isPainted(child))
      : this.#strokes.on('pixels', entry.id).length > 0
  }

  /** The selection, with the strokes on it, into a gray target. */
  composeSelection({ selection }: Scene, part: CellPart, place: Place): void {
    const strokes = this.#strokes.on('selection')
    const slice = this.#bytes(selection ?? NO_TILES, 'gray8', ORIGIN, part, 0, 'selection', strokes, null)
    if (slice) this.#passes.blend(place, part.rect, slice, null, 'normal', { opacity: 1, mask: null })
    else this.#passes.clear(place, part.rect, 0)
  }

  /** The entries that make a part: those that change anything in it, from the topmost one that hides the rest. */
  #showing(stack: readonly StackEntry[], part: CellPart): { entries: StackEntry[]; hidesBackdrop: boolean } {
    const entries = stack.filter((entry) => this.#contributes(entry, part))
    const hiding = entries.findLastIndex((entry) => entry.kind === 'raster' && this.#hides(entry, part))
    return { entries: hiding > 0 ? entries.slice(hiding) : entries, hidesBackdrop: hiding >= 0 }
  }

  /**
   * Lays entries over each other. `given` belongs to the caller and is left as it is.
   * @returns a float target of the caller's, or `given` itself where there was no entry
   */
  #layAll(
    scene: Scene,
    entries: readonly StackEntry[],
    part: CellPart,
    backdrop: Target | null,
    given: Target | null,
  ): Target | null {
    let below = backdrop
    for (const entry of entries) {
      const target = this.#passes.takeFloat()
      this.#lay(scene, entry, part, below, { framebuffer: target.framebuffer, x: 0, y: 0 })
      if (below && below !== given) this.#passes.giveBack(below)
      below = target
    }
    return below
  }

  #lay(scene: Scene, entry: StackEntry, part: CellPart, below: Target | null, into: Place): void {
    const { rect } = part
    if (entry.kind === 'raster') {
      const strokes = this.#strokes.on('pixels', entry.id)
      const offset = offsetAt(entry.offset, part.level)
      const source = this.#bytes(entry.tiles, 'rgba8', offset, part, 0, 'source', strokes, scene.selection)
      const cover = this.#cover(entry, part)
      if (source && cover) this.#passes.blend(into, rect, source, below, entry.blendMode, cover)
      return
    }
    const { entries, hidesBackdrop } = this.#showing(entry.children, part)
    const given = entry.passThrough ? below : null
    const result = this.#layAll(scene, entries, part, hidesBackdrop ? null : given, given)
    // The mask comes last: its scratch target is the same for all layers.
    const cover = this.#cover(entry, part)
    if (!result || !cover) return
    if (entry.passThrough) this.#passes.mix(into, rect, result, below, cover)
    else this.#passes.blend(into, rect, result, below, entry.blendMode, cover)
    if (result !== given) this.#passes.giveBack(result)
  }

  /** Whether an entry changes anything in a part. What it says decides which steps are drawn, so it must be exact. */
  #contributes(entry: StackEntry, part: CellPart): boolean {
    if (this.#maskIsEmpty(entry, part)) return false
    if (entry.kind === 'group') return entry.children.some((child) => this.#contributes(child, part))
    if (this.#strokes.on('pixels', entry.id).length > 0) return true
    return tilesAt(entry.tiles, offsetAt(entry.offset, part.level), part).length > 0
  }

  #maskIsEmpty({ id, mask, offset }: StackEntry, part: CellPart): boolean {
    if (!mask || this.#strokes.on('mask', id).length > 0) return false
    return this.#uniformMask(mask, offsetAt(offset, part.level), part) === 0
  }

  /** The value a mask has all over a part, or null. */
  #uniformMask(mask: StackMask, offset: Point, part: CellPart): number | null {
    const found = tilesAt(mask.tiles, offset, part)
    const side = mipSide(part.level)
    const covered = found.reduce((sum, { x, y }) => sum + overlap(x, y, side, side, part.rect), 0)
    let value = covered < part.rect.width * part.rect.height ? mask.outside : null
    for (const { hash } of found) {
      const uniform = this.#cache.get(hash, 'gray8', part.level)?.uniform ?? null
      if (uniform === null || (value !== null && value !== uniform)) return null
      value = uniform
    }
    return value
  }

  /** Whether a layer's own bytes hide all that is below it in a part. */
  #hides(entry: StackRaster, part: CellPart): boolean {
    if (entry.blendMode !== 'normal' || entry.opacity < 1) return false
    const offset = offsetAt(entry.offset, part.level)
    if (entry.mask) {
      if (this.#strokes.on('mask', entry.id).length > 0) return false
      if (this.#uniformMask(entry.mask, offset, part) !== 255) return false
    }
    if (this.#strokes.on('pixels', entry.id).some(({ start }) => start.mode === 'erase')) return false
    let covered = 0
    for (const place of tilesAt(entry.tiles, offset, part)) {
      const tile = this.#cache.get(place.hash, 'rgba8', part.level)
      if (!tile) return false
      covered += overlap(place.x, place.y, tile.opaqueWidth, tile.opaqueHeight, part.rect)
    }
    return covered === part.rect.width * part.rect.height
  }

  #cover(entry: StackEntry, part: CellPart): Cover | null {
    const { mask, opacity } = entry
    if (!mask) return { opacity, mask: null }
    const offset = offsetAt(entry.offset, part.level)
    const strokes = this.#strokes.on('mask', entry.id)
    const uniform = strokes.length > 0 ? null : this.#uniformMask(mask, offset, part)
    if (uniform !== null) return uniform === 0 ? null : { opacity: (opacity * uniform) / 255, mask: null }
    const slice = this.#bytes(mask.tiles, 'gray8', offset, part, mask.outside, 'mask', strokes, null)
    return slice && { opacity, mask: slice }
  }

  /** The bytes of a layer, a mask or the selection in a part, with the strokes on them; null where there are none. */
  #bytes(
    map: TileMap,
    format: PixelFormat,
    offset: Point,
    part: CellPart,
    outside: number,
    name: string,
    strokes: readonly Stroke[],
    selection: TileMap | null,
  ): Slice | null {
    const { level, x, y, rect } = part
    let slice = this.#gathered(map, format, offset, part, outside, `${name} 0`, strokes.length > 0)
    let turn = 1
    for (const stroke of strokes) {
      const cover = this.#strokes.cover(stroke, level, x, y)
      if (!cover || !slice) continue
      const { mode, colour, brush } = stroke.start
      const limits = format === 'rgba8' && selection
      const mask = limits ? this.#bytes(limits, 'gray8', ORIGIN, part, 0, 'limit', [], null) : null
      if (limits && !mask) continue
      const target = this.#target(`${name} ${turn}`, format)
      const limit = { opacity: brush.opacity, mask }
      this.#passes.stroke(target, rect, slice, format === 'gray8', {
        cover,
        erase: mode === 'erase',
        colour,
        limit,
      })
      slice = { texture: target.texture, x: 0, y: 0, slice: 0 }
      turn = turn === 1 ? 2 : 1
    }
    return slice
  }

  /** The tiles of a map in a part as one slice: the tile itself where one covers all of it. */
  #gathered(
    map: TileMap,
    format: PixelFormat,
    offset: Point,
    part: CellPart,
    outside: number,
    name: string,
    always: boolean,
  ): Slice | null {
    const { level, rect } = part
    const side = mipSide(level)
    const placed: PlacedTile[] = []
    for (const { hash, x, y } of tilesAt(map, offset, part)) {
      const tile = this.#cache.get(hash, format, level)
      if (tile) placed.push({ tile, x, y })
    }
    if (placed.length === 0 && !always && outside === 0) return null
    const first = placed[0]
    if (first && contains({ x: first.x, y: first.y, width: side, height: side }, rect))
      return { texture: first.tile.page.texture, x: first.x, y: first.y, slice: first.tile.slice }
    const target = this.#target(name, format)
    this.#passes.clear({ framebuffer: target.framebuffer, x: 0, y: 0 }, rect, outside / 255)
    if (placed.length > 0) this.#passes.tiles(target, rect, side, placed)
    return { texture: target.texture, x: 0, y: 0, slice: 0 }
  }

  #target(name: string, format: PixelFormat): Target {
    return this.#passes.scratch(`${name} ${format}`, format === 'rgba8' ? this.#gl.RGBA8 : this.#gl.R8)
  }

  #missingIn(map: TileMap, format: PixelFormat, offset: Point, part: CellPart, into: TileNeed[]): void {
    for (const { hash } of tilesAt(map, offset, part))
      if (!this.#cache.get(hash, format, part.level)) into.push({ hash, format, level: part.level })
  }
}

interface TileAt {
  readonly hash: TileHash
  /** Its top left corner in the cell. */
  readonly x: number
  readonly y: number
}

/** The tiles of a map that touch a part of a cell. */
function tilesAt(map: TileMap, offset: Point, { level, x, y, rect }: CellPart): TileAt[] {
  const side = mipSide(level)
  const dx = offset.x - x * TILE_SIZE
  const dy = offset.y - y * TILE_SIZE
  const found: TileAt[] = []
  const tx1 = Math.floor((rect.x + rect.width - 1 - dx) / side)
  const ty1 = Math.floor((rect.y + rect.height - 1 - dy) / side)
  for (let ty = Math.floor((rect.y - dy) / side); ty <= ty1; ty++)
    for (let tx = Math.floor((rect.x - dx) / side); tx <= tx1; tx++) {
      const hash = map[tileKey(tx, ty)]
      if (hash) found.push({ hash, x: tx * side + dx, y: ty * side + dy })
    }
  return found
}

/** Pixels that two rectangles share. */
function overlap(x: number, y: number, width: number, height: number, rect: Rect): number {
  const shared = intersect({ x, y, width, height }, rect)
  return shared.width * shared.height
}
