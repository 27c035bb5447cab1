/**
 * One connection of a download: asking for the rest of a file, and writing what arrives.
 *
 * Invariant: what the server answers is checked before a byte of it is written; a server that falls silent, or drips, is given
 * up. The token goes to the first address only: `fetch` takes it off a redirect to another server.
 */
import type { FileHandle } from 'node:fs/promises'
import { InlayError } from '../../../../shared/errors.ts'
import type { DownloadOptions, RemoteFile } from './download.ts'
import { retryAfter } from './retry-after.ts'

type ConnectionOptions = DownloadOptions & { readonly silence: number }

/** Fewer bytes than this within the silence are a drip. */
const LEAST = 1024

/** The server has too much to do; it may say for how long. */
export class BusyServer extends Error {
  readonly milliseconds: number | null

  constructor(status: number, milliseconds: number | null) {
    super(`status ${status}`)
    this.milliseconds = milliseconds
  }
}

/** @returns a 200 from the beginning, or the 206 that was asked for. @throws InlayError `download.refused`, `download.damaged`; `BusyServer`, others */
export async function askFor(
  remote: RemoteFile,
  have: number,
  etag: string | undefined,
  options: ConnectionOptions,
): Promise<Response> {
  const headers = new Headers({ 'accept-encoding': 'identity' })
  if (options.token !== undefined) headers.set('authorization', `Bearer ${options.token}`)
  if (have > 0) {
    headers.set('range', `bytes=${have}-`)
    if (etag !== undefined && isStrong(etag)) headers.set('if-range', etag)
  }
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(new Error('the server fell silent')), options.silence)
  const signal = options.signal ? AbortSignal.any([options.signal, late.signal]) : late.signal
  const response = await fetch(remote.url, { headers, signal }).finally(() => clearTimeout(timer))
  const { status } = response
  if (status === 200 || (status === 206 && startsAt(response, have, remote.size))) return response
  await response.body?.cancel()
  if (status === 401 || status === 403)
    throw new InlayError(
      'download.refused',
      `${remote.url} needs a token, or its licence accepted on the hub's page; do that and try again.`,
    )
  if (status === 404 || status === 410)
    throw new InlayError('download.refused', `There is no ${remote.url}; check the name.`)
  if (status === 206 || status === 416) throw damaged(remote, 'another part than was asked for')
  throw new BusyServer(status, retryAfter(response.headers))
}

function startsAt(response: Response, have: number, size: number): boolean {
  const [, start, total] =
    /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '') ?? []
  return Number(start) === have && (total === '*' || Number(total) === size)
}

/**
 * Writes what arrives.
 * @returns how many bytes the file has then
 * @throws InlayError `download.damaged`; others where the connection broke or fell silent
 */
export async function receive(
  response: Response,
  file: FileHandle,
  from: number,
  remote: RemoteFile,
  options: ConnectionOptions,
): Promise<number> {
  let have = from
  let counted = from
  let silent = false
  const reader = (response.body ?? new ReadableStream<Uint8Array>()).getReader()
  const watch = setInterval(() => {
    silent = have - counted < LEAST
    counted = have
    // The read that is waiting ends with it.
    if (silent) void reader.cancel().catch(() => {})
  }, options.silence)
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      if (have + value.length > remote.size) throw damaged(remote, 'more bytes than the hub announced')
      for (let at = 0; at < value.length; )
        at += (await file.write(value, at, value.length - at, have + at)).bytesWritten
      have += value.length
      options.onProgress?.(have)
    }
  } finally {
    clearInterval(watch)
    await reader.cancel().catch(() => {})
  }
  if (have === remote.size) return have
  if (silent) throw new Error('the server fell silent')
  if (response.headers.has('content-length')) {
    const promised = from + Number(response.headers.get('content-length'))
    if (promised === have) throw damaged(remote, 'fewer bytes than the hub announced')
  }
  if (have === from) throw new Error('the connection ended without a byte')
  return have
}

/** Whether an ETag stands for the very bytes. */
export function isStrong(etag: string): boolean {
  return etag.startsWith('"')
}

export function damaged(remote: RemoteFile, what: string): InlayError {
  return new InlayError('download.damaged', `${remote.url} sent ${what}; nothing was kept, try again.`)
}
