/** How long a server asks to be left alone, by the `Retry-After` header of RFC 9110: seconds, or a date. */
import { setTimeout as wait } from 'node:timers/promises'
import { InlayError, throwIfCancelled } from '../../../../shared/errors.ts'

/** Nobody waits longer than this in front of a progress bar, milliseconds. */
const LONGEST = 120_000

/** Milliseconds; null where the header is not there or says nothing. */
export function retryAfter(headers: Headers, now = Date.now()): number | null {
  const text = headers.get('retry-after')?.trim()
  if (!text) return null
  const wanted = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now
  return Number.isNaN(wanted) ? null : Math.max(0, wanted)
}

/**
 * Waits as long as was asked for, or `otherwise`.
 * @throws InlayError `network.failed` where it is asked for too long, `cancelled`
 */
export async function waitAsAsked(
  asked: number | null,
  otherwise: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (asked !== null && asked > LONGEST)
    throw new InlayError(
      'network.failed',
      `The hub wants to be left alone for ${Math.ceil(asked / 60_000)} minutes; what has arrived is kept, try again then.`,
    )
  await wait(asked ?? otherwise, undefined, signal ? { signal } : {}).catch((error: unknown) => {
    throwIfCancelled(signal)
    throw error
  })
}
