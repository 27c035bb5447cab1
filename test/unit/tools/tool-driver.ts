/**
 * Drives the real tools with plain events and records what they ask for: the far ends (host, view, screen) are recorders,
 * everything between is the product's own code.
 */

import type { BuildEdit, NamedChanges } from '../../../src/renderer/editor/document-client.ts'
import {
  createEditorStore,
  type EditorStore,
  type ToolId,
} from '../../../src/renderer/editor/editor-state.ts'
import type { StrokeStart } from '../../../src/renderer/tools/stroke-sink.ts'
import {
  type Modifiers,
  NO_MODIFIERS,
  type Spot,
  type ToolContext,
  type ToolEvent,
} from '../../../src/renderer/tools/tool.ts'
import { ToolManager } from '../../../src/renderer/tools/tool-manager.ts'
import {
  type Document,
  emptyDocument,
  type GroupLayer,
  LAYER_DEFAULTS,
  type Layer,
  type RasterLayer,
} from '../../../src/shared/document/model.ts'
import { LayerId, TileHash } from '../../../src/shared/ids.ts'
import type { Intent, RgbColour } from '../../../src/shared/intents.ts'
import type { StrokeSample } from '../../../src/shared/stroke.ts'

export interface RecordedStroke {
  readonly start: StrokeStart
  readonly samples: StrokeSample[]
  end: 'open' | 'commit' | 'discard'
}

export const HASH = (digit: string): TileHash => TileHash.parse(digit.repeat(64))

export function raster(id: string, change: Partial<RasterLayer> = {}): RasterLayer {
  return {
    kind: 'raster',
    ...LAYER_DEFAULTS,
    id: LayerId.parse(id),
    name: id,
    tiles: {},
    request: null,
    ...change,
  }
}

export function group(id: string, children: string[], change: Partial<GroupLayer> = {}): GroupLayer {
  return {
    kind: 'group',
    ...LAYER_DEFAULTS,
    id: LayerId.parse(id),
    name: id,
    children: children.map((child) => LayerId.parse(child)),
    passThrough: true,
    ...change,
  }
}

/** A 400 x 300 document; `root` lists the ids at the root from the bottom up. */
export function documentWith(
  layers: readonly Layer[],
  root = layers.map(({ id }) => id as string),
): Document {
  const empty = emptyDocument({ width: 400, height: 300 }, { name: 'sRGB', hash: null })
  return {
    ...empty,
    root: root.map((id) => LayerId.parse(id)),
    layers: Object.fromEntries(layers.map((layer) => [layer.id, layer])),
  }
}

interface Options {
  readonly document?: Document
  readonly readOnly?: boolean
  readonly scale?: number
}

export class ToolDriver {
  readonly store: EditorStore = createEditorStore()
  readonly intents: Intent[] = []
  readonly dispatched: NamedChanges[] = []
  readonly previews: (BuildEdit | null)[] = []
  readonly strokes: RecordedStroke[] = []
  readonly said: string[] = []
  readonly viewCalls: string[] = []
  readonly picks: { x: number; y: number; size: number; answer: (colour: RgbColour | null) => void }[] = []
  readonly tiles = new Map<TileHash, Uint8Array>()
  readonly manager: ToolManager
  document: Document
  held: Modifiers = NO_MODIFIERS
  #time = 1000
  #at: Spot = { x: 0, y: 0 }
  #buttons = 0
  readonly #scale: number

  constructor(tool: ToolId, { document, readOnly = false, scale = 1 }: Options = {}) {
    this.document = document ?? documentWith([raster('photo')])
    this.#scale = scale
    this.store.setState({ tool, activeLayer: this.document.root.at(-1) ?? null })
    const context: ToolContext = {
      store: this.store,
      view: {
        scale,
        startPan: () => (dx, dy) => this.viewCalls.push(`pan ${dx} ${dy}`),
        zoomAbout: ({ x, y }, factor) => this.viewCalls.push(`zoom ${x} ${y} ${factor}`),
        zoomTo: ({ x, y, width, height }) => this.viewCalls.push(`show ${x} ${y} ${width} ${height}`),
      },
      strokes: {
        begin: (start) => {
          const stroke: RecordedStroke = { start, samples: [], end: 'open' }
          this.strokes.push(stroke)
          return {
            push: (sample) => stroke.samples.push(sample),
            commit: () => (stroke.end = 'commit'),
            discard: () => (stroke.end = 'discard'),
          }
        },
      },
      document: () => this.document,
      readOnly: () => readOnly,
      perform: async (intent) => this.intents.push(intent) > 0,
      edit: async (_origin, build) => {
        const made = build(this.document)
        return made !== null && this.dispatched.push(made) > 0
      },
      preview: (gesture) => this.previews.push(gesture),
      pick: (x, y, size) =>
        new Promise((answer) => {
          this.picks.push({ x, y, size, answer })
        }),
      fetchTiles: async (hashes) =>
        new Map(hashes.flatMap((hash) => (this.tiles.has(hash) ? [[hash, this.tiles.get(hash)!]] : []))),
      say: (text) => this.said.push(text),
      redraw: () => undefined,
    }
    this.manager = new ToolManager(context)
  }

  get state(): string {
    return this.manager.active.state
  }

  hold(change: Partial<Modifiers>): this {
    this.held = { ...NO_MODIFIERS, ...change }
    this.manager.modifiers(this.held)
    return this
  }

  down(x: number, y: number, button = 0): this {
    this.#buttons = [1, 4, 2, 8, 16, 32][button]!
    return this.#send('down', x, y, button)
  }

  move(x: number, y: number, more: Partial<ToolEvent> = {}): this {
    return this.#send('move', x, y, -1, more)
  }

  up(): this {
    this.#buttons = 0
    return this.#send('up', this.#at.x, this.#at.y, 0)
  }

  double(x: number, y: number): this {
    return this.#send('double', x, y, 0)
  }

  drag(...places: readonly (readonly [number, number])[]): this {
    const [first, ...rest] = places
    this.down(first![0], first![1])
    for (const [x, y] of rest) this.move(x, y)
    return this.up()
  }

  key(key: string, type: 'down' | 'up' = 'down'): boolean {
    return this.manager.key({ type, key, modifiers: this.held })
  }

  /** Lets promises that are ready go on. */
  settle(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, 0))
  }

  #send(type: ToolEvent['type'], x: number, y: number, button: number, more: Partial<ToolEvent> = {}): this {
    this.#at = { x, y }
    this.#time += 8
    this.manager.pointer({
      type,
      point: { x, y },
      screen: { x: x * this.#scale, y: y * this.#scale },
      pressure: 1,
      button,
      buttons: this.#buttons,
      modifiers: this.held,
      time: this.#time,
      pointerId: 1,
      ...more,
    })
    return this
  }
}
