/**
 * Tiles kept in memory, for testing pixel code without a project file.
 */
import { createHash } from 'node:crypto'
import type { TileAccess } from '../../src/main/engine/imaging/tile-access.ts'
import type { TileHash } from '../../src/shared/ids.ts'
import type { PixelFormat } from '../../src/shared/pixels.ts'
import { tileBytes } from '../../src/shared/tiles.ts'

export class MemoryTiles implements TileAccess {
  readonly tiles = new Map<TileHash, Uint8Array>()
  writes = 0

  read(hash: TileHash): Uint8Array {
    const pixels = this.tiles.get(hash)
    if (!pixels) throw new Error(`no tile ${hash}`)
    return pixels
  }

  write(format: PixelFormat, pixels: Uint8Array, outside: 0 | 255 = 0): TileHash | null {
    if (pixels.byteLength !== tileBytes(format)) throw new Error('a tile of the wrong size')
    this.writes++
    const empty =
      format === 'gray8'
        ? pixels.every((value) => value === outside)
        : pixels.every((value, i) => i % 4 !== 3 || value === 0)
    if (empty) return null
    const hash = createHash('sha256').update(format).update(pixels).digest('hex') as TileHash
    this.tiles.set(hash, pixels)
    return hash
  }
}
