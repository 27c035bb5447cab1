/**
 * Tiles as bytes at rest: how a tile is named, compressed and read back.
 *
 * Invariant: `decodeTile(format, ...encodeTile(format, pixels))` gives `pixels` back byte for byte, and the name of a
 * tile depends on its format and pixels only, never on the codec, so a tile may be recompressed at any time. Format
 * and codec ids are written into project files: a released id is never reused.
 *
 * Foreign bytes are not trusted: decoding never makes more than one tile's worth of memory, whatever the data claims.
 */
import { createHash } from 'node:crypto'
import * as zlib from 'node:zlib'
import { InlayError } from '../../../shared/errors.ts'
import { TileHash } from '../../../shared/ids.ts'
import type { PixelFormat } from '../../../shared/pixels.ts'
import { tileBytes } from '../../../shared/tiles.ts'

/** Id of a pixel format in a project file and in a tile's name. 0 stays free so that a blank row means nothing. */
export const FORMAT_ID: Readonly<Record<PixelFormat, number>> = { rgba8: 1, gray8: 2 }

/** How the bytes of a stored tile are packed. */
export const TILE_CODEC = { raw: 0, zstd: 1, deflateRaw: 2 } as const
export type TileCodec = (typeof TILE_CODEC)[keyof typeof TILE_CODEC]

export interface EncodedTile {
  readonly codec: TileCodec
  readonly data: Uint8Array
}

/** Node has zstd from 22.15 on; without it tiles are written with deflate. */
const HAS_ZSTD = typeof zlib.zstdCompressSync === 'function'

/** What `encodeTile` uses when it is not told otherwise. */
export const PREFERRED_CODEC: TileCodec = HAS_ZSTD ? TILE_CODEC.zstd : TILE_CODEC.deflateRaw

/** 1 MiB of window is four times what a tile can need; a frame that asks for more is refused, not obeyed. */
const ZSTD_WINDOW_LOG_MAX = 20

/**
 * Packs a whole tile at level 0.
 * @param pixels 262,144 bytes (rgba8) or 65,536 bytes (gray8); read only.
 * @returns codec 0 with the caller's own array when compression would not make it smaller.
 * @throws RangeError when `pixels` has another length: that is a bug of ours.
 */
export function encodeTile(
  format: PixelFormat,
  pixels: Uint8Array,
  codec: TileCodec = PREFERRED_CODEC,
): EncodedTile {
  requireTileLength(format, pixels)
  return packBytes(pixels, codec)
}

/** Packs any bytes; codec 0 with the caller's own array when compression would not make them smaller. */
export function packBytes(bytes: Uint8Array, codec: TileCodec = PREFERRED_CODEC): EncodedTile {
  const data = compress(bytes, codec)
  return data.byteLength < bytes.byteLength ? { codec, data } : { codec: TILE_CODEC.raw, data: bytes }
}

/**
 * Unpacks a stored tile.
 * @param codec as read from the file: any number.
 * @throws InlayError `project.damaged` when the codec is unknown, the data is broken, or it is not exactly one tile.
 */
export function decodeTile(format: PixelFormat, codec: number, data: Uint8Array): Uint8Array {
  return unpackBytes(codec, data, tileBytes(format))
}

/**
 * Unpacks exactly `length` bytes, and never makes more of them.
 * @throws InlayError `project.damaged`
 */
export function unpackBytes(codec: number, data: Uint8Array, length: number): Uint8Array {
  const bytes = decompress(codec, data, length)
  if (bytes.byteLength !== length) throw damaged(`it holds ${bytes.byteLength} bytes instead of ${length}`)
  return new Uint8Array(bytes.buffer, bytes.byteOffset, length)
}

/** The name of a tile: lower-case hexadecimal SHA-256 over the format id byte and the pixels. */
export function hashTile(format: PixelFormat, pixels: Uint8Array): TileHash {
  requireTileLength(format, pixels)
  const digest = createHash('sha256')
  digest.update(Uint8Array.of(FORMAT_ID[format]))
  digest.update(pixels)
  return TileHash.parse(digest.digest('hex'))
}

/**
 * Whether a tile need not be stored: every byte is 0. A tile that is fully transparent but keeps colours under its
 * alpha is *not* empty: we keep the numbers of a picture as they came, and law 2 speaks of bytes. Whoever clears
 * pixels writes zeros and so makes empty tiles.
 */
export function isEmptyTile(pixels: Uint8Array): boolean {
  if (pixels.byteOffset % 4 !== 0 || pixels.byteLength % 4 !== 0) return pixels.every((byte) => byte === 0)
  const words = new Uint32Array(pixels.buffer, pixels.byteOffset, pixels.byteLength / 4)
  for (let i = 0; i < words.length; i++) if (words[i] !== 0) return false
  return true
}

function compress(pixels: Uint8Array, codec: TileCodec): Uint8Array {
  switch (codec) {
    case TILE_CODEC.raw:
      return pixels
    case TILE_CODEC.zstd:
      return zlib.zstdCompressSync(pixels, { params: { [zlib.constants.ZSTD_c_compressionLevel]: 1 } })
    case TILE_CODEC.deflateRaw:
      return zlib.deflateRawSync(pixels, { level: 1 })
  }
}

function decompress(codec: number, data: Uint8Array, length: number): Uint8Array {
  if (codec === TILE_CODEC.raw) return data
  if (codec === TILE_CODEC.zstd && !HAS_ZSTD) {
    throw new InlayError(
      'project.newer',
      'The project was saved with zstd compression, which this Node.js lacks; use Node.js 22.15 or newer.',
    )
  }
  try {
    if (codec === TILE_CODEC.zstd) {
      return zlib.zstdDecompressSync(data, {
        maxOutputLength: length,
        params: { [zlib.constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX },
      })
    }
    if (codec === TILE_CODEC.deflateRaw) return zlib.inflateRawSync(data, { maxOutputLength: length })
  } catch (cause) {
    throw damaged('its compressed data is broken', cause)
  }
  throw damaged(`codec ${codec} is unknown`)
}

function requireTileLength(format: PixelFormat, pixels: Uint8Array): void {
  const length = tileBytes(format)
  if (pixels.byteLength !== length) {
    throw new RangeError(`A ${format} tile has ${length} bytes, not ${pixels.byteLength}.`)
  }
}

function damaged(why: string, cause?: unknown): InlayError {
  return new InlayError(
    'project.damaged',
    `A tile of the project is damaged (${why}); open a copy of the project or let Inlay recover it.`,
    { cause },
  )
}
