/**
 * Pixels between the project host and a shell, past the RPC library: tiles are the bulk of what moves, and bytes that
 * are packed into an envelope are copied at every fold.
 *
 * Invariant: a request is a JSON text with a number; its answer is one binary frame, the number (4 bytes, little endian) and
 * then the bytes of `projectContract.tiles`, or a JSON text with the number and a `WireError`. Answers come in any order.
 */
import { z } from 'zod'
import { InlayError, toWireError, type WireError } from '../../shared/errors.ts'
import { SessionId, TileHash } from '../../shared/ids.ts'
import type { FramePort } from './ports.ts'

export const TileQuery = z.object({
  session: SessionId,
  hashes: z.array(TileHash).min(1).max(1024),
  level: z.int().min(0).max(8),
})
export type TileQuery = z.infer<typeof TileQuery>

const Request = TileQuery.extend({ id: z.int().min(0).max(0xffffffff) })

/** Host's side: answers every query on the port. `read` returns the bytes and may leave `room` bytes free at the front. */
export function serveTiles(
  read: (query: TileQuery, room: number) => Promise<Uint8Array>,
): (port: FramePort) => void {
  return (port) =>
    port.onFrame(async (frame) => {
      if (typeof frame !== 'string') return
      const id = numberOf(frame)
      try {
        const request = Request.parse(JSON.parse(frame))
        const answer = await read(request, 4)
        new DataView(answer.buffer, answer.byteOffset).setUint32(0, request.id, true)
        if (!port.closed) port.send(answer)
      } catch (error) {
        const wire = error instanceof z.ZodError ? BAD_QUERY : toWireError(error)
        if (!port.closed) port.send(JSON.stringify({ id, error: wire }))
      }
    })
}

/** Shell's side. */
export class TileClient {
  readonly #port: FramePort
  readonly #waiting = new Map<number, { resolve(bytes: Uint8Array): void; reject(error: Error): void }>()
  #next = 0

  constructor(port: FramePort) {
    this.#port = port
    port.onFrame((frame) => {
      if (typeof frame === 'string') {
        const { id, error } = JSON.parse(frame) as { id: number; error: WireError }
        this.#take(id)?.reject(new InlayError(error.code, error.message))
      } else {
        const id = new DataView(frame.buffer, frame.byteOffset).getUint32(0, true)
        this.#take(id)?.resolve(frame.subarray(4))
      }
    })
    port.onClose(() => {
      for (const { reject } of this.#waiting.values())
        reject(new InlayError('host.lost', 'The connection to the editor was lost; try again in a moment.'))
      this.#waiting.clear()
    })
  }

  get closed(): boolean {
    return this.#port.closed
  }

  /** @throws InlayError what the host answers, or `host.lost`. */
  read(query: TileQuery): Promise<Uint8Array> {
    const id = this.#next
    this.#next = (this.#next + 1) % 0x1_0000_0000
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      try {
        this.#port.send(JSON.stringify({ id, ...query }))
      } catch (error) {
        this.#waiting.delete(id)
        reject(error as Error)
      }
    })
  }

  #take(id: number) {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    return waiting
  }
}

const BAD_QUERY: WireError = { code: 'usage', message: 'The request for tiles makes no sense.' }

function numberOf(frame: string): number {
  try {
    return Number((JSON.parse(frame) as { id?: unknown }).id)
  } catch {
    return -1
  }
}
