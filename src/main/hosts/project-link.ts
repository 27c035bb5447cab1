/**
 * A shell's tie to the project host: grants files, hands out lines for windows, fetches tiles, joins it to the inference host
 * when it asks, and brings a host that died back to where it was.
 *
 * Invariant: grants and open sessions are remembered here, and a new host is told them before any window reaches it: so a
 * window goes on with the tokens and the session it has. Loads no native module.
 */
import { randomBytes } from 'node:crypto'
import type { ContractRouterClient } from '@orpc/contract'
import { FileToken, type SessionId } from '../../shared/ids.ts'
import type { controlContract, Grant, GrantMode, Note, OpenSession } from './control-contract.ts'
import type { HostSupervisor } from './host-supervisor.ts'
import { type FramePort, relay } from './ports.ts'
import { clientOf } from './rpc.ts'
import { TileClient, type TileQuery } from './tile-channel.ts'

/** The project host's services for windows. */
export type WindowService = 'project' | 'models'
const CONTROL_SERVICE = 'control'
const TILE_SERVICE = 'tiles'
const LINE_SERVICE = 'inference-line'

interface Tie {
  readonly port: FramePort
  readonly control: ContractRouterClient<typeof controlContract>
  readonly tiles: TileClient
}

export class ProjectLink {
  readonly #supervisor: HostSupervisor
  readonly #onUsed: (path: string) => void
  readonly #grants = new Map<FileToken, Grant>()
  readonly #sessions = new Map<SessionId, OpenSession>()
  #tie: Promise<Tie> | undefined
  #dying: Promise<void> = Promise.resolve()
  #inferenceDying: Promise<void> = Promise.resolve()

  /** `onUsed` is told every file a person opened or saved. */
  constructor(supervisor: HostSupervisor, onUsed: (path: string) => void = () => {}) {
    this.#supervisor = supervisor
    this.#onUsed = onUsed
  }

  /** Lets windows use a file, under the token that is returned; a file to open or a model has one token for ever. */
  async grant(path: string, mode: GrantMode): Promise<FileToken> {
    if (mode === 'open' || mode === 'model')
      for (const known of this.#grants.values())
        if (known.path === path && known.mode === mode) return known.token
    const token = FileToken.parse(randomBytes(18).toString('base64url'))
    const grant = { token, path, mode }
    // Remembered first: should the host die now, the next one is told.
    this.#grants.set(token, grant)
    const { control } = await this.#tied()
    await control.grant(grant)
    return token
  }

  /**
   * Makes sure that the host is alive and knows all it has to.
   * @throws InlayError `host.lost` when it cannot be started
   */
  async ready(): Promise<void> {
    for (;;) {
      const { control } = await this.#tied()
      const alive = await control.alive().then(
        () => true,
        () => false,
      )
      if (alive) return
    }
  }

  /** A line to a service for a window. */
  async connect(service: WindowService): Promise<FramePort> {
    await this.ready()
    return this.#supervisor.connect('project', service)
  }

  /** The bytes of `projectContract.tiles`. */
  async tiles(query: TileQuery): Promise<Uint8Array> {
    return (await this.#tied()).tiles.read(query)
  }

  #tied(): Promise<Tie> {
    if (this.#tie) return this.#tie
    const tie = this.#makeTie()
    this.#tie = tie
    tie.catch(() => {
      if (this.#tie === tie) this.#tie = undefined
    })
    return tie
  }

  async #makeTie(): Promise<Tie> {
    await this.#dying
    const port = await this.#supervisor.connect('project', CONTROL_SERVICE)
    port.onClose(() => {
      // The line ends a moment before the process is seen to have ended: no window may be sent to the dying one.
      this.#tie = undefined
      this.#dying = this.#supervisor.ended('project')
    })
    const control = clientOf<typeof controlContract>(port)
    void this.#follow(control)
    await control.restore({ grants: [...this.#grants.values()], sessions: [...this.#sessions.values()] })
    const tiles = new TileClient(await this.#supervisor.connect('project', TILE_SERVICE))
    return { port, control, tiles }
  }

  async #follow(control: Tie['control']): Promise<void> {
    try {
      for await (const note of await control.notes()) {
        this.#take(note)
        await control.taken()
      }
    } catch {
      // The host is gone; the next tie follows the next one.
    }
  }

  /** Brings the project host a line to the inference host; one that ends at once where that cannot be started. */
  async #join(): Promise<void> {
    await this.#inferenceDying
    const line = await this.#supervisor.connect('project', LINE_SERVICE)
    try {
      const inference = await this.#supervisor.connect('inference', 'inference')
      inference.onClose(() => {
        this.#inferenceDying = this.#supervisor.ended('inference')
      })
      relay(line, inference)
    } catch {
      line.close()
    }
  }

  #take(note: Note): void {
    // A host that is gone by now is brought back by whoever needs it next.
    if (note.type === 'inference' && note.want === 'line') this.#join().catch(() => {})
    else if (note.type === 'inference') this.#supervisor.kill('inference')
    else if (note.type === 'used') this.#onUsed(note.path)
    else if (note.type === 'granted') {
      const { token, path, mode } = note
      this.#grants.set(token, { token, path, mode })
    } else if (note.type === 'closed') this.#sessions.delete(note.session)
    else {
      const { session, path, readOnly, generation } = note
      this.#sessions.set(session, { session, path, readOnly, generation })
    }
  }
}
