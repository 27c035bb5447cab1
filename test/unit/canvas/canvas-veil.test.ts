import { describe, expect, it } from 'vitest'
import { shiftOf } from '../../../src/renderer/canvas/canvas-generation.ts'
import { CanvasVeil } from '../../../src/renderer/canvas/canvas-veil.ts'
import { ResultOverlay } from '../../../src/renderer/canvas/shown-document.ts'
import { createEditorStore, type EditorState } from '../../../src/renderer/editor/editor-state.ts'
import type { InHand } from '../../../src/renderer/editor/in-hand-state.ts'
import { emptyDocument, LAYER_DEFAULTS } from '../../../src/shared/document/model.ts'
import { DEFAULT_GENERATION } from '../../../src/shared/generation.ts'
import { CandidateId, LayerId, TileHash } from '../../../src/shared/ids.ts'
import { DEFAULT_REMOVAL } from '../../../src/shared/removal.ts'

const working = {
  phase: 'working',
  fraction: 0,
  stage: '',
  by: 'remove',
  secondsLeft: null,
  abort: new AbortController(),
  preview: null,
  candidates: [],
  chosen: null,
} as const
const candidate = {
  id: CandidateId.parse('c'),
  request: DEFAULT_REMOVAL,
  index: 0,
  report: null,
  tiles: { '0,0': TileHash.parse('a'.repeat(64)) },
  bounds: { x: 0, y: 0, width: 9, height: 9 },
  seconds: 1,
}
const choosing = {
  phase: 'choosing',
  by: 'generate',
  candidates: [candidate, { ...candidate, id: CandidateId.parse('d'), tiles: {} }],
  chosen: 0,
  showOriginal: false,
} as const

function state(change: Partial<EditorState>): EditorState {
  return { ...createEditorStore().getState(), ...change }
}

describe('how the selection is shown', () => {
  it('as a veil for the mask brush, also while one looks around; as ants for outlines', () => {
    const veil = new CanvasVeil()
    const looks = (
      ['mask-brush', 'hand', 'rectangle-select', 'hand', 'lasso', 'mask-brush', 'zoom'] as const
    ).map((tool) => veil.look(state({ tool })))
    expect(looks).toEqual(['veil', 'veil', 'ants', 'ants', 'ants', 'veil', 'veil'])
  })

  it('as ants when the overlay is switched off, as nothing over a result or a crop frame', () => {
    const veil = new CanvasVeil()
    expect(veil.look(state({ maskOverlay: false }))).toBe('ants')
    expect(veil.look(state({ inHand: { ...choosing, showOriginal: true } }))).toBe('none')
    expect(veil.look(state({ tool: 'crop' }))).toBe('none')
    expect(veil.look(state({ inHand: { ...working, candidates: [candidate], chosen: 0 } }))).toBe('none')
  })

  it('breathes while a removal is at work, unless motion is unwelcome', () => {
    const veil = new CanvasVeil()
    const at = (time: number, still: boolean) => veil.veil(state({ inHand: working }), time, still)!.opacity
    expect(at(0, false)).toBeLessThan(at(900, false))
    expect(at(0, true)).toBe(at(900, true))
    expect(veil.nextFrame(state({ inHand: working }), false, true)).toBeNull()
    expect(veil.nextFrame(state({ inHand: working }), false, false)).not.toBeNull()
  })
})

describe('the candidate that is looked at', () => {
  const document = emptyDocument({ width: 9, height: 9 }, { name: 'sRGB', hash: null })

  it('lies on top while it waits, and the same picture is the same object', () => {
    const overlay = new ResultOverlay()
    const shown = overlay.over(document, choosing)
    const top = shown.layers[shown.root.at(-1)!]
    expect(top).toMatchObject({ kind: 'raster', tiles: candidate.tiles, opacity: 1 })
    expect(overlay.over(document, { ...choosing })).toBe(shown)
    expect(document.root).toEqual([])
  })

  it('is the chosen one, also while others are still being made', () => {
    const overlay = new ResultOverlay()
    const tiles = (inHand: InHand) => {
      const shown = overlay.over(document, inHand)
      const top = shown.layers[shown.root.at(-1)!]
      return top?.kind === 'raster' ? top.tiles : null
    }
    expect(tiles({ ...choosing, chosen: 1 })).toEqual({})
    expect(tiles({ ...working, candidates: [candidate] })).toBeNull()
    expect(tiles({ ...working, candidates: [candidate], chosen: 0 })).toEqual(candidate.tiles)
  })

  it('grows the canvas with it where it will, and what was there keeps its place beside it', () => {
    const layer = { kind: 'raster', ...LAYER_DEFAULTS, name: 'a', tiles: {}, request: null } as const
    const id = LayerId.parse('a')
    const full = { ...document, root: [id], layers: { [id]: { ...layer, id, offset: { x: 1, y: 2 } } } }
    const outpaint = { left: 10, top: 20, right: 30, bottom: 40 }
    const grows = { ...candidate, request: { ...DEFAULT_GENERATION, outpaint } }
    const inHand = { ...choosing, candidates: [grows] }
    const shown = new ResultOverlay().over(full, inHand)
    expect(shown.canvas).toEqual({ width: 49, height: 69 })
    expect(shown.root.map((each) => shown.layers[each]?.offset)).toEqual([
      { x: 11, y: 22 },
      { x: 10, y: 20 },
    ])
    expect(shiftOf(inHand)).toEqual({ x: 10, y: 20 })
    expect(shiftOf({ ...inHand, showOriginal: true })).toEqual({ x: 0, y: 0 })
  })

  it('is left out when the original is asked for', () => {
    const overlay = new ResultOverlay()
    expect(overlay.over(document, { ...choosing, showOriginal: true })).toBe(document)
    expect(overlay.over(document, { phase: 'idle' })).toBe(document)
  })
})
