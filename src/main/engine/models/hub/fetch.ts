/**
 * The one way in which a hub is asked about a model.
 *
 * Invariant: in the offline mode nothing is sent. The token goes to the hub's own address only, whatever page a list says comes
 * next. Answers are read whole below a limit, silence ends, and every failure is one `InlayError`.
 */
import { InlayError, throwIfCancelled } from '../../../../shared/errors.ts'
import { retryAfter, waitAsAsked } from '../download/retry-after.ts'
import type { HubAccess } from './access.ts'

export interface AskOptions {
  readonly signal?: AbortSignal
  /** How long an answer may take, milliseconds. */
  readonly patience?: number
  /** Wait before the next attempt, milliseconds; doubles each time. */
  readonly pause?: number
}

const PATIENCE = 30_000
const ATTEMPTS = 4
const LARGEST_ANSWER = 32 * 2 ** 20

/** @throws InlayError `network.offline` */
export function requireOnline({ offline }: HubAccess): void {
  if (offline)
    throw new InlayError(
      'network.offline',
      'Inlay is in its offline mode, so nothing was asked of the hub; switch it off, or import a model from this disk.',
    )
}

/**
 * A `fetch` for the hub client. What it throws is always an `InlayError`; what it answers is always a success.
 * @param what the model, for messages
 */
export function hubFetch(access: HubAccess, what: string, options: AskOptions = {}): typeof fetch {
  const { signal, patience = PATIENCE, pause = 500 } = options
  return async (input, init) => {
    requireOnline(access)
    const url = new URL(input instanceof Request ? input.url : input)
    if (url.origin !== new URL(access.address).origin)
      throw new InlayError(
        'download.refused',
        `The hub's list of ${what} goes on at another server (${url.host}); nothing was fetched.`,
      )
    const headers = new Headers(init?.headers)
    if (access.token !== null) headers.set('authorization', `Bearer ${access.token}`)
    for (let attempt = 1; ; attempt++) {
      throwIfCancelled(signal)
      const outcome = await once(url, headers, signal, patience)
      if (outcome instanceof Response && outcome.ok) return outcome
      if (outcome instanceof Response) refuse(outcome, what, access)
      if (attempt === ATTEMPTS)
        throw new InlayError(
          'network.failed',
          `The hub at ${url.host} does not answer${outcome instanceof Response ? ` (status ${outcome.status})` : ''}; check the connection and try again.`,
          { cause: outcome },
        )
      const asked = outcome instanceof Response ? retryAfter(outcome.headers) : null
      await waitAsAsked(asked, pause * 2 ** (attempt - 1), signal)
    }
  }
}

/** The whole answer, or what went wrong on the way. @throws InlayError `cancelled`, `network.failed` (an endless answer) */
async function once(
  url: URL,
  headers: Headers,
  signal: AbortSignal | undefined,
  patience: number,
): Promise<Response | Error> {
  const late = AbortSignal.timeout(patience)
  try {
    const response = await fetch(url, { headers, signal: signal ? AbortSignal.any([signal, late]) : late })
    const pieces: Uint8Array[] = []
    let size = 0
    for await (const piece of response.body ?? []) {
      size += piece.length
      if (size > LARGEST_ANSWER)
        throw new InlayError('network.failed', `The hub's answer has no end; nothing was fetched.`)
      pieces.push(piece)
    }
    return new Response(Buffer.concat(pieces), { status: response.status, headers: response.headers })
  } catch (error) {
    throwIfCancelled(signal)
    if (error instanceof InlayError) throw error
    return error as Error
  }
}

/** The answer is the error's cause. */
function refuse(response: Response, what: string, { token }: HubAccess): void {
  const { status } = response
  const gated = response.headers.get('x-error-code') === 'GatedRepo'
  const refuseWith = (message: string): never => {
    throw new InlayError('download.refused', message, { cause: response })
  }
  if (gated || status === 403)
    refuseWith(
      `The hub lets nobody at ${what} who has not accepted its licence there: do that on its page${token === null ? ', give Inlay your token' : ''} and try again.`,
    )
  if (status === 401)
    refuseWith(
      token === null
        ? `The hub has no model ${what}, or wants a token for it; check the name, or give Inlay your token.`
        : `The hub has no model ${what}, or does not take the token; check both.`,
    )
  if (status === 404 || status === 410)
    refuseWith(`The hub has no model ${what}, or not this revision; check the name.`)
  if (status >= 400 && status < 500 && status !== 408 && status !== 429)
    refuseWith(`The hub refuses ${what} (status ${status}); check the name.`)
}
