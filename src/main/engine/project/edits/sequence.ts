/**
 * One after the other: edits of one session wait for each other.
 *
 * Invariant: work of one session never overlaps and keeps its order. Whoever changes a session otherwise (a dispatched
 * command, undo, redo, a jump) sends that through here too, so that it cannot fall into the middle of an edit.
 */
const tails = new WeakMap<object, Promise<unknown>>()

export function inSequence<T>(session: object, work: () => T | Promise<T>): Promise<T> {
  const before = tails.get(session) ?? Promise.resolve()
  const result = before.then(work)
  tails.set(
    session,
    result.catch(() => undefined),
  )
  return result
}
