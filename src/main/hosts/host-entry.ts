/**
 * The part that every host's entry point shares: takes connections from the parent and ends with it.
 *
 * Invariant: the same entry runs as a Node child process and as an Electron utility process. When the parent asks, or
 * is gone, the host closes what it has open and ends; a host that is blocked at that moment is ended by a watching thread.
 */
import { Worker } from 'node:worker_threads'
import { ChannelMux } from './channel-mux.ts'
import type { HostConfig, HostServer } from './host-types.ts'
import { type Frame, PortEnd } from './ports.ts'

/** The little of Electron's utility process that a host uses; named here because hosts do not know Electron. */
interface ParentPort {
  on(event: 'message', listener: (event: { data: unknown; ports: UtilityPort[] }) => void): void
}
interface UtilityPort {
  postMessage(data: unknown): void
  on(event: 'message', listener: (event: { data: unknown }) => void): void
  on(event: 'close', listener: () => void): void
  start(): void
  close(): void
}

const CLOSE_DEADLINE = 8_000

/** Runs a host in this process until the parent ends it. */
export function runHost(create: (config: HostConfig) => HostServer): void {
  const host = create(JSON.parse(process.argv[2] ?? '{}') as HostConfig)
  let ending = false
  const end = (): void => {
    if (ending) return
    ending = true
    setTimeout(() => process.exit(1), CLOSE_DEADLINE).unref()
    host.close().then(
      () => process.exit(0),
      (error) => {
        console.error(error)
        process.exit(1)
      },
    )
  }
  process.on('SIGINT', () => {})
  process.on('SIGTERM', end)
  const parentPort = (process as unknown as { parentPort?: ParentPort }).parentPort
  if (parentPort) listenToUtilityParent(parentPort, host, end)
  else listenToParentProcess(host, end)
}

function listenToParentProcess(host: HostServer, end: () => void): void {
  if (!process.send) throw new Error('A host is started by its supervisor, not by hand.')
  const mux = new ChannelMux(
    (message) => {
      if (process.connected) process.send?.(message, undefined, undefined, () => {})
    },
    (service, port) => host.accept(service, port),
  )
  process.on('message', (message) => {
    if (isQuit(message)) end()
    else mux.receive(message)
  })
  process.on('disconnect', () => {
    mux.end()
    end()
  })
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
  const watcher = new Worker(new URL(`./parent-watch-worker${extension}`, import.meta.url), {
    workerData: process.ppid,
  })
  watcher.unref()
}

function listenToUtilityParent(parentPort: ParentPort, host: HostServer, end: () => void): void {
  parentPort.on('message', ({ data, ports }) => {
    if (isQuit(data)) return end()
    const [port] = ports
    const service = (data as { open?: unknown } | null)?.open
    if (!port || typeof service !== 'string') return
    const line: PortEnd = new PortEnd({
      transmit: (frame) => port.postMessage(frame),
      hangUp: () => port.close(),
    })
    port.on('message', (event) => line.deliver(event.data as Frame))
    port.on('close', () => line.end())
    host.accept(service, line)
    port.start()
  })
}

function isQuit(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'quit' in message
}
