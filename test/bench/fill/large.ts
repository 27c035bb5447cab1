/** How long a large hole in a large photograph takes, from the context's pixels to the filled ones. */
import { performance } from 'node:perf_hooks'
import { type FillRequest, fillContext } from '../../../src/main/engine/imaging/fill.ts'
import { patchFill } from '../../../src/main/engine/imaging/patch-fill/patch-fill.ts'
import { cut } from '../../support/fill-scenes.ts'
import { MEGAPIXELS_12, MEGAPIXELS_24, mosaic, type PictureSize } from '../../support/pictures.ts'

export async function benchLarge(threads: number | undefined): Promise<void> {
  console.log('\nlarge photographs                           seconds   limit')
  await measure('512 x 512 hole in 12 megapixels', MEGAPIXELS_12, 512, 512, 10, threads)
  await measure('1500 x 1000 hole in 24 megapixels', MEGAPIXELS_24, 1500, 1000, undefined, threads)
}

async function measure(
  what: string,
  picture: PictureSize,
  width: number,
  height: number,
  limit: number | undefined,
  threads: number | undefined,
): Promise<void> {
  // A third from the left and half from the top: across photographs of the mosaic, hard to continue.
  const bounds = {
    x: Math.floor(picture.width / 3),
    y: Math.floor((picture.height - height) / 2),
    width,
    height,
  }
  const request = await readContext(picture, bounds)
  const start = performance.now()
  await patchFill(request, threads === undefined ? {} : { threads })
  const seconds = (performance.now() - start) / 1000
  const verdict =
    limit === undefined ? '' : `${String(limit).padStart(8)}  ${seconds <= limit ? 'ok' : 'OVER'}`
  console.log(what.padEnd(42) + seconds.toFixed(2).padStart(9) + verdict)
}

async function readContext(
  picture: PictureSize,
  bounds: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
): Promise<FillRequest> {
  const context = fillContext(bounds, picture)
  const whole = await mosaic(picture)
  const rgb = new Uint8Array(context.width * context.height * 3)
  for (let y = 0; y < context.height; y++) {
    const from = ((context.y + y) * picture.width + context.x) * 3
    rgb.set(whole.subarray(from, from + context.width * 3), y * context.width * 3)
  }
  const hole = new Uint8Array(context.width * context.height)
  cut(hole, context.width, { ...bounds, x: bounds.x - context.x, y: bounds.y - context.y })
  return { width: context.width, height: context.height, rgb, hole, seed: 1 }
}
