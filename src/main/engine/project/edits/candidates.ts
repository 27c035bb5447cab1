/**
 * Turning a candidate into a layer.
 *
 * Invariant (law 2): the new layer lies on top with normal blending and full opacity, and its mask is 0 outside the
 * compositing mask, so the picture's bytes outside it stay what they were. A candidate that needs a larger canvas gets it in
 * the same command.
 */
import { BUILT_IN, type GenerationRequest } from '../../../../shared/generation.ts'
import type { IntentOf } from '../../../../shared/intents.ts'
import type { RemovalRequest } from '../../../../shared/removal.ts'
import { reframe } from './canvas.ts'
import type { Edit, EditWork } from './context.ts'
import { conflict, freeName, insertion, newRaster } from './layers.ts'
import { selectionChange } from './tile-changes.ts'

export async function applyCandidate(
  work: EditWork,
  { candidate }: IntentOf<'apply-candidate'>,
): Promise<Edit> {
  const { document, context } = work
  const found = context.candidates.layerOf(candidate)
  if (!found) throw conflict('This result is no longer kept. Make it again.')
  const { frame, mask, request, tiles } = found
  if (frame && !sameSize(frame.canvas, document.canvas))
    throw conflict('The canvas has another size now. Make this result again.')
  const { label, name, origin } = wordsOf(request)
  const layer = newRaster(work.newLayerId(), freeName(document, name), tiles, {
    mask: mask && { tiles: mask, outside: 0, enabled: true },
    request: candidate,
    ...(frame ? { offset: { x: 0 - frame.rect.x, y: 0 - frame.rect.y } } : {}),
  })
  const unselected = { ...work, document: { ...document, selection: null } }
  return {
    label,
    origin,
    changes: [
      ...selectionChange(document, null),
      ...(frame ? await reframe(unselected, frame.rect) : []),
      insertion(document, { parent: null, index: document.root.length }, [layer]),
    ],
  }
}

interface Words {
  /** Of the history entry. */
  readonly label: string
  /** Of the layer. */
  readonly name: string
  readonly origin: string
}

function wordsOf(request: RemovalRequest | GenerationRequest): Words {
  const removal = { label: 'Remove', name: 'Removal', origin: 'remove' }
  if (request.kind === 'removal') return removal
  const named = firstWords(request.prompt)
  if (request.outpaint) return { label: 'Outpaint', name: named || 'Outpainting', origin: 'generate' }
  // Filling a hole without a word is what Remove asks of a model.
  if (request.task === 'inpaint' && request.model === BUILT_IN)
    return { label: 'Fill', name: 'Fill', origin: 'remove' }
  if (request.task === 'inpaint' && named === '') return removal
  return { label: 'Generate', name: named || 'Generation', origin: 'generate' }
}

const MOST_LETTERS = 32

/** Of a prompt, without the signs of its weights; empty where it says nothing. */
function firstWords(prompt: string): string {
  const plain = prompt
    .slice(0, 1000)
    .replaceAll(/:\s*-?[\d.]+\s*(?=[)\]])/g, '')
    .replaceAll(/[()[\]\\]|\p{Cc}/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
  const letters = [...plain]
  if (letters.length <= MOST_LETTERS) return plain
  const cut = letters.slice(0, MOST_LETTERS + 1).join('')
  const space = cut.lastIndexOf(' ')
  const kept = space > 0 ? cut.slice(0, space) : letters.slice(0, MOST_LETTERS).join('')
  return `${kept.replace(/[,;.\s]+$/, '')}…`
}

function sameSize(
  a: { readonly width: number; readonly height: number },
  b: { readonly width: number; readonly height: number },
): boolean {
  return a.width === b.width && a.height === b.height
}
