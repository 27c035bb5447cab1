/**
 * Turning a candidate into a layer.
 *
 * Invariant (law 2): the new layer lies on top with normal blending and full opacity, and its mask is 0 outside the
 * compositing mask, so the picture's bytes outside it stay what they were.
 */
import type { IntentOf } from '../../../../shared/intents.ts'
import type { Edit, EditWork } from './context.ts'
import { conflict, freeName, insertion, newRaster } from './layers.ts'
import { selectionChange } from './tile-changes.ts'

export function applyCandidate(work: EditWork, { candidate }: IntentOf<'apply-candidate'>): Edit {
  const { document, context } = work
  const found = context.candidates.layerOf(candidate)
  if (!found) throw conflict('This result is no longer kept. Run Remove again.')
  const layer = newRaster(work.newLayerId(), freeName(document, 'Removal'), found.tiles, {
    mask: { tiles: found.mask, outside: 0, enabled: true },
    request: candidate,
  })
  return {
    label: 'Remove',
    origin: 'remove',
    changes: [
      insertion(document, { parent: null, index: document.root.length }, [layer]),
      ...selectionChange(document, null),
    ],
  }
}
