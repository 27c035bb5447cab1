/**
 * The document as the canvas shows it: with the gesture in hand, and with the candidate that is looked at on top. Pure.
 *
 * Invariant: what is added here never reaches the engine.
 */
import { type Document, LAYER_DEFAULTS, type RasterLayer } from '../../shared/document/model.ts'
import type { Sides } from '../../shared/generation.ts'
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

function withCandidate(plain: Document, { tiles, id, request }: Candidate): Document {
  const sides = request.kind === 'generation' ? request.outpaint : null
  const document = sides ? grown(plain, sides) : plain
  const layer: RasterLayer = {
    kind: 'raster',
    ...LAYER_DEFAULTS,
    id: CANDIDATE_LAYER,
    name: 'Result',
    tiles,
    request: id,
    offset: { x: sides?.left ?? 0, y: sides?.top ?? 0 },
  }
  return {
    ...document,
    root: [...document.root, CANDIDATE_LAYER],
    layers: { ...document.layers, [CANDIDATE_LAYER]: layer },
  }
}

/** The document on the canvas that an outpainting makes. */
function grown(document: Document, { left, top, right, bottom }: Sides): Document {
  const { canvas, layers } = document
  const moved = Object.entries(layers).map(([id, layer]) => {
    const { x, y } = layer.offset
    return [id, { ...layer, offset: { x: x + left, y: y + top } }]
  })
  return {
    ...document,
    canvas: { width: canvas.width + left + right, height: canvas.height + top + bottom },
    layers: Object.fromEntries(moved),
  }
}
