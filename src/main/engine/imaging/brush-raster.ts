/**
 * Dabs to pixels: how much a stroke covers, tile by tile, and what that does to pixels and masks.
 *
 * Invariant: the cover of a stroke is computed with `dabCoverage` and `accumulate` (src/shared/brush.ts) in 32-bit
 * floats, in the order of the dabs, so a tile's cover does not depend on what else is painted; one tile is in memory at
 * a time. A pixel that is covered by 0 keeps its bytes.
 */
import { type Dab, dabProfile, dabReach } from '../../../shared/brush.ts'
import { intersect, isEmpty, outerRect, type Rect } from '../../../shared/geometry.ts'
import { TILE_SIZE, tilesIn } from '../../../shared/tiles.ts'
import { type Gray, grayAt } from './mask-source.ts'

const TILE_PIXELS = TILE_SIZE * TILE_SIZE

/** A colour in the document's numbers, 0..255 with fractions. */
export interface ByteColour {
  readonly r: number
  readonly g: number
  readonly b: number
}

export interface TileDabs {
  readonly tx: number
  readonly ty: number
  readonly dabs: readonly Dab[]
}

/** Whole pixels a dab may touch. */
export function dabRect(dab: Dab): Rect {
  const reach = dabReach(dab)
  return outerRect(dab.x - reach, dab.y - reach, dab.x + reach, dab.y + reach)
}

/** Sorts dabs by the tiles they touch inside `limit`; dabs and limit are in the tiles' own coordinates. */
export function dabsByTile(dabs: readonly Dab[], limit: Rect): TileDabs[] {
  const sorted = new Map<string, { tx: number; ty: number; dabs: Dab[] }>()
  for (const dab of dabs) {
    const rect = intersect(dabRect(dab), limit)
    if (isEmpty(rect) || dab.flow <= 0) continue
    for (const { tx, ty } of tilesIn(rect)) {
      const key = `${tx},${ty}`
      let tile = sorted.get(key)
      if (!tile) {
        tile = { tx, ty, dabs: [] }
        sorted.set(key, tile)
      }
      tile.dabs.push(dab)
    }
  }
  return [...sorted.values()]
}

/** Room for one tile's cover, to be used for one tile after the other. */
export function createCover(): Float32Array {
  return new Float32Array(TILE_PIXELS)
}

/** Computes what the dabs cover of their tile, 0..1, into `cover`. */
export function renderCover({ tx, ty, dabs }: TileDabs, cover: Float32Array): void {
  cover.fill(0)
  for (let i = lastFull(dabs, tx * TILE_SIZE, ty * TILE_SIZE); i < dabs.length; i++)
    renderDab(dabs[i]!, tx * TILE_SIZE, ty * TILE_SIZE, cover)
}

/** The last dab that fills the whole tile: what was painted before it no longer matters. */
function lastFull(dabs: readonly Dab[], left: number, top: number): number {
  for (let i = dabs.length - 1; i > 0; i--) {
    const { x, y, radius, hardness, flow } = dabs[i]!
    const { inner, gain } = dabProfile(radius, hardness)
    if (flow < 1 || gain < 1) continue
    const dx = Math.max(Math.abs(left - x), Math.abs(left + TILE_SIZE - x))
    const dy = Math.max(Math.abs(top - y), Math.abs(top + TILE_SIZE - y))
    if (dx * dx + dy * dy <= inner * inner) return i
  }
  return 0
}

function renderDab(dab: Dab, left: number, top: number, cover: Float32Array): void {
  const { inner, outer, softness, gain } = dabProfile(dab.radius, dab.hardness)
  const cx = dab.x - left - 0.5
  const cy = dab.y - top - 0.5
  const strength = dab.flow * gain
  const scale = 1 / (outer - inner)
  const straight = 1 - softness
  /** Samples first..last of a row, outside the core. Distances stay between inner and outer, so nothing is clamped. */
  const fall = (row: number, first: number, last: number, dy2: number): void => {
    for (let x = first; x <= last; x++) {
      const before = cover[row + x]!
      const dx = x - cx
      const t = (Math.sqrt(dx * dx + dy2) - inner) * scale
      const profile = 1 - t * (straight + softness * t * (3 - 2 * t))
      cover[row + x] = before + (1 - before) * strength * profile
    }
  }
  const y1 = Math.min(TILE_SIZE - 1, Math.floor(cy + outer))
  for (let y = Math.max(0, Math.ceil(cy - outer)); y <= y1; y++) {
    const dy2 = (y - cy) * (y - cy)
    const half = Math.sqrt(Math.max(0, outer * outer - dy2))
    const x0 = Math.max(0, Math.ceil(cx - half))
    const x1 = Math.min(TILE_SIZE - 1, Math.floor(cx + half))
    const row = y * TILE_SIZE
    const core = inner * inner > dy2 ? Math.sqrt(inner * inner - dy2) : -1
    const core0 = Math.max(x0, Math.ceil(cx - core))
    const core1 = Math.min(x1, Math.floor(cx + core))
    if (core < 0 || core0 > core1) {
      fall(row, x0, x1, dy2)
      continue
    }
    fall(row, x0, core0 - 1, dy2)
    if (strength >= 1) cover.fill(1, row + core0, row + core1 + 1)
    else for (let i = row + core0; i <= row + core1; i++) cover[i] = cover[i]! + (1 - cover[i]!) * strength
    fall(row, core1 + 1, x1, dy2)
  }
}

