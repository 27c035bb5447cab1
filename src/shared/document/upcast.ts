/**
 * Reading what is stored: commands and documents as JSON, of this version or an older one.
 *
 * Invariant: whatever a released Inlay wrote is readable for ever. When a change type gets a second version, the
 * first is translated here, before the schema sees it; nothing else knows old versions. So far there is only one.
 */
import { InlayError } from '../errors.ts'
import { Command } from './commands.ts'
import { Document } from './model.ts'

/** Parses a stored or received command. @throws InlayError `project.damaged` naming the first thing that is wrong. */
export function parseCommand(json: unknown): Command {
  const parsed = Command.safeParse(json)
  if (parsed.success) return parsed.data as Command
  throw damaged('history entry', parsed.error)
}

/** Parses a stored document. @throws InlayError `project.damaged` naming the first thing that is wrong. */
export function parseDocument(json: unknown): Document {
  const parsed = Document.safeParse(json)
  if (parsed.success) return parsed.data as unknown as Document
  throw damaged('document', parsed.error)
}

function damaged(
  what: string,
  error: { issues: readonly { path: PropertyKey[]; message: string }[] },
): InlayError {
  const issue = error.issues[0]
  const where = issue?.path.map(String).join('.') ?? ''
  return new InlayError(
    'project.damaged',
    `A ${what} in the file cannot be read (${where}: ${issue?.message}).`,
  )
}
