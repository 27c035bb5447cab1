/** The bytes of `projectContract.tiles`, made in slices so that a screenful of tiles does not hold up a stroke. */
import type { TileHash } from '../../shared/ids.ts'
import type { PixelFormat } from '../../shared/pixels.ts'
import { tileBytes } from '../../shared/tiles.ts'
import { readLevel } from '../engine/index.ts'
import type { OpenProject } from './open-project.ts'

const FORMAT_BYTE: Readonly<Record<PixelFormat, number>> = { rgba8: 1, gray8: 2 }

/** Tiles read before others get a turn; one takes up to a millisecond. */
const SLICE = 12

/**
 * @param room bytes left free at the front
 * @throws InlayError `project.damaged` when a tile cannot be read, `host.lost` when the project was closed meanwhile
 */
export async function tileAnswer(
  project: OpenProject,
  hashes: readonly TileHash[],
  level: number,
  room = 0,
): Promise<Uint8Array<ArrayBuffer>> {
  const { tiles } = project.session
  const formats = hashes.map((hash) => tiles.formatOf(hash))
  const size = formats.reduce((sum, format) => sum + 1 + (format ? tileBytes(format, level) : 0), room)
  const answer = new Uint8Array(size)
  let at = room
  for (const [index, format] of formats.entries()) {
    if (index > 0 && index % SLICE === 0) await new Promise(setImmediate)
    project.ended.throwIfAborted()
    if (!format) {
      at++
      continue
    }
    answer[at++] = FORMAT_BYTE[format]
    const pixels = readLevel(project.mips, hashes[index]!, format, level)
    answer.set(pixels, at)
    at += pixels.byteLength
  }
  return answer
}
