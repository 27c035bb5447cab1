/**
 * Ctrl+C, or a scheduler's SIGTERM, as an abort signal: the first one stops the work cleanly, a second one ends the process.
 */
const abort = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    if (abort.signal.aborted) process.exit(130)
    abort.abort()
  })

export const interrupted: AbortSignal = abort.signal
