/**
 * A client that outlives its line: when the line ends, the next call opens another.
 *
 * Invariant: a call that was under way when the line ended fails with `host.lost` and is never repeated by itself, because it
 * may have been done. A new call waits for the line to come back, but not for ever.
 */
import { createORPCClient, DynamicLink } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import type { AnyContractRouter, ContractRouterClient } from '@orpc/contract'
import type { BridgeService } from '../../shared/bridge.ts'
import { fromWire, turningErrors } from '../../shared/rpc/wire.ts'
import { type Line, lost, openLine } from './line.ts'

/** How long a call waits for a line, and how often it is tried, in milliseconds. */
const PATIENCE = 15_000
const BETWEEN = 250

type Link = RPCLink<Record<never, never>>

export class LiveLine {
  readonly #service: BridgeService
  readonly #onClose: () => void
  #link: Promise<Link> | undefined

  constructor(service: BridgeService, onClose: () => void) {
    this.#service = service
    this.#onClose = onClose
  }

  client<C extends AnyContractRouter>(): ContractRouterClient<C> {
    return createORPCClient(new DynamicLink(() => this.open()))
  }

  /** The link over the present line, or over a new one. @throws InlayError `host.lost` when it does not come back. */
  open(): Promise<Link> {
    this.#link ??= this.#connect().catch((error) => {
      this.#link = undefined
      throw error
    })
    return this.#link
  }

  async #connect(): Promise<Link> {
    const until = performance.now() + PATIENCE
    for (;;) {
      try {
        return this.#use(await openLine(this.#service))
      } catch {
        if (performance.now() > until) throw lost()
        await new Promise((resolve) => setTimeout(resolve, BETWEEN))
      }
    }
  }

  #use(line: Line): Link {
    const link: Link = new RPCLink({
      port: line,
      interceptors: [
        ({ next, signal }) =>
          turningErrors(
            async () => next(),
            (error) => fromWire(error, { aborted: signal?.aborted ?? false, lost: line.closed }),
          ),
      ],
    })
    // After the link, so that it has already failed what was under way.
    line.on('close', () => {
      this.#link = undefined
      this.#onClose()
    })
    return link
  }
}
