/**
 * Many ports over one message channel (a child process has only one).
 *
 * Invariant: a connection's number is chosen by the side that opens it and never used again; both sides forget it when
 * either closes it. Only the parent opens connections. Messages are structured-cloned ('advanced' serialization), so
 * binary frames go through as bytes.
 */
import { type Frame, type FramePort, PortEnd } from './ports.ts'

export type MuxMessage =
  | { readonly open: string; readonly line: number }
  | { readonly frame: Frame; readonly line: number }
  | { readonly hangUp: true; readonly line: number }

export class ChannelMux {
  readonly #send: (message: MuxMessage) => void
  readonly #accept: (service: string, port: FramePort) => void
  readonly #lines = new Map<number, PortEnd>()
  #next = 1

  /** `accept` is called for connections that the other side opens. */
  constructor(send: (message: MuxMessage) => void, accept: (service: string, port: FramePort) => void) {
    this.#send = send
    this.#accept = accept
  }

  open(service: string): FramePort {
    const line = this.#next++
    const port = this.#line(line)
    this.#send({ open: service, line })
    return port
  }

  /** Takes a message from the channel; ignores what is none of ours. */
  receive(message: unknown): void {
    if (typeof message !== 'object' || message === null || !('line' in message)) return
    const mux = message as MuxMessage
    if ('open' in mux) this.#accept(mux.open, this.#line(mux.line))
    else if ('frame' in mux) this.#lines.get(mux.line)?.deliver(mux.frame)
    else this.#drop(mux.line)
  }

  /** The channel is gone: every line ends. */
  end(): void {
    for (const line of [...this.#lines.keys()]) this.#drop(line)
  }

  #line(line: number): PortEnd {
    const port = new PortEnd({
      transmit: (frame) => this.#send({ frame, line }),
      hangUp: () => {
        this.#lines.delete(line)
        this.#send({ hangUp: true, line })
      },
    })
    this.#lines.set(line, port)
    return port
  }

  #drop(line: number): void {
    const port = this.#lines.get(line)
    this.#lines.delete(line)
    port?.end()
  }
}
