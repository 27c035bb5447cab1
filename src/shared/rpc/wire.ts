/**
 * How an `InlayError` crosses a port, without this room knowing the RPC library.
 *
 * Invariant: whoever calls another process gets its answer or an `InlayError`, never an error of the RPC library. The
 * server puts a `WireError` into the `data` of the library's error; the client takes it out again. A call that ends
 * because its port closed is `host.lost`, one that ends because its own signal fired is `cancelled`.
 */
import { InlayError, isErrorCode, type WireError } from '../errors.ts'

/** The wire form carried by an error of the RPC library, if it carries one. */
export function wireErrorOf(error: unknown): WireError | undefined {
  const data = (error as { data?: unknown } | null | undefined)?.data
  const { code, message } = (data ?? {}) as { code?: unknown; message?: unknown }
  return isErrorCode(code) && typeof message === 'string' ? { code, message } : undefined
}

/** What the client side knows about a call that failed. */
export interface CallState {
  readonly aborted: boolean
  readonly lost: boolean
}

/** Turns what a call through a port threw into an `InlayError`. */
export function fromWire(error: unknown, state: CallState): InlayError {
  if (error instanceof InlayError) return error
  const wire = wireErrorOf(error)
  if (wire) return new InlayError(wire.code, wire.message, { cause: error })
  if (state.aborted) return new InlayError('cancelled', 'The work was cancelled.', { cause: error })
  if (state.lost)
    return new InlayError('host.lost', 'The connection to the editor was lost; try again in a moment.', {
      cause: error,
    })
  const message = error instanceof Error ? error.message : String(error)
  return new InlayError('internal', `Something went wrong inside Inlay: ${message}`, { cause: error })
}

/** Passes a call's answer on with its errors turned; a stream's errors too, whenever they come. */
export async function turningErrors<T>(call: () => Promise<T>, turn: (error: unknown) => Error): Promise<T> {
  let answer: T
  try {
    answer = await call()
  } catch (error) {
    throw turn(error)
  }
  return isStream(answer) ? (turnStream(answer, turn) as T) : answer
}

type Stream = AsyncIteratorObject<unknown, unknown, void>

function isStream(value: unknown): value is Stream {
  return (
    typeof value === 'object' &&
    value !== null &&
    Symbol.asyncIterator in value &&
    typeof (value as Partial<Stream>).next === 'function'
  )
}

/** Not a generator: `return` must reach the source at once, even while a `next` is waiting. */
function turnStream(source: Stream, turn: (error: unknown) => Error): Stream {
  const guard = async <R>(step: () => Promise<R>): Promise<R> => {
    try {
      return await step()
    } catch (error) {
      throw turn(error)
    }
  }
  return {
    next: () => guard(() => source.next()),
    return: (value?: unknown) =>
      guard(async () => (await source.return?.(value)) ?? { done: true as const, value: undefined }),
    [Symbol.asyncIterator]() {
      return this
    },
  } as Stream
}
