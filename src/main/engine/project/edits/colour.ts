/**
 * Colours and pictures from outside in the numbers of the document.
 *
 * Invariant: intents speak sRGB, pictures speak their own profile; what is in a layer speaks the document's.
 */
import type { RgbColour } from '../../../../shared/intents.ts'
import type { ByteColour } from '../../imaging/brush-raster.ts'
import { createColourTransform } from '../../imaging/colour-profile-transform.ts'
import type { EditWork } from './context.ts'

/** An sRGB colour as the document's samples hold it, 0..255. */
export async function byteColour(work: EditWork, colour: RgbColour): Promise<ByteColour> {
  const bytes = Uint8Array.of(colour.r * 255 + 0.5, colour.g * 255 + 0.5, colour.b * 255 + 0.5)
  const transform = await createColourTransform(work.profile())
  try {
    const [r = 0, g = 0, b = 0] = transform.fromSrgb(bytes, 3)
    return { r, g, b }
  } finally {
    transform.close()
  }
}

/** Turns rgba8 pixels of a picture into the document's numbers. `close` it afterwards. */
export interface PictureColours {
  convert(rgba: Uint8Array): Uint8Array
  close(): void
}

/** @param icc the picture's profile; null for sRGB */
export async function pictureColours(work: EditWork, icc: Uint8Array | null): Promise<PictureColours> {
  const own = work.profile()
  if (sameBytes(icc, own)) return { convert: (rgba) => rgba, close: () => undefined }
  const from = await createColourTransform(icc)
  const to = await createColourTransform(own)
  return {
    convert: (rgba) => to.fromSrgb(from.toSrgb(rgba, 4), 4),
    close() {
      from.close()
      to.close()
    },
  }
}

function sameBytes(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null) return a === b
  return Buffer.compare(a, b) === 0
}
