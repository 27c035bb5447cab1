/** Ctrl+C as an abort signal: the first one stops the work cleanly, a second one ends the process. */
const abort = new AbortController()
process.on('SIGINT', () => {
  if (abort.signal.aborted) process.exit(130)
  abort.abort()
})

export const interrupted: AbortSignal = abort.signal