/** What a stroke does where it covers: lays a colour over, or takes alpha away. */
export type PixelPaint = { readonly mode: 'paint'; readonly colour: ByteColour } | { readonly mode: 'erase' }

/**
 * Paints on a copy of an rgba8 tile (null for an empty one).
 * @param cover 0..1 a pixel @param opacity 0..1 @param limit which pixels may change, and how much
 * @returns the new tile, or null when nothing changed
 */
export function paintPixels(
  tile: Uint8Array | null,
  cover: Float32Array,
  opacity: number,
  limit: Gray,
  paint: PixelPaint,
): Uint8Array | null {
  if (limit === 0) return null
  const out = tile ? tile.slice() : new Uint8Array(TILE_PIXELS * 4)
  let changed = false
  for (let i = 0; i < TILE_PIXELS; i++) {
    if (cover[i] === 0) continue
    const alpha = cover[i]! * opacity * (limit === 255 ? 1 : limit[i]! / 255)
    if (alpha === 0) continue
    if (paint.mode === 'erase') changed = eraseAt(out, 4 * i, alpha) || changed
    else changed = layOver(out, 4 * i, alpha, paint.colour) || changed
  }
  return changed ? out : null
}

/** Straight-alpha source-over in floating point, rounded once. @returns whether the pixel changed */
function layOver(out: Uint8Array, at: number, alpha: number, colour: ByteColour): boolean {
  const r0 = out[at]!
  const g0 = out[at + 1]!
  const b0 = out[at + 2]!
  const a0 = out[at + 3]!
  const total = alpha + (a0 / 255) * (1 - alpha)
  const a = (total * 255 + 0.5) | 0
  if (a === 0) return false
  const share = a0 === 255 ? alpha : alpha / total
  const r = (r0 + (colour.r - r0) * share + 0.5) | 0
  const g = (g0 + (colour.g - g0) * share + 0.5) | 0
  const b = (b0 + (colour.b - b0) * share + 0.5) | 0
  if (r === r0 && g === g0 && b === b0 && a === a0) return false
  out[at] = r
  out[at + 1] = g
  out[at + 2] = b
  out[at + 3] = a
  return true
}

/** Lowers alpha; a pixel that becomes transparent loses its colour too. @returns whether the pixel changed */
function eraseAt(out: Uint8Array, at: number, alpha: number): boolean {
  const before = out[at + 3]!
  const after = Math.floor(before * (1 - alpha) + 0.5)
  if (after === before) return false
  if (after === 0) out.fill(0, at, at + 4)
  else out[at + 3] = after
  return true
}

/**
 * Paints on a copy of a gray8 tile: towards 255 or, erasing, towards 0.
 * @param tile the tile, or the value of all its samples @returns the new tile, or null when nothing changed
 */
export function paintMask(
  tile: Gray,
  cover: Float32Array,
  opacity: number,
  limit: Gray,
  mode: 'paint' | 'erase',
): Uint8Array | null {
  if (limit === 0) return null
  const out = typeof tile === 'number' ? new Uint8Array(TILE_PIXELS).fill(tile) : tile.slice()
  const target = mode === 'paint' ? 255 : 0
  let changed = false
  for (let i = 0; i < TILE_PIXELS; i++) {
    if (cover[i] === 0) continue
    const alpha = cover[i]! * opacity * (grayAt(limit, i) / 255)
    const before = out[i]!
    const after = Math.floor(before + (target - before) * alpha + 0.5)
    out[i] = after
    changed ||= after !== before
  }
  return changed ? out : null
}
