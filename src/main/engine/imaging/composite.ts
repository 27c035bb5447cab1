/**
 * Composition: the picture that a document's layers make. This is the truth: exports come from here, and the screen is
 * tested against it.
 *
 * Invariant (law 2 rests on it): bytes that nothing covers are returned as they are. Where a layer's alpha x mask x
 * opacity is 0 the backdrop keeps its bytes, translucent or not; where an opaque layer covers in normal mode its bytes
 * come out; the lowest layer at a place passes unchanged. All else is computed in floating point and rounded once.
 *
 * The work goes block by block (256 pixels square, on the document's grid), so memory does not grow with the picture
 * and most blocks are one tile that is only copied.
 */
import type { Document } from '../../../shared/document/model.ts'
import { offsetAt, type StackEntry, type StackRaster, stackOf } from '../../../shared/document/stack.ts'
import { intersect, isEmpty, type Rect, rectOf } from '../../../shared/geometry.ts'
import type { LayerId } from '../../../shared/ids.ts'
import type { Colour } from '../../../shared/pixels.ts'
import { tileRect, tilesIn } from '../../../shared/tiles.ts'
import {
  type Block,
  blendOver,
  type Coverage,
  EMPTY_BLOCK,
  mixBlocks,
  writeBlock,
} from './composite-blend.ts'
import { gather, isOpaque, type Sampler, uniformValue } from './composite-source.ts'
import type { MipReader } from './mipmap.ts'
import type { TileReader } from './tile-access.ts'

export interface ComposeOptions {
  /** Mipmap level, 0..8; the rectangle is then given in that level's pixels (2^level document pixels wide). */
  readonly level?: number
  /**
   * Only these layers take part (a group among them with all it holds), through the groups around them. For other
   * partial pictures compose a changed document: it is plain data.
   */
  readonly only?: ReadonlySet<LayerId>
}

/** Where rows are written: `data[at]` is the rectangle's first byte, `stride` the bytes from row to row. */
export interface PixelTarget {
  readonly data: Uint8Array
  readonly at: number
  readonly stride: number
}

/**
 * Composes a rectangle, which may reach beyond the canvas: layers do not end there.
 * @returns straight rgba8, row-major, 4 x width x height bytes
 * @throws InlayError `project.damaged` from the reader when a tile cannot be read
 */
export function composeRect(
  document: Document,
  tiles: TileReader | MipReader,
  rect: Rect,
  options: ComposeOptions = {},
): Uint8Array {
  const data = new Uint8Array(rect.width * rect.height * 4)
  composeInto(stackOf(document, options.only), { tiles, level: options.level ?? 0 }, rect, {
    data,
    at: 0,
    stride: rect.width * 4,
  })
  return data
}

/** Composes a resolved stack into a target whose bytes are 0; see `composeRect`. */
export function composeInto(
  stack: readonly StackEntry[],
  sampler: Sampler,
  rect: Rect,
  target: PixelTarget,
): void {
  for (const { tx, ty } of tilesIn(rect)) {
    const part = intersect(rect, tileRect(tx, ty))
    const block = composeStack(stack, EMPTY_BLOCK, sampler, part)
    const at = target.at + (part.y - rect.y) * target.stride + (part.x - rect.x) * 4
    writeBlock(block, part.width, target.data, at, target.stride)
  }
}

/**
 * The colour under a point, averaged over a square of `size` pixels around it, weighted by alpha.
 * @returns straight colour in the document's own numbers; null where all is transparent or outside the canvas
 */
export function pickColour(
  document: Document,
  tiles: TileReader,
  x: number,
  y: number,
  size = 1,
): Colour | null {
  const reach = size >> 1
  const square = { x: x - reach, y: y - reach, width: size, height: size }
  const rect = intersect(square, rectOf(document.canvas))
  if (isEmpty(rect)) return null
  const pixels = composeRect(document, tiles, rect)
  let [r, g, b, a] = [0, 0, 0, 0]
  for (let i = 0; i < pixels.length; i += 4) {
    const alpha = pixels[i + 3]!
    r += pixels[i]! * alpha
    g += pixels[i + 1]! * alpha
    b += pixels[i + 2]! * alpha
    a += alpha
  }
  if (a === 0) return null
  return { r: r / a / 255, g: g / a / 255, b: b / a / 255, a: a / (pixels.length / 4) / 255 }
}

/** What one entry of the stack brings to a block; null coverage means that nothing of it shows there. */
interface Contribution {
  readonly coverage: Coverage | null
  readonly source: Block
}

function composeStack(stack: readonly StackEntry[], backdrop: Block, sampler: Sampler, rect: Rect): Block {
  const pixels = rect.width * rect.height
  const seen: (Contribution | undefined)[] = new Array(stack.length)
  let block = backdrop
  let start = 0
  // Nothing below an opaque layer shows, so look for the topmost one first.
  for (let i = stack.length - 1; i >= 0; i--) {
    const entry = stack[i]!
    if (entry.kind !== 'raster' || entry.blendMode !== 'normal' || entry.opacity < 1) continue
    const part = contribution(entry, sampler, rect)
    seen[i] = part
    if (part.coverage?.mask === null && part.source.kind === 'bytes' && isOpaque(part.source.data)) {
      block = EMPTY_BLOCK
      start = i
      break
    }
  }
  for (let i = start; i < stack.length; i++) {
    const entry = stack[i]!
    if (entry.kind === 'raster') {
      const { coverage, source } = seen[i] ?? contribution(entry, sampler, rect)
      if (coverage) block = blendOver(block, source, entry.blendMode, coverage, pixels)
      continue
    }
    const coverage = coverageOf(entry, sampler, rect)
    if (!coverage) continue
    if (entry.passThrough) {
      const under = block
      const result = composeStack(entry.children, ownCopy(under), sampler, rect)
      block = mixBlocks(under, result, coverage, pixels)
    } else {
      const group = composeStack(entry.children, EMPTY_BLOCK, sampler, rect)
      block = blendOver(block, group, entry.blendMode, coverage, pixels)
    }
  }
  return block
}

function contribution(entry: StackRaster, sampler: Sampler, rect: Rect): Contribution {
  const coverage = coverageOf(entry, sampler, rect)
  if (!coverage) return { coverage, source: EMPTY_BLOCK }
  const data = gather(sampler, entry.tiles, 'rgba8', offsetAt(entry.offset, sampler.level), rect, 0)
  return { coverage, source: data ? { kind: 'bytes', data } : EMPTY_BLOCK }
}

/** How much of an entry counts in a block; null for nothing. A mask that is full all over is no mask. */
function coverageOf({ mask, opacity, offset }: StackEntry, sampler: Sampler, rect: Rect): Coverage | null {
  if (!mask) return { opacity, mask: null }
  const samples = gather(sampler, mask.tiles, 'gray8', offsetAt(offset, sampler.level), rect, mask.outside)
  const uniform = samples ? uniformValue(samples) : mask.outside
  if (uniform === 0) return null
  return { opacity, mask: uniform === 255 ? null : (samples ?? null) }
}

function ownCopy(block: Block): Block {
  return block.kind === 'floats' ? { kind: 'floats', data: block.data.slice() } : block
}
