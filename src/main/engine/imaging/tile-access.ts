/**
 * How pixel code reaches tiles without knowing where they are kept.
 *
 * Invariant: a tile never changes once written; reading the same hash always gives the same bytes. Readers may keep the
 * array they get and must not write into it.
 */
import type { TileHash } from '../../../shared/ids.ts'
import type { PixelFormat } from '../../../shared/pixels.ts'

export interface TileReader {
  /**
   * The pixels of a tile at level 0: 256 x 256 x 4 bytes (rgba8) or 256 x 256 (gray8).
   * @throws InlayError `project.damaged` when the tile is missing or its bytes do not match its hash.
   */
  read(hash: TileHash): Uint8Array
}

export interface TileWriter {
  /**
   * Takes a finished tile over (the caller must not write into it afterwards) and names it. It is kept in memory
   * until the command that uses it is committed. @returns null for an empty tile, which is never stored: every byte 0
   * (rgba8) or every sample `outside` (gray8; a mask's `outside` value, 0 when left out).
   */
  write(format: PixelFormat, pixels: Uint8Array, outside?: 0 | 255): TileHash | null
}

export interface TileAccess extends TileReader, TileWriter {}
