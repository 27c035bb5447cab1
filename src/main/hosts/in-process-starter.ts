/**
 * "Starts" a host in this process, for tests and for the command line: same services, same frames, no other process.
 *
 * Invariant: nobody can tell the difference but by what cannot be done here: a hung host cannot be ended, so `kill` only
 * cuts its lines. It loads whatever the host loads, which is why the supervisor does not import this file.
 */
import type { HostConfig, HostKind, HostServer, HostStarter } from './host-types.ts'
import { type FramePort, portPair } from './ports.ts'

type Creators = { readonly [K in HostKind]?: (config: HostConfig) => HostServer }

export function inProcessStarter(creators: Creators): HostStarter {
  return (kind, config) => {
    const create = creators[kind]
    if (!create) throw new Error(`There is no ${kind} host in this process.`)
    const host = create(config)
    const lines = new Set<FramePort>()
    const exit = Promise.withResolvers<string>()
    const cut = (): void => {
      for (const line of lines) line.close()
    }
    return {
      pid: undefined,
      connect(service): FramePort {
        const [ours, theirs] = portPair()
        lines.add(ours)
        ours.onClose(() => lines.delete(ours))
        host.accept(service, theirs)
        return ours
      },
      exited: exit.promise,
      kill() {
        cut()
        void host.close()
        exit.resolve('cut off')
      },
      quit() {
        void host.close().finally(() => {
          cut()
          exit.resolve('closed')
        })
      },
    }
  }
}
