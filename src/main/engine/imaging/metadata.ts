/**
 * The metadata of a picture as three blocks, each in its own standard's form, without any container around it.
 *
 * Invariant: `exif` starts with its TIFF byte-order mark, `xmp` is the UTF-8 packet, `iptc` is a row of IIM data sets
 * (IPTC IIM 4.2; each starts with 0x1C). A block that is not what it claims to be is null: it is never passed on.
 */
export interface ImageMetadata {
  readonly exif: Uint8Array | null
  readonly xmp: Uint8Array | null
  readonly iptc: Uint8Array | null
}

export const NO_METADATA: ImageMetadata = { exif: null, xmp: null, iptc: null }

/** Largest block that is kept. A portrait mode's depth map in XMP is as large; anything larger is not metadata. */
export const MAX_BLOCK_BYTES = 16 << 20

export function hasMetadata(metadata: ImageMetadata): boolean {
  return metadata.exif !== null || metadata.xmp !== null || metadata.iptc !== null
}

/** The formats we write. */
export type WritableFormat = 'png' | 'jpeg' | 'webp' | 'tiff' | 'avif'

/** What is put into a finished file: the blocks, true of its picture, and the profile its numbers belong to. */
export interface Attachments extends ImageMetadata {
  readonly icc: Uint8Array | null
}

/** A file with its attachments, as pieces to be written one after the other. */
export interface Embedded {
  readonly pieces: readonly Uint8Array[]
  /** Names of blocks that the format has no place for. */
  readonly leftOut: readonly string[]
}
