/**
 * A port: one end of a two-way line of frames between two processes, or between two halves of one.
 *
 * Invariant: frames arrive whole and in order; frames that come before somebody listens are kept; after the end nothing
 * arrives and sending throws `host.lost`. What carries the frames (child process IPC, MessagePort, WebSocket, memory) is
 * the business of whoever makes the port. A frame's content belongs to the RPC library and to `tile-channel.ts`; the
 * shells pass frames on without looking into them.
 */
import { InlayError } from '../../shared/errors.ts'

export type Frame = string | Uint8Array

export interface FramePort {
  readonly closed: boolean
  /** @throws InlayError `host.lost` when the line has ended. */
  send(frame: Frame): void
  /** One listener; frames that came earlier are handed over at once. */
  onFrame(listener: (frame: Frame) => void): void
  /** Called once, when either side ends the line. */
  onClose(listener: () => void): void
  close(): void
}

/** What the maker of a port supplies: how a frame goes out, and how the far side learns of the end. */
export interface Carrier {
  transmit(frame: Frame): void
  hangUp(): void
}

/** The port and, for its maker only, the two calls that feed it. */
export class PortEnd implements FramePort {
  readonly #carrier: Carrier
  readonly #closeListeners: (() => void)[] = []
  #listener: ((frame: Frame) => void) | undefined
  #waiting: Frame[] = []
  #closed = false

  constructor(carrier: Carrier) {
    this.#carrier = carrier
  }

  get closed(): boolean {
    return this.#closed
  }

  send(frame: Frame): void {
    if (this.#closed)
      throw new InlayError('host.lost', 'The connection to the editor was lost; try again in a moment.')
    this.#carrier.transmit(frame)
  }

  onFrame(listener: (frame: Frame) => void): void {
    this.#listener = listener
    const waiting = this.#waiting
    this.#waiting = []
    for (const frame of waiting) listener(frame)
  }

  onClose(listener: () => void): void {
    if (this.#closed) queueMicrotask(listener)
    else this.#closeListeners.push(listener)
  }

  close(): void {
    if (this.#closed) return
    this.end()
    this.#carrier.hangUp()
  }

  /** For the maker: a frame came in. */
  deliver(frame: Frame): void {
    if (this.#closed) return
    if (this.#listener) this.#listener(frame)
    else this.#waiting.push(frame)
  }

  /** For the maker: the far side hung up or died. */
  end(): void {
    if (this.#closed) return
    this.#closed = true
    this.#waiting = []
    for (const listener of this.#closeListeners.splice(0)) listener()
  }
}

/** Two ends of one line inside this process. Frames are handed over in a later turn, as between processes. */
export function portPair(): [FramePort, FramePort] {
  const first: PortEnd = new PortEnd({
    transmit: (frame) => setImmediate(() => second.deliver(frame)),
    hangUp: () => setImmediate(() => second.end()),
  })
  const second: PortEnd = new PortEnd({
    transmit: (frame) => setImmediate(() => first.deliver(frame)),
    hangUp: () => setImmediate(() => first.end()),
  })
  return [first, second]
}

/** Joins two lines: what comes in on one goes out on the other, unread; when one ends, both do. */
export function relay(a: FramePort, b: FramePort): void {
  a.onClose(() => b.close())
  b.onClose(() => a.close())
  a.onFrame((frame) => {
    if (!b.closed) b.send(frame)
  })
  b.onFrame((frame) => {
    if (!a.closed) a.send(frame)
  })
}

/**
 * The shape the RPC library's message-port adapter wants.
 * @param gone what happens to a frame when the line has ended: a call fails, an answer has nobody left to read it
 */
export function asRpcPort(port: FramePort, gone: 'throw' | 'drop') {
  return {
    on(event: string, callback: (event?: { data: unknown }) => void): void {
      if (event === 'message') port.onFrame((data) => callback({ data }))
      else if (event === 'close') port.onClose(() => callback())
    },
    postMessage(data: Frame | ArrayBuffer): void {
      if (gone === 'drop' && port.closed) return
      port.send(data instanceof ArrayBuffer ? new Uint8Array(data) : data)
    },
  }
}
