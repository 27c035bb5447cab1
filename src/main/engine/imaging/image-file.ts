/**
 * Opening pictures: the one door through which foreign pixels come in.
 *
 * Invariant: `openImage` decodes nothing; it has checked the size, the kind of samples and the profile, and lists in
 * `notices` everything that will not come in exactly as it is in the file. Whatever goes wrong is one `InlayError`.
 */
import { readProfileHeader } from './colour-profile.ts'
import { greyToSrgb, isUsableRgbProfile } from './colour-profile-transform.ts'
import { decodeStored } from './image-file-decode.ts'
import { type PictureHeader, readHeader } from './image-file-header.ts'
import { noticesOf } from './image-file-notices.ts'
import { type PicturePixels, pixelsOf } from './image-file-pixels.ts'
import type { OpenableFormat } from './image-file-sniff.ts'
import { openBytes } from './image-file-source.ts'
import type { ImageMetadata } from './metadata.ts'
import { readMetadataBlocks } from './metadata-read.ts'

export interface ImageSource {
  /** Size after the orientation is applied, within `MAX_SIDE` and `MAX_PIXELS`. */
  readonly width: number
  readonly height: number
  readonly format: OpenableFormat
  readonly hasAlpha: boolean
  /** The RGB profile the numbers belong to; null when untagged or converted, which both mean sRGB. */
  readonly icc: Uint8Array | null
  /** The profile's name, `sRGB` where there is none. */
  readonly profileName: string
  /** As in the file, the old orientation included; the encoder corrects it. */
  readonly metadata: ImageMetadata
  /** Sentences for the person about what was converted, reduced or left out. */
  readonly notices: readonly string[]
  /** Bytes of the file. */
  readonly byteLength: number
  /** Decodes the picture for cutting into tiles: its pixels are held once, whatever the orientation. */
  readPixels(): Promise<PicturePixels>
  /** Decodes the whole picture: width * height * 4 bytes of straight RGBA, held once. */
  readRgba(): Promise<Uint8Array>
}

/** One 8-bit plane. */
export interface MaskPicture {
  readonly width: number
  readonly height: number
  /** width * height bytes. */
  readonly data: Uint8Array
}

/**
 * Looks at a picture without decoding it.
 * @param source a path, or the whole file (kept until the pixels are read; not copied).
 * @throws InlayError `file.missing`, `file.denied`, `image.unreadable`, `image.too-large` or `image.unsupported`.
 */
export async function openImage(source: string | Uint8Array): Promise<ImageSource> {
  const picture = openBytes(source)
  try {
    const header = await readHeader(picture)
    const colour = await colourOf(header)
    const isTurned = header.orientation >= 5
    const readPixels = async () => {
      const stored = await decodeStored(source, picture.label, header)
      if (colour.greyTable) applyGreyTable(stored, colour.greyTable)
      return pixelsOf(stored, header.storedWidth, header.storedHeight, header.orientation)
    }
    return {
      width: isTurned ? header.storedHeight : header.storedWidth,
      height: isTurned ? header.storedWidth : header.storedHeight,
      format: header.format,
      hasAlpha: header.hasAlpha,
      icc: colour.icc,
      profileName: colour.name,
      metadata: readMetadataBlocks(picture, header),
      notices: noticesOf(picture, header, colour.isProfileDropped),
      byteLength: picture.byteLength,
      readPixels,
      readRgba: async () => (await readPixels()).takeRgba(),
    }
  } finally {
    picture.close()
  }
}

/**
 * Reads a mask: the numbers of a grey picture, or the luma of an RGB one (Rec. 709 weights on the numbers as they are),
 * times its alpha. Profiles are ignored, because a mask is data and not colour. The orientation is applied.
 * @throws InlayError as `openImage`.
 */
export async function readMask(source: string | Uint8Array): Promise<MaskPicture> {
  const picture = openBytes(source)
  let header: PictureHeader
  try {
    header = await readHeader(picture)
  } finally {
    picture.close()
  }
  const stored = await decodeStored(source, picture.label, header)
  const pixels = pixelsOf(stored, header.storedWidth, header.storedHeight, header.orientation)
  const { width, height } = pixels
  const rgba = pixels.takeRgba()
  const data = new Uint8Array(width * height)
  for (let i = 0, at = 0; i < data.length; i++, at += 4) {
    const luma = 0.2126 * rgba[at]! + 0.7152 * rgba[at + 1]! + 0.0722 * rgba[at + 2]!
    data[i] = Math.floor((luma * rgba[at + 3]!) / 255 + 0.5)
  }
  return { width, height, data }
}

interface SourceColour {
  readonly icc: Uint8Array | null
  readonly name: string
  readonly greyTable: Uint8Array | null
  /** The file had a profile that is damaged or belongs to another kind of picture. */
  readonly isProfileDropped: boolean
}

async function colourOf({ blocks, model }: PictureHeader): Promise<SourceColour> {
  const untagged = { icc: null, name: 'sRGB', greyTable: null, isProfileDropped: false }
  if (!blocks.icc) return untagged
  const icc = Uint8Array.from(blocks.icc)
  const profile = readProfileHeader(icc)
  switch (model) {
    case 'rgb':
      if (profile && (await isUsableRgbProfile(icc))) return { ...untagged, icc, name: profile.description }
      return { ...untagged, isProfileDropped: true }
    case 'grey': {
      const greyTable = await greyToSrgb(icc)
      return { ...untagged, greyTable, isProfileDropped: greyTable === null }
    }
    case 'cmyk':
      return { ...untagged, isProfileDropped: profile?.colourSpace !== 'CMYK' }
    case 'lab':
      return untagged
  }
}

function applyGreyTable(pixels: Uint8Array, table: Uint8Array): void {
  for (let i = 0; i < pixels.length; i += 4) {
    const entry = pixels[i]! * 3
    pixels[i] = table[entry]!
    pixels[i + 1] = table[entry + 1]!
    pixels[i + 2] = table[entry + 2]!
  }
}
