/**
 * What the window shows and does that is no part of the document: tool, colours, view, panels, messages.
 *
 * Invariant: nothing in here is undoable, and no pixels are in here. One store per window; panels and tools read it and
 * change it only through the functions of this file and of `actions.ts`. It knows neither React nor Konva.
 */
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { LayerId } from '../../shared/ids.ts'
import type { RgbColour } from '../../shared/intents.ts'
import { DEFAULT_REMOVAL, type RemovalRequest } from '../../shared/removal.ts'
import { DEFAULT_SETTINGS, type Settings } from '../../shared/rpc/shell-contract.ts'
import { type Brush, DEFAULT_BRUSH } from '../../shared/stroke.ts'
import { type GenerationState, START } from './generation-state.ts'
import { IDLE, type InHand, type Maker } from './in-hand-state.ts'

export const TOOL_IDS = [
  'move',
  'rectangle-select',
  'lasso',
  'crop',
  'brush',
  'eraser',
  'mask-brush',
  'eyedropper',
  'hand',
  'zoom',
] as const
export type ToolId = (typeof TOOL_IDS)[number]
export type BrushTool = 'brush' | 'eraser' | 'mask-brush'

/** A message at the edge of the window. Errors stay until closed; others leave by themselves. */
export interface Notice {
  readonly id: string
  readonly kind: 'info' | 'error'
  readonly text: string
}

export type DialogId =
  | 'new'
  | 'open'
  | 'save'
  | 'export'
  | 'canvas-size'
  | 'shortcuts'
  | 'about'
  | 'palette'
  | 'models'
  | 'compare'
  | 'amount'

export interface EditorState {
  readonly tool: ToolId
  /** Each painting tool keeps its own brush. */
  readonly brushes: Readonly<Record<BrushTool, Brush>>
  readonly foreground: RgbColour
  readonly background: RgbColour
  readonly activeLayer: LayerId | null
  /** What the brush paints on in the active layer. */
  readonly plane: 'pixels' | 'mask'
  /** How rectangle and lasso join what is selected, and how soft they cut, in pixels. */
  readonly selectCombine: 'replace' | 'add' | 'subtract' | 'intersect'
  readonly selectFeather: number
  /** Side of the square the eyedropper averages over, in document pixels. */
  readonly sampleSize: number
  /** Whether the move tool takes the layer under the pointer (Ctrl reverses it). */
  readonly autoSelect: boolean
  readonly maskOverlay: boolean
  readonly panels: boolean
  /** Screen pixels per document pixel; null while no picture is shown. Written by the canvas, read by the status bar. */
  readonly zoom: number | null
  /** Groups whose children the layers panel does not list. */
  readonly collapsed: ReadonlySet<LayerId>
  readonly removalRequest: RemovalRequest
  /** What Remove fills with: the name of a model; null is patch fill. */
  readonly removalModel: string | null
  /** How many a model makes. */
  readonly removalCandidates: number
  readonly generation: GenerationState
  readonly inHand: InHand
  /** Which of the two panels is unfolded. */
  readonly openPanel: Maker | null
  readonly dialog: DialogId | null
  /** What the `save` dialog is for: a file of its own, or a copy beside it. */
  readonly saving: 'save-as' | 'save-copy'
  /** What the file chosen in the `open` dialog is for. */
  readonly opening: 'open' | 'place'
  /** What the window waits for, as a sentence; null when it waits for nothing. */
  readonly busy: string | null
  /** What the `amount` dialog asks for. */
  readonly amount: { readonly change: 'grow' | 'shrink' | 'feather'; readonly value: number }
  readonly renaming: LayerId | null
  readonly notices: readonly Notice[]
  readonly settings: Settings
}

export type EditorStore = StoreApi<EditorState>

export function createEditorStore(): EditorStore {
  return createStore<EditorState>(() => ({
    tool: 'mask-brush',
    brushes: {
      brush: DEFAULT_BRUSH,
      eraser: DEFAULT_BRUSH,
      'mask-brush': { ...DEFAULT_BRUSH, hardness: 1, pressureSize: false },
    },
    foreground: { r: 0, g: 0, b: 0 },
    background: { r: 1, g: 1, b: 1 },
    activeLayer: null,
    plane: 'pixels',
    selectCombine: 'replace',
    selectFeather: 0,
    sampleSize: 1,
    autoSelect: false,
    maskOverlay: true,
    panels: true,
    zoom: null,
    collapsed: new Set(),
    removalRequest: DEFAULT_REMOVAL,
    removalModel: null,
    removalCandidates: 1,
    generation: START,
    inHand: IDLE,
    openPanel: 'remove',
    dialog: null,
    saving: 'save-as',
    opening: 'open',
    busy: null,
    amount: { change: 'grow', value: 4 },
    renaming: null,
    notices: [],
    settings: DEFAULT_SETTINGS,
  }))
}

export function isBrushTool(tool: ToolId): tool is BrushTool {
  return tool === 'brush' || tool === 'eraser' || tool === 'mask-brush'
}

export function setBrush(store: EditorStore, tool: BrushTool, change: Partial<Brush>): void {
  store.setState(({ brushes }) => ({ brushes: { ...brushes, [tool]: { ...brushes[tool], ...change } } }))
}

export function notify(store: EditorStore, notice: Notice): void {
  store.setState(({ notices }) => ({
    notices: [...notices.filter((n) => n.text !== notice.text), notice].slice(-4),
  }))
}

export function dismiss(store: EditorStore, id: string): void {
  store.setState(({ notices }) => ({ notices: notices.filter((n) => n.id !== id) }))
}
