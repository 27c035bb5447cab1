/**
 * Starts a host as an Electron utility process.
 *
 * Invariant: a line to the host is a message port of its own, so a window's port is handed over and its bytes never pass
 * through the main process. A utility process dies with the main process.
 */
import { fileURLToPath } from 'node:url'
import { MessageChannelMain, type MessagePortMain, type UtilityProcess, utilityProcess } from 'electron'
import type { HostProcess, HostStarter } from '../hosts/host-types.ts'
import { type Frame, type FramePort, PortEnd } from '../hosts/ports.ts'

const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
const processes = new WeakMap<HostProcess, UtilityProcess>()

/** Starts the entry points in a folder, by default those beside this file: in the package everything is in one folder. */
export function utilityStarter(folder = new URL('./', import.meta.url)): HostStarter {
  return (kind, config) => {
    const entry = fileURLToPath(new URL(`./${kind}-host${EXTENSION}`, folder))
    const child = utilityProcess.fork(entry, [JSON.stringify(config)], {
      serviceName: `Inlay ${kind} host`,
      stdio: 'inherit',
    })
    const host: HostProcess = {
      get pid() {
        return child.pid
      },
      connect: (service) => portOf(openPort(host, service)),
      exited: new Promise((resolve) => child.once('exit', (code) => resolve(`ended with status ${code}`))),
      kill() {
        // The gentle signal of `child.kill` is not heard by a host that is blocked.
        if (child.pid === undefined) child.kill()
        else process.kill(child.pid, 'SIGKILL')
      },
      quit: () => child.postMessage({ quit: true }),
    }
    processes.set(host, child)
    return host
  }
}

/** A port to a service of a running host, to be handed to a window. */
export function openPort(host: HostProcess, service: string): MessagePortMain {
  const { port1, port2 } = new MessageChannelMain()
  processes.get(host)?.postMessage({ open: service }, [port1])
  return port2
}

/** A message port as the hosts know one. */
export function portOf(port: MessagePortMain): FramePort {
  const line: PortEnd = new PortEnd({
    transmit: (frame) => port.postMessage(frame),
    hangUp: () => port.close(),
  })
  port.on('message', ({ data }) => line.deliver(data as Frame))
  port.on('close', () => line.end())
  port.start()
  return line
}
