/** The SHA-256 of a file of any size, read in pieces. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { throwIfCancelled } from '../../../../shared/errors.ts'

/** @returns lower-case hex. @throws InlayError `cancelled` */
export async function sha256OfFile(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(file, { highWaterMark: 1 << 20 })) {
    throwIfCancelled(signal)
    hash.update(piece as Buffer)
  }
  return hash.digest('hex')
}
