/**
 * The pixel loops of composition: one block of the picture and what is laid over it.
 *
 * Invariant: a block is straight colour, and says how much is known about it: nothing there, bytes as they came from a
 * tile, or numbers 0..1. Bytes are turned into floats only when something really changes them, so whatever is not
 * covered keeps its bytes. Byte blocks are never written to; a float block belongs to whoever holds it.
 */
import { BLEND_FORMULAS } from '../../../shared/blend.ts'
import type { BlendMode } from '../../../shared/document/model.ts'

export type Block =
  | { readonly kind: 'empty' }
  | { readonly kind: 'bytes'; readonly data: Uint8Array }
  | { readonly kind: 'floats'; readonly data: Float64Array }

export const EMPTY_BLOCK: Block = { kind: 'empty' }

/** How much of a source counts: its opacity, times a mask sample where there is a mask (gray8, one a pixel). */
export interface Coverage {
  readonly opacity: number
  readonly mask: Uint8Array | null
}

const TO_UNIT = 1 / 255

/** @returns floats that may be written to; `pixels` is the size of an empty block. */
export function ownFloats(block: Block, pixels: number): Float64Array {
  if (block.kind === 'floats') return block.data
  const out = new Float64Array(pixels * 4)
  if (block.kind === 'bytes') for (let i = 0; i < out.length; i++) out[i] = block.data[i]! * TO_UNIT
  return out
}

/** Lays `source` over `backdrop`; floats of either are used up. */
export function blendOver(
  backdrop: Block,
  source: Block,
  mode: BlendMode,
  coverage: Coverage,
  pixels: number,
): Block {
  if (source.kind === 'empty') return backdrop
  if (backdrop.kind === 'empty') return covered(source, coverage, pixels)
  const out = ownFloats(backdrop, pixels)
  const scale = source.kind === 'bytes' ? TO_UNIT : 1
  const formula = BLEND_FORMULAS[mode]
  if (mode === 'normal') normalOver(out, source.data, scale, coverage)
  else if (formula.kind === 'separable') separableOver(out, source.data, scale, coverage, formula.blend)
  else nonSeparableOver(out, source.data, scale, coverage, formula.blend)
  return { kind: 'floats', data: out }
}

/** A source over nothing is itself, with its alpha lowered. */
function covered(source: Block, { opacity, mask }: Coverage, pixels: number): Block {
  if (opacity === 1 && !mask) return source
  const out = ownFloats(source, pixels)
  for (let i = 3, p = 0; i < out.length; i += 4, p++)
    out[i] = out[i]! * (mask ? mask[p]! * TO_UNIT * opacity : opacity)
  return { kind: 'floats', data: out }
}

function normalOver(
  out: Float64Array,
  source: Uint8Array | Float64Array,
  scale: number,
  { opacity, mask }: Coverage,
): void {
  for (let i = 0, p = 0; i < out.length; i += 4, p++) {
    const cover = mask ? mask[p]! * TO_UNIT * opacity : opacity
    const alpha = source[i + 3]! * scale * cover
    if (alpha <= 0) continue
    const under = out[i + 3]!
    const total = alpha + under * (1 - alpha)
    const share = alpha >= 1 || under <= 0 ? 1 : alpha / total
    out[i] = out[i]! * (1 - share) + source[i]! * scale * share
    out[i + 1] = out[i + 1]! * (1 - share) + source[i + 1]! * scale * share
    out[i + 2] = out[i + 2]! * (1 - share) + source[i + 2]! * scale * share
    out[i + 3] = total
  }
}

function separableOver(
  out: Float64Array,
  source: Uint8Array | Float64Array,
  scale: number,
  { opacity, mask }: Coverage,
  blend: (b: number, s: number) => number,
): void {
  for (let i = 0, p = 0; i < out.length; i += 4, p++) {
    const cover = mask ? mask[p]! * TO_UNIT * opacity : opacity
    const alpha = source[i + 3]! * scale * cover
    if (alpha <= 0) continue
    const under = out[i + 3]!
    const total = alpha + under * (1 - alpha)
    const share = alpha >= 1 || under <= 0 ? 1 : alpha / total
    for (let c = i; c < i + 3; c++) {
      const s = source[c]! * scale
      const b = out[c]!
      out[c] = b * (1 - share) + (s * (1 - under) + blend(b, s) * under) * share
    }
    out[i + 3] = total
  }
}

function nonSeparableOver(
  out: Float64Array,
  source: Uint8Array | Float64Array,
  scale: number,
  { opacity, mask }: Coverage,
  blend: (br: number, bg: number, bb: number, sr: number, sg: number, sb: number, out: Float64Array) => void,
): void {
  const mixed = new Float64Array(3)
  for (let i = 0, p = 0; i < out.length; i += 4, p++) {
    const cover = mask ? mask[p]! * TO_UNIT * opacity : opacity
    const alpha = source[i + 3]! * scale * cover
    if (alpha <= 0) continue
    const under = out[i + 3]!
    const total = alpha + under * (1 - alpha)
    const share = alpha >= 1 || under <= 0 ? 1 : alpha / total
    const sr = source[i]! * scale
    const sg = source[i + 1]! * scale
    const sb = source[i + 2]! * scale
    blend(out[i]!, out[i + 1]!, out[i + 2]!, sr, sg, sb, mixed)
    out[i] = out[i]! * (1 - share) + (sr * (1 - under) + mixed[0]! * under) * share
    out[i + 1] = out[i + 1]! * (1 - share) + (sg * (1 - under) + mixed[1]! * under) * share
    out[i + 2] = out[i + 2]! * (1 - share) + (sb * (1 - under) + mixed[2]! * under) * share
    out[i + 3] = total
  }
}

/**
 * What a pass-through group with opacity or a mask leaves: between the backdrop and the backdrop with the group on it
 * (which is used up), as far as the group counts. Alpha weighs colour, as everywhere.
 */
export function mixBlocks(
  backdrop: Block,
  result: Block,
  { opacity, mask }: Coverage,
  pixels: number,
): Block {
  const out = ownFloats(result, pixels)
  const before = backdrop.kind === 'empty' ? null : backdrop.data
  const scale = backdrop.kind === 'bytes' ? TO_UNIT : 1
  for (let i = 0, p = 0; i < out.length; i += 4, p++) {
    const t = mask ? mask[p]! * TO_UNIT * opacity : opacity
    if (t >= 1) continue
    const under = before ? before[i + 3]! * scale : 0
    const over = out[i + 3]!
    const total = under * (1 - t) + over * t
    const share = t <= 0 || total <= 0 ? 0 : (over * t) / total
    for (let c = i; c < i + 3; c++) out[c] = out[c]! * share + (before ? before[c]! * scale : 0) * (1 - share)
    out[i + 3] = total
  }
  return { kind: 'floats', data: out }
}

/** Rounds a block into rows of a straight rgba8 picture. `at` is its first byte there, `stride` the picture's row. */
export function writeBlock(block: Block, width: number, out: Uint8Array, at: number, stride: number): void {
  if (block.kind === 'empty') return
  const { data } = block
  const row = width * 4
  for (let i = 0, o = at; i < data.length; i += row, o += stride) {
    if (block.kind === 'bytes') out.set(block.data.subarray(i, i + row), o)
    else
      for (let k = 0; k < row; k++) {
        const value = data[i + k]! * 255 + 0.5
        out[o + k] = value <= 0 ? 0 : value >= 255 ? 255 : value
      }
  }
}
