/**
 * A line: one way to reach a service, by WebSocket (loopback) or by message port (Electron).
 *
 * Invariant: once a line has ended it stays so; `live-client.ts` opens another. Sending on an ended line throws.
 */
import { type BridgeService, type InlayBridge, PORT_MESSAGE } from '../../shared/bridge.ts'
import { InlayError } from '../../shared/errors.ts'

export interface Line {
  readonly closed: boolean
  /** The shape that the RPC library's message-port adapter wants. */
  on(event: string, callback: (event?: { data: unknown }) => void): void
  postMessage(data: unknown): void
}

/** How long a line may take to open, in milliseconds. */
const OPEN_DEADLINE = 10_000

/** The preload's bridge; undefined in an ordinary browser. */
export function bridge(): InlayBridge | undefined {
  return (window as { inlay?: InlayBridge }).inlay
}

/** @throws InlayError `host.lost` when nobody answers. */
export function openLine(service: BridgeService): Promise<Line> {
  const electron = bridge()
  return electron ? openPort(electron, service) : openSocket(service)
}

class LineEnd implements Line {
  closed = false
  readonly #send: (data: never) => void
  readonly #listeners: { event: string; callback: (event?: { data: unknown }) => void }[] = []
  #early: unknown[] | null = []

  constructor(send: (data: never) => void) {
    this.#send = send
  }

  on(event: string, callback: (event?: { data: unknown }) => void): void {
    this.#listeners.push({ event, callback })
    if (event !== 'message' || !this.#early) return
    const early = this.#early
    this.#early = null
    for (const data of early) callback({ data })
  }

  postMessage(data: unknown): void {
    if (this.closed) throw lost()
    this.#send(data as never)
  }

  deliver(data: unknown): void {
    if (this.#early) this.#early.push(data)
    else this.#tell('message', { data })
  }

  end(): void {
    if (this.closed) return
    this.closed = true
    this.#tell('close')
  }

  #tell(event: string, detail?: { data: unknown }): void {
    for (const listener of this.#listeners) if (listener.event === event) listener.callback(detail)
  }
}

function openSocket(service: BridgeService): Promise<Line> {
  const socket = new WebSocket(`ws://${window.location.host}/rpc/${service}`)
  // Blobs would have to be read asynchronously, and could be overtaken.
  socket.binaryType = 'arraybuffer'
  const line = new LineEnd((data) => socket.send(data))
  socket.addEventListener('message', ({ data }) => line.deliver(data))
  socket.addEventListener('close', () => line.end())
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.close(), OPEN_DEADLINE)
    socket.addEventListener('open', () => {
      clearTimeout(timer)
      resolve(line)
    })
    socket.addEventListener('close', () => {
      clearTimeout(timer)
      reject(lost())
    })
  })
}

function openPort(electron: InlayBridge, service: BridgeService): Promise<Line> {
  const id = crypto.randomUUID()
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer)
      window.removeEventListener('message', receive)
    }
    const receive = (event: MessageEvent): void => {
      const [port] = event.ports
      if (event.source !== window || event.data?.[PORT_MESSAGE] !== id || !port) return
      stop()
      const line = new LineEnd((data) => port.postMessage(data))
      port.addEventListener('message', ({ data }) => line.deliver(data))
      port.addEventListener('close', () => line.end())
      port.start()
      resolve(line)
    }
    const timer = setTimeout(() => {
      stop()
      reject(lost())
    }, OPEN_DEADLINE)
    window.addEventListener('message', receive)
    electron.connect(service, id)
  })
}

export function lost(): InlayError {
  return new InlayError('host.lost', 'The connection to the editor was lost; it is being restored.')
}
