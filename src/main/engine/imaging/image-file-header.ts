/**
 * What can be known about a picture without decoding it.
 *
 * Invariant: nothing of a picture is decoded before `readHeader` has returned: its size is within `MAX_SIDE` and
 * `MAX_PIXELS`, its samples are of a kind whose meaning is certain, and its orientation is 1..8.
 */
import type { Metadata } from 'sharp'
import { InlayError } from '../../../shared/errors.ts'
import { requireOpenableSize, unreadable } from './image-file-errors.ts'
import { sharp } from './image-file-sharp.ts'
import { type OpenableFormat, sniffFormat, unsupported } from './image-file-sniff.ts'
import type { PictureBytes } from './image-file-source.ts'
import { readTiffFacts } from './image-file-tiff.ts'

/** How the samples are to be read: as RGB or grey numbers that are kept, or as a colour space that is converted. */
export type ColourModel = 'rgb' | 'grey' | 'cmyk' | 'lab'

export interface PictureHeader {
  readonly format: OpenableFormat
  /** Size as stored, before the orientation is applied. */
  readonly storedWidth: number
  readonly storedHeight: number
  /** EXIF orientation, 1..8; 1 where the format has none or the decoder turns the picture itself. */
  readonly orientation: number
  readonly model: ColourModel
  /** Channels as decoded, alpha included: 1..5. */
  readonly channels: number
  readonly hasAlpha: boolean
  /** Alpha is multiplied into the colours as stored (TIFF's associated alpha). */
  readonly isPremultiplied: boolean
  /** Bits a sample is stored with, 1..16. */
  readonly bitsPerSample: number
  /** Frames or pages in the file; we open the first. */
  readonly frames: number
  /** Raw metadata blocks, as the decoder found them. */
  readonly blocks: Pick<Metadata, 'icc' | 'exif' | 'xmp' | 'iptc' | 'tifftagPhotoshop'>
}

const MODELS: Readonly<Record<string, ColourModel>> = {
  srgb: 'rgb',
  rgb: 'rgb',
  rgb16: 'rgb',
  'b-w': 'grey',
  grey16: 'grey',
  cmyk: 'cmyk',
  lab: 'lab',
  labs: 'lab',
}

const COLOUR_CHANNELS: Readonly<Record<ColourModel, number>> = { rgb: 3, grey: 1, cmyk: 4, lab: 3 }

/** @throws InlayError `image.unreadable`, `image.too-large` or `image.unsupported`. */
export async function readHeader(picture: PictureBytes): Promise<PictureHeader> {
  const format = sniffFormat(picture)
  if (format === 'png') requireSanePng(picture)
  const tiff = format === 'tiff' ? readTiffFacts(picture) : undefined
  if (tiff) {
    if (tiff.isCameraRaw) throw unsupported(picture.label, 'camera raw')
    requireOpenableSize(picture.label, tiff.width, tiff.height)
  }
  const found = await readMetadata(picture)
  const width = found.width
  const height = found.height
  if (!(width > 0 && height > 0)) throw unreadable(picture.label)
  requireOpenableSize(picture.label, width, height)
  const model = modelOf(picture, found)
  return {
    format,
    storedWidth: width,
    storedHeight: height,
    orientation: orientationOf(format, found.orientation),
    model,
    channels: found.channels,
    hasAlpha: found.hasAlpha,
    isPremultiplied: tiff?.isPremultiplied === true && found.hasAlpha,
    bitsPerSample: found.depth === 'uchar' ? 8 : (found.bitsPerSample ?? 16),
    frames: found.pages ?? 1,
    blocks: found,
  }
}

async function readMetadata(picture: PictureBytes): Promise<Metadata> {
  try {
    // The pixel limit is ours to check: the decoder's own message would not carry the numbers.
    return await sharp(picture.input, { limitInputPixels: false, failOn: 'error' }).metadata()
  } catch (cause) {
    if (/image dimension|exceeds|too large/i.test(String(cause))) {
      throw new InlayError(
        'image.too-large',
        `${picture.label} claims more pixels than its format allows; Inlay opens up to 100 megapixels.`,
        { cause },
      )
    }
    throw unreadable(picture.label, cause)
  }
}

/** The decoder spends minutes on a PNG that claims two thousand million pixels a side, so we read its size first. */
function requireSanePng(picture: PictureBytes): void {
  const head = picture.read(0, 24)
  if (head.byteLength < 24) throw unreadable(picture.label)
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  if (view.getUint32(12) !== 0x49484452) throw unreadable(picture.label)
  const width = view.getUint32(16)
  const height = view.getUint32(20)
  if (width === 0 || height === 0) throw unreadable(picture.label)
  requireOpenableSize(picture.label, width, height)
}

/** @throws InlayError `image.unsupported` when it would be a guess what the samples mean. */
function modelOf(picture: PictureBytes, found: Metadata): ColourModel {
  const model = MODELS[found.space]
  const isKnownDepth =
    found.depth === 'uchar' || found.depth === 'ushort' || (model === 'lab' && found.depth !== 'double')
  if (model === undefined || !isKnownDepth) {
    const what = `${found.space} picture with ${found.depth} samples`
    throw new InlayError(
      'image.unsupported',
      `${picture.label} is a ${what}, which Inlay does not open; save it as 8-bit or 16-bit RGB first.`,
    )
  }
  if (found.channels !== COLOUR_CHANNELS[model] + (found.hasAlpha ? 1 : 0)) {
    throw new InlayError(
      'image.unsupported',
      `${picture.label} has ${found.channels} channels, more than Inlay opens; save it without extra channels first.`,
    )
  }
  return model
}

/** AVIF carries its turning in the container and the decoder applies it: an EXIF orientation there is only a memory. */
function orientationOf(format: OpenableFormat, orientation: number | undefined): number {
  if (format === 'avif' || orientation === undefined) return 1
  return Number.isInteger(orientation) && orientation >= 1 && orientation <= 8 ? orientation : 1
}
