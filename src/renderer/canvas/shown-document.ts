/**
 * The document as the canvas shows it: with the gesture in hand, and with the candidate that is looked at on top. Pure.
 *
 * Invariant: what is added here never reaches the engine.
 */
import { type Document, LAYER_DEFAULTS, type RasterLayer } from '../../shared/document/model.ts'
import { LayerId } from '../../shared/ids.ts'
import type { Candidate } from '../../shared/rpc/contract.ts'
import { type InHand, shownCandidate } from '../editor/in-hand-state.ts'

const CANDIDATE_LAYER = LayerId.parse('candidate-preview')

/** Adds the waiting result, unless there is none or the original is asked for; the same input gives the same object. */
export class ResultOverlay {
  #last: { readonly document: Document; readonly candidate: Candidate; readonly shown: Document } | null =
    null

  over(document: Document, inHand: InHand): Document {
    const candidate = shownCandidate(inHand)
    if (!candidate) return document
    const last = this.#last
    if (last?.document === document && last.candidate === candidate) return last.shown
    const shown = withCandidate(document, candidate)
    this.#last = { document, candidate, shown }
    return shown
  }
}

function withCandidate(document: Document, { tiles, id }: Candidate): Document {
  const layer: RasterLayer = {
    kind: 'raster',
    ...LAYER_DEFAULTS,
    id: CANDIDATE_LAYER,
    name: 'Result',
    tiles,
    request: id,
  }
  return {
    ...document,
    root: [...document.root, CANDIDATE_LAYER],
    layers: { ...document.layers, [CANDIDATE_LAYER]: layer },
  }
}
