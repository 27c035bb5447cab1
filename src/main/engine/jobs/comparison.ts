/**
 * Pictures of what a model saw and made, to be laid side by side.
 *
 * Invariant: all are sRGB and of one size, the model's own up to `MOST_PIXELS`, so eight candidates' take some tens of
 * megabytes at most.
 */
import type { Rect, Size } from '../../../shared/geometry.ts'
import { sharp } from '../imaging/image-file-sharp.ts'
import { resampleRgb } from '../imaging/resample.ts'
import type { Comparison } from './candidate-store.ts'

const MOST_PIXELS = 1_500_000

export async function comparisonOf(
  pictures: { readonly original: Uint8Array; readonly made: Uint8Array; readonly plain: Uint8Array | null },
  size: Size,
  at: Rect,
): Promise<Comparison> {
  const scale = Math.min(1, Math.sqrt(MOST_PIXELS / (size.width * size.height)))
  const shown = {
    width: Math.max(1, Math.floor(size.width * scale)),
    height: Math.max(1, Math.floor(size.height * scale)),
  }
  const png = async (rgb: Uint8Array) => smallPng(await resampleRgb(rgb, size, shown), shown)
  return {
    original: await png(pictures.original),
    made: await png(pictures.made),
    plain: pictures.plain && (await png(pictures.plain)),
    at,
  }
}

/** @param rgb width * height * 3 bytes of sRGB */
export async function smallPng(rgb: Uint8Array, { width, height }: Size): Promise<Uint8Array> {
  return sharp(rgb, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 3 })
    .toBuffer()
}
