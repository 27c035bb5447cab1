/**
 * From a picture's bytes to one buffer of straight RGBA numbers.
 *
 * Invariant: RGB and grey numbers come out as they are stored (16 bit reduced as floor(v / 257 + 1/2)); only CMYK and
 * Lab are converted, to sRGB. A TIFF's associated alpha is separated by the decoder, within one level. The decoder
 * streams, so that no second copy of the picture exists beside the result.
 */
import { InlayError } from '../../../shared/errors.ts'
import { MAX_PIXELS } from '../../../shared/pixels.ts'
import { unreadable } from './image-file-errors.ts'
import type { PictureHeader } from './image-file-header.ts'
import { sharp } from './image-file-sharp.ts'

/** A picture of 100 megapixels decodes in seconds; one that takes minutes is made to waste time. */
const DEADLINE_S = 300

/**
 * @returns storedWidth x storedHeight x 4 bytes, not yet turned; alpha 255 where the picture has none.
 * @throws InlayError `image.unreadable` for damaged or truncated data.
 */
export async function decodeStored(
  input: string | Uint8Array,
  label: string,
  header: PictureHeader,
): Promise<Uint8Array> {
  const keepsNumbers = header.model === 'rgb' || header.model === 'grey'
  try {
    let pipeline = sharp(input, {
      failOn: 'error',
      limitInputPixels: MAX_PIXELS,
      sequentialRead: true,
      ignoreIcc: keepsNumbers,
    })
    if (keepsNumbers && header.bitsPerSample > 8) {
      const scale = Array<number>(header.channels).fill(scaleTo8Bit(header))
      pipeline = pipeline.linear(scale, Array<number>(header.channels).fill(128))
    }
    const { data, info } = await pipeline
      .timeout({ seconds: DEADLINE_S })
      .toColourspace('srgb')
      .ensureAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true })
    if (info.width !== header.storedWidth || info.height !== header.storedHeight || info.channels !== 4) {
      throw new Error(`The decoder gave ${info.width} x ${info.height} x ${info.channels}.`)
    }
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  } catch (cause) {
    if (cause instanceof InlayError) throw cause
    throw unreadable(label, cause)
  }
}

/**
 * The decoder drops the low byte of 16 bits, which rounds down. With v * 256/257 + 128 before it, what remains is
 * floor(v / 257 + 1/2). Samples of 9 to 15 bits (AVIF) arrive shifted to the top: their white is below 65,535.
 */
function scaleTo8Bit({ bitsPerSample, format }: PictureHeader): number {
  const bits = format === 'avif' ? bitsPerSample : 16
  const white = (2 ** bits - 1) * 2 ** (16 - bits)
  return (255 * 256) / white
}
