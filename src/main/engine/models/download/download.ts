/**
 * Fetching one file of known size: resumed where it stopped, checked before it gets its name.
 *
 * Invariant: `target` appears only whole and checked; until then the bytes lie in `target.part`, and what they are the start of
 * in `target.part.json`. A cut connection is taken up again at the byte where it broke, in this run or a later one, unless the
 * server's copy has changed. What is wrong (size, SHA-256) or cannot be finished (disk full) is removed; what was cancelled or
 * cut off is kept.
 */
import { open, readFile, rename, rm, stat, statfs, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { InlayError, throwIfCancelled } from '../../../../shared/errors.ts'
import { askFor, BusyServer, damaged, isStrong, receive } from './connection.ts'
import { sha256OfFile } from './digest.ts'
import { waitAsAsked } from './retry-after.ts'

export interface RemoteFile {
  readonly url: string
  /** Bytes, as the hub's list says. */
  readonly size: number
  /** Lower-case hex; null where the hub does not know it (small text files). */
  readonly sha256: string | null
}

export interface DownloadOptions {
  readonly token?: string
  readonly signal?: AbortSignal
  /** Bytes that are on the disk, of `size`. */
  readonly onProgress?: (bytes: number) => void
  /** How often a connection may fail without a new byte before giving up. */
  readonly attempts?: number
  /** Wait before the next attempt, milliseconds; doubles each time. */
  readonly pause?: number
  /** A server that sends next to nothing for so long is taken for gone, milliseconds. */
  readonly silence?: number
}

const Beginning = z.object({
  url: z.string(),
  size: z.number(),
  sha256: z.string().nullable(),
  etag: z.string(),
})
type Beginning = z.infer<typeof Beginning>

const SILENCE = 60_000
/** A connection that brought fewer bytes before it broke has failed like one that brought none. */
const WORTH_WHILE = 2 ** 16

/**
 * @throws InlayError `disk.full`, `network.failed`, `download.refused`, `download.damaged`, `file.denied`, `cancelled`
 */
export async function downloadFile(
  remote: RemoteFile,
  target: string,
  options: DownloadOptions = {},
): Promise<void> {
  const part = `${target}.part`
  const note = `${part}.json`
  const { attempts = 5, pause = 500, silence = SILENCE } = options
  let etag = await resumable(remote, part, note)
  await requireSpace(remote, target, part)
  const file = await open(part, etag === undefined ? 'w' : 'r+').catch((cause: unknown) => {
    throw new InlayError(
      'file.denied',
      `${path.dirname(target)} may not be written; choose another folder.`,
      { cause },
    )
  })
  try {
    let have = (await file.stat()).size
    for (let failures = 0; have < remote.size; ) {
      throwIfCancelled(options.signal)
      const before = have
      try {
        const response = await askFor(remote, have, etag, { ...options, silence })
        // The server's copy has changed, or it does not do parts.
        if (response.status === 200) have = 0
        await file.truncate(have)
        const sent = response.headers.get('etag') ?? ''
        if (have === 0) {
          etag = sent
          await writeFile(note, JSON.stringify({ ...remote, etag } satisfies Beginning))
        }
        have = await receive(response, file, have, remote, { ...options, silence })
      } catch (error) {
        if (error instanceof InlayError) throw error
        if (isFull(error)) throw full(target, remote.size, error)
        throwIfCancelled(options.signal)
        have = canTell(remote, etag) ? (await file.stat()).size : 0
        failures = have - before >= WORTH_WHILE ? 0 : failures + 1
        if (failures >= attempts)
          throw new InlayError(
            'network.failed',
            `${remote.url} could not be fetched; what has arrived is kept, so try again later.`,
            { cause: error },
          )
        const asked = error instanceof BusyServer ? error.milliseconds : null
        await waitAsAsked(asked, pause * 2 ** failures, options.signal)
      }
    }
    await file.sync()
  } catch (error) {
    if (error instanceof InlayError && (error.code === 'disk.full' || error.code === 'download.damaged'))
      await discard(part, note)
    throw error
  } finally {
    await file.close()
  }
  if (remote.sha256 !== null && (await sha256OfFile(part, options.signal)) !== remote.sha256) {
    await discard(part, note)
    throw damaged(remote, 'other bytes than the hub announced')
  }
  await rename(part, target)
  await rm(note, { force: true })
}

/** The ETag of what is there already, '' for none; undefined where it is of no use. */
async function resumable(remote: RemoteFile, part: string, note: string): Promise<string | undefined> {
  try {
    const found = Beginning.parse(JSON.parse(await readFile(note, 'utf8')))
    const { size } = await stat(part)
    const same = found.url === remote.url && found.size === remote.size && found.sha256 === remote.sha256
    return canTell(remote, found.etag) && same && size <= remote.size ? found.etag : undefined
  } catch {
    return undefined
  }
}

async function requireSpace(remote: RemoteFile, target: string, part: string): Promise<void> {
  const have = await stat(part).then(
    ({ size }) => size,
    () => 0,
  )
  const disk = await statfs(path.dirname(target)).catch((cause: unknown) => {
    throw new InlayError('file.missing', `There is no folder ${path.dirname(target)}; make it first.`, {
      cause,
    })
  })
  if (disk.bavail * disk.bsize < remote.size - have) throw full(target, remote.size)
}

async function discard(...files: readonly string[]): Promise<void> {
  for (const file of files) await rm(file, { force: true })
}

/** Whether a rest that is of another file would be noticed: by the server's ETag, or at the end by the SHA-256. */
function canTell(remote: RemoteFile, etag: string | undefined): boolean {
  return remote.sha256 !== null || (etag !== undefined && isStrong(etag))
}

function isFull(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code
  return code === 'ENOSPC' || code === 'EDQUOT'
}

function full(target: string, size: number, cause?: unknown): InlayError {
  return new InlayError(
    'disk.full',
    `The disk of ${target} has no room for ${size} bytes; make room or choose another folder.`,
    { cause },
  )
}
