/**
 * What a shell and the project host say to each other behind the window's back: which files may be touched, and what has to
 * be known to go on after the host died.
 *
 * Invariant: this service is offered to the shell only; no window gets a port to it. A file token is worth what its grant
 * says and nothing without one.
 */
import { eventIterator, oc, type } from '@orpc/contract'
import { z } from 'zod'
import { FileToken, SessionId } from '../../shared/ids.ts'

/**
 * `open`: may be opened or placed; a project is edited where it is. `target`: may be made or replaced. `upload`: a
 * temporary copy to open; a project in it is taken into the drafts. `download`: a temporary target that goes away once it
 * was fetched, so nothing may go on living in it. `model`: a model's file or folder, to be put on the list where it is.
 */
export const GrantMode = z.enum(['open', 'target', 'upload', 'download', 'model'])
export type GrantMode = z.infer<typeof GrantMode>

export const Grant = z.object({ token: FileToken, path: z.string(), mode: GrantMode })
export type Grant = z.infer<typeof Grant>

/** A session and the project file it is in: enough to open it again in a new host. `generation` counts the hosts it had. */
export const OpenSession = z.object({
  session: SessionId,
  path: z.string(),
  readOnly: z.boolean(),
  generation: z.int().min(0),
})
export type OpenSession = z.infer<typeof OpenSession>

export const Note = z.discriminatedUnion('type', [
  OpenSession.extend({ type: z.literal('opened') }),
  z.object({ type: z.literal('closed'), session: SessionId }),
  /** A file worth remembering among the recent ones. */
  z.object({ type: z.literal('used'), path: z.string() }),
  /** The host made a token of its own, for a draft. */
  Grant.extend({ type: z.literal('granted') }),
  /** The host wants a line to the inference host, which is started for it; or that one ended, because it hangs. */
  z.object({ type: z.literal('inference'), want: z.enum(['line', 'end']) }),
])
export type Note = z.infer<typeof Note>

export const controlContract = {
  restore: oc
    .input(z.object({ grants: z.array(Grant), sessions: z.array(OpenSession) }))
    .output(type<void>()),
  grant: oc.input(Grant).output(type<void>()),
  /** Answers when the host is alive: a process that was killed takes a moment to be missed. */
  alive: oc.output(type<void>()),
  notes: oc.output(eventIterator(Note)),
  /** The shell has remembered the next note, in their order. */
  taken: oc.output(type<void>()),
}
