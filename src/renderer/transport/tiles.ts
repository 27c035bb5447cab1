/**
 * Tiles by URL. The same addresses work under the loopback server and in the Electron window, where the page and its tiles
 * come through one protocol of our own.
 *
 * Invariant: what the answer's bytes mean is written at `projectContract.tiles`. A tile the host does not know is left out of
 * the result.
 */
import { InlayError, type WireError } from '../../shared/errors.ts'
import type { SessionId, TileHash } from '../../shared/ids.ts'
import type { PixelFormat } from '../../shared/pixels.ts'
import { tileBytes } from '../../shared/tiles.ts'

/** Bytes asked for at once: enough to make a request worth its while, little enough to show something soon. */
const BATCH_BYTES = 8 * 2 ** 20
const MOST_TILES = 1024
const AT_ONCE = 3

const FORMATS: Readonly<Record<number, PixelFormat>> = { 1: 'rgba8', 2: 'gray8' }

/** Pixels of tiles at a mipmap level 0..8. @throws InlayError `host.lost`, `project.damaged`. */
export async function fetchTiles(
  session: SessionId,
  hashes: readonly TileHash[],
  level: number,
): Promise<Map<TileHash, Uint8Array>> {
  const size = Math.min(MOST_TILES, Math.max(1, Math.floor(BATCH_BYTES / tileBytes('rgba8', level))))
  const batches: TileHash[][] = []
  for (let i = 0; i < hashes.length; i += size) batches.push(hashes.slice(i, i + size))
  const tiles = new Map<TileHash, Uint8Array>()
  const work = async (): Promise<void> => {
    for (let batch = batches.shift(); batch; batch = batches.shift()) {
      unpack(batch, level, await fetchBatch(session, batch, level), tiles)
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, batches.length) }, work))
  return tiles
}

async function fetchBatch(session: SessionId, hashes: TileHash[], level: number): Promise<Uint8Array> {
  let response: Response
  try {
    response = await fetch('/tiles', { method: 'POST', body: JSON.stringify({ session, hashes, level }) })
  } catch (error) {
    throw new InlayError('host.lost', 'The connection to the editor was lost; it is being restored.', {
      cause: error,
    })
  }
  if (response.ok) return new Uint8Array(await response.arrayBuffer())
  throw await errorOf(response)
}

function unpack(
  hashes: readonly TileHash[],
  level: number,
  bytes: Uint8Array,
  into: Map<TileHash, Uint8Array>,
): void {
  let at = 0
  for (const hash of hashes) {
    const format = FORMATS[bytes[at++] ?? 0]
    if (!format) continue
    const end = at + tileBytes(format, level)
    // A copy: a view would keep the whole answer alive as long as one of its tiles.
    into.set(hash, bytes.slice(at, end))
    at = end
  }
}

/** The error in an answer of the upload or tile route. */
export async function errorOf(response: Response): Promise<InlayError> {
  const body: { error?: WireError } = await response.json().catch(() => ({}))
  return body.error
    ? new InlayError(body.error.code, body.error.message)
    : new InlayError('host.lost', `The editor answered with status ${response.status}; load the page again.`)
}
