/**
 * Both ends of a service on a port: oRPC underneath, `InlayError` above.
 *
 * Invariant: what a service throws reaches the caller as an `InlayError` with the same code and sentence; a bug arrives as
 * `internal` and is printed where it happened. A call ends with its port.
 */
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import type { AnyContractRouter, ContractRouterClient } from '@orpc/contract'
import { ORPCError, type Router } from '@orpc/server'
import { RPCHandler } from '@orpc/server/message-port'
import { InlayError, toWireError } from '../../shared/errors.ts'
import { fromWire, turningErrors, wireErrorOf } from '../../shared/rpc/wire.ts'
import { asRpcPort, type FramePort } from './ports.ts'

/** What a service's functions know about their caller. */
export interface Caller {
  readonly port: FramePort
}

/** Makes a service out of a router: call the result with every port that connects to it. */
export function serve<C extends AnyContractRouter>(router: Router<C, Caller>): (port: FramePort) => void {
  const handler = new RPCHandler<Caller>(router, {
    clientInterceptors: [({ next }) => turningErrors(async () => next(), toRpcError)],
  })
  return (port) => handler.upgrade(asRpcPort(port, 'drop'), { context: { port } })
}

/** The typed client of a service at the other end of a port. */
export function clientOf<C extends AnyContractRouter>(port: FramePort): ContractRouterClient<C> {
  const link = new RPCLink({
    port: asRpcPort(port, 'throw'),
    interceptors: [
      ({ next, signal }) =>
        turningErrors(
          async () => next(),
          (error) => fromWire(error, { aborted: signal?.aborted ?? false, lost: port.closed }),
        ),
    ],
  })
  return createORPCClient(link)
}

function toRpcError(error: unknown): ORPCError<string, unknown> {
  if (error instanceof ORPCError) {
    if (wireErrorOf(error)) return error
    if (error.code === 'BAD_REQUEST') return toRpcError(badInput(error))
  }
  const wire = toWireError(error)
  if (wire.code === 'internal') console.error(error)
  return new ORPCError(wire.code, { status: 500, message: wire.message, data: wire })
}

/** Names the first field that the contract's schema refused. */
function badInput(error: ORPCError<string, unknown>): InlayError {
  const { issues } = (error.data ?? {}) as {
    issues?: readonly { path?: readonly unknown[]; message: string }[]
  }
  const issue = issues?.[0]
  const where = issue?.path?.map((part) => String((part as { key?: unknown })?.key ?? part)).join('.') ?? ''
  return new InlayError(
    'usage',
    `The request makes no sense (${where}: ${issue?.message ?? error.message}).`,
    {
      cause: error,
    },
  )
}
