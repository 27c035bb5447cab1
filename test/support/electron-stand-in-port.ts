/** Node's message ports in the dress of Electron's `MessagePortMain`. */
import type { MessagePort } from 'node:worker_threads'

export class StandInPort {
  readonly node: MessagePort

  constructor(node: MessagePort) {
    this.node = node
  }

  on(event: 'message' | 'close', listener: (event: { data: unknown; ports: StandInPort[] }) => void): this {
    if (event === 'close') this.node.on('close', () => listener({ data: undefined, ports: [] }))
    else this.node.on('message', (data) => listener({ data, ports: [] }))
    // Node begins at once, Electron waits for `start`.
    this.node.ref()
    return this
  }

  postMessage(data: unknown): void {
    this.node.postMessage(data)
  }

  start(): void {
    this.node.start()
  }

  close(): void {
    this.node.close()
  }
}
