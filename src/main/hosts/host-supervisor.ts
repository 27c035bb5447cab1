/**
 * Starts hosts, watches them and starts them again: the door through which shells and the command line reach hosts.
 *
 * Invariant: at most one host of a kind is alive. A host is started by the first connection that needs it. When it ends
 * unasked, its lines end (their calls fail with `host.lost`) and the next connection starts a new one, after a pause that
 * doubles with every death, until too many deaths in a minute make it give up. This file and all it imports load no native
 * module.
 */
import { InlayError } from '../../shared/errors.ts'
import type { HostConfig, HostKind, HostProcess, HostStarter } from './host-types.ts'
import type { FramePort } from './ports.ts'

export interface RestartPolicy {
  /** Deaths within `window` milliseconds after which a host is not started any more. */
  readonly limit: number
  readonly window: number
  /** Pause before the first restart, in milliseconds; it doubles with every death in the window. */
  readonly pause: number
}
const RESTART: RestartPolicy = { limit: 5, window: 60_000, pause: 100 }

/** How long hosts get for closing their files before they are ended. */
const QUIT_DEADLINE = 10_000

export interface SupervisorOptions {
  readonly starter: HostStarter
  readonly config: HostConfig
  readonly restart?: RestartPolicy
  /** Told when a host ended unasked, with a text for a log. */
  readonly onLost?: (kind: HostKind, how: string) => void
}

export class HostSupervisor {
  readonly #options: SupervisorOptions
  readonly #restart: RestartPolicy
  readonly #hosts = new Map<HostKind, HostProcess>()
  readonly #deaths = new Map<HostKind, number[]>()
  readonly #starting = new Map<HostKind, Promise<HostProcess>>()
  #stopping = false

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#restart = options.restart ?? RESTART
  }

  /** The process id of a running host, for messages and tests. */
  pid(kind: HostKind): number | undefined {
    return this.#hosts.get(kind)?.pid
  }

  /**
   * Opens a line to a service of a host, starting the host when it does not run.
   * @throws InlayError `host.lost` when the host has died too often, or everything is being stopped.
   */
  async connect(kind: HostKind, service: string): Promise<FramePort> {
    return (await this.running(kind)).connect(service)
  }

  /** The running host of a kind, started now if need be. */
  async running(kind: HostKind): Promise<HostProcess> {
    if (this.#stopping) throw new InlayError('host.lost', 'Inlay is closing.')
    const host = this.#hosts.get(kind)
    if (host) return host
    let starting = this.#starting.get(kind)
    if (!starting) {
      starting = this.#start(kind).finally(() => this.#starting.delete(kind))
      this.#starting.set(kind, starting)
    }
    return starting
  }

  /**
   * Does work in a host that must show a sign of life every `deadline` milliseconds by calling `step`. Past it the host is
   * hung: it is killed, and the work fails with `host.lost`. A host that blocks on purpose for long has a long deadline.
   */
  async guarded<T>(kind: HostKind, deadline: number, work: (step: () => void) => Promise<T>): Promise<T> {
    const host = await this.running(kind)
    return new Promise<T>((resolve, reject) => {
      const hung = () => {
        host.kill()
        reject(
          new InlayError(
            'host.lost',
            `The ${kind} host did not answer for ${deadline / 1000} seconds and was ended; try again.`,
          ),
        )
      }
      let timer = setTimeout(hung, deadline)
      const step = () => {
        clearTimeout(timer)
        timer = setTimeout(hung, deadline)
      }
      work(step)
        .then(resolve, reject)
        .finally(() => clearTimeout(timer))
    })
  }

  /** Resolves when the host that runs now has ended; at once when none does. */
  async ended(kind: HostKind): Promise<void> {
    await this.#hosts.get(kind)?.exited
  }

  /** Ends a host at once; the next connection starts another. */
  kill(kind: HostKind): void {
    this.#hosts.get(kind)?.kill()
  }

  /** Lets every host close its files and end; what takes too long is killed. */
  async stop(): Promise<void> {
    this.#stopping = true
    await Promise.allSettled(this.#starting.values())
    await Promise.all(
      [...this.#hosts.values()].map(async (host) => {
        host.quit()
        const deadline = setTimeout(() => host.kill(), QUIT_DEADLINE)
        await host.exited
        clearTimeout(deadline)
      }),
    )
  }

  async #start(kind: HostKind): Promise<HostProcess> {
    const since = Date.now() - this.#restart.window
    const deaths = (this.#deaths.get(kind) ?? []).filter((time) => time > since)
    this.#deaths.set(kind, deaths)
    if (deaths.length >= this.#restart.limit)
      throw new InlayError(
        'host.lost',
        `The ${kind} host stopped ${deaths.length} times within a minute; close Inlay and start it again.`,
      )
    if (deaths.length > 0) await pause(this.#restart.pause * 2 ** (deaths.length - 1))
    if (this.#stopping) throw new InlayError('host.lost', 'Inlay is closing.')
    const host = this.#options.starter(kind, this.#options.config)
    this.#hosts.set(kind, host)
    void host.exited.then((how) => {
      this.#hosts.delete(kind)
      if (this.#stopping) return
      this.#deaths.get(kind)?.push(Date.now())
      this.#options.onLost?.(kind, how)
    })
    return host
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
