/** Pictures and holes for the fill's tests. */
import sharp from 'sharp'
import type { FillRequest } from '../../src/main/engine/imaging/fill.ts'
import { photo } from './pictures.ts'

/** A crop of a test photograph, shrunk by half first, as `width * height * 3` bytes. */
export async function photoCrop(
  name: string,
  box: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
): Promise<Uint8Array> {
  const half = await sharp(photo(name)).resize({ width: 640 }).removeAlpha().toBuffer()
  return new Uint8Array(await sharp(half).extract(box).raw().toBuffer())
}

/** Marks a rectangle of a hole. */
export function cut(
  hole: Uint8Array,
  width: number,
  box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
): void {
  for (let y = box.y; y < box.y + box.height; y++)
    hole.fill(255, y * width + box.x, y * width + box.x + box.width)
}

/** The request with what is under the hole painted over, so that a fill which looks there gives itself away. */
export function blinded(request: FillRequest): FillRequest {
  const rgb = Uint8Array.from(request.rgb)
  for (let i = 0; i < request.hole.length; i++) if (request.hole[i]! > 0) rgb.set([255, 0, 255], 3 * i)
  return { ...request, rgb }
}

/** Peak signal-to-noise ratio over the hole, in decibels. */
export function holePsnr(hole: Uint8Array, a: Uint8Array, b: Uint8Array): number {
  let sum = 0
  let count = 0
  for (let i = 0; i < hole.length; i++) {
    if (hole[i] === 0) continue
    for (let c = 3 * i; c < 3 * i + 3; c++) sum += (a[c]! - b[c]!) ** 2
    count += 3
  }
  return 10 * Math.log10(255 ** 2 / (sum / count))
}

/** The picture with its hole in the mean colour of the rest: the least a fill has to beat. */
export function meanFill({ rgb, hole }: FillRequest): Uint8Array {
  const sums = [0, 0, 0]
  let count = 0
  for (let i = 0; i < hole.length; i++) {
    if (hole[i]! > 0) continue
    count++
    for (let c = 0; c < 3; c++) sums[c]! += rgb[3 * i + c]!
  }
  const filled = Uint8Array.from(rgb)
  const mean = sums.map((sum) => Math.round(sum / count))
  for (let i = 0; i < hole.length; i++) if (hole[i]! > 0) filled.set(mean, 3 * i)
  return filled
}
