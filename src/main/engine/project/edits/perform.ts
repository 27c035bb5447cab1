/**
 * Intents to commands: the one place where what is meant becomes pixels and a history entry.
 *
 * Invariant: an intent ends in one command, or in none and then nothing has changed. Intents of one session are
 * performed one after the other; while one is at work, the event loop runs.
 */
import { randomUUID } from 'node:crypto'
import type { Command } from '../../../../shared/document/commands.ts'
import { LayerId } from '../../../../shared/ids.ts'
import type { Intent } from '../../../../shared/intents.ts'
import { createPace } from '../../imaging/pace.ts'
import { applyCandidate } from './candidates.ts'
import { crop, resizeCanvas } from './canvas.ts'
import type { Edit, EditContext, EditSession, EditWork } from './context.ts'
import { duplicate, layerFromSelection } from './copy-layers.ts'
import { clear, fillColour } from './fill.ts'
import { addMask, applyMask, invertMask } from './mask-edits.ts'
import { flatten, mergeDown } from './merge.ts'
import { paste } from './paste.ts'
import { modifySelection, select } from './select.ts'
import { inSequence } from './sequence.ts'
import { stroke } from './stroke.ts'

/**
 * Makes an intent's pixels and commits its command.
 * @returns null when nothing changed
 * @throws InlayError `document.conflict` when the intent does not fit the document (a sentence says why), `cancelled`,
 *   and what `commit`, the tiles and the context throw; nothing has changed then
 */
export function perform(session: EditSession, intent: Intent, context: EditContext): Promise<Command | null> {
  return inSequence(session, async () => {
    const edit = await editOf(workFor(session, context), intent)
    if (!edit || edit.changes.length === 0) return null
    if (intent.kind !== 'apply-candidate') return session.commit(edit)
    session.recordRequest(intent.candidate, context.candidates.layerOf(intent.candidate)?.request)
    const command = session.commit(edit)
    context.candidates.drop(intent.candidate)
    return command
  })
}

function workFor(session: EditSession, context: EditContext): EditWork {
  const { document, tiles } = session
  const { hash } = document.profile
  const newId = context.newId ?? randomUUID
  return {
    document,
    tiles,
    context,
    pace: createPace(context.signal),
    profile: () => (hash === null ? null : session.blob(hash)),
    newLayerId: () => LayerId.parse(newId()),
  }
}

async function editOf(work: EditWork, intent: Intent): Promise<Edit | null> {
  switch (intent.kind) {
    case 'stroke':
      return stroke(work, intent)
    case 'select':
      return select(work, intent)
    case 'modify-selection':
      return modifySelection(work, intent)
    case 'clear':
      return clear(work, intent)
    case 'fill-colour':
      return fillColour(work, intent)
    case 'paste':
      return paste(work, intent)
    case 'layer-from-selection':
      return layerFromSelection(work, intent)
    case 'add-mask':
      return addMask(work, intent)
    case 'invert-mask':
      return invertMask(work, intent)
    case 'apply-mask':
      return applyMask(work, intent)
    case 'duplicate':
      return duplicate(work, intent)
    case 'merge-down':
      return mergeDown(work, intent)
    case 'flatten':
      return flatten(work)
    case 'crop':
      return crop(work, intent)
    case 'resize-canvas':
      return resizeCanvas(work, intent)
    case 'apply-candidate':
      return applyCandidate(work, intent)
  }
}
