/**
 * The canvas of one open project: picture, overlay, tools and view, drawn together.
 *
 * Invariant: picture and overlay are drawn in one frame from one view, and only when something has changed. Tools see the
 * document as committed; what is drawn may be a moment behind it while strokes are on their way (`canvas-shown.ts`).
 */
import type { CommandId } from '../../shared/ids.ts'
import type { IntentOf } from '../../shared/intents.ts'
import { type DocumentClient, type DocumentState, newId } from '../editor/document-client.ts'
import type { Editor } from '../editor/editor.ts'
import { notify } from '../editor/editor-state.ts'
import type { Spot } from '../tools/tool.ts'
import { ToolManager } from '../tools/tool-manager.ts'
import { insideOf, previewOf, regionShapes, shiftOf } from './canvas-generation.ts'
import type { Picture, PictureFrame } from './canvas-picture.ts'
import { ShownDocument } from './canvas-shown.ts'
import { createToolContext, reportFailure } from './canvas-tool-context.ts'
import { CanvasVeil } from './canvas-veil.ts'
import { placementOf, visibleRect } from './canvas-view.ts'
import { ViewControl } from './canvas-view-control.ts'
import { restoreActiveLayer, savedViewOf, ViewKeeper } from './canvas-view-keeper.ts'
import { cursorCss } from './cursor-css.ts'
import type { DrawOverlay, OverlayFrame, OverlaySource } from './Overlay.tsx'
import { listenToPointer } from './pointer-input.ts'
import { SelectionAnts } from './selection-ants.ts'
import { ResultOverlay } from './shown-document.ts'
import { StrokeQueue } from './stroke-queue.ts'

const OUTSIDE_SELECTION = 'Nothing was painted: only the selection can be. Deselect to paint everywhere.'

/** How much of the frame is out of date: each includes those before it. */
const DIRT = { none: 0, cursor: 1, overlay: 2, picture: 3 } as const
type Dirt = keyof typeof DIRT

export class CanvasController implements OverlaySource {
  readonly view: ViewControl
  readonly tools: ToolManager
  readonly #editor: Editor
  readonly #client: DocumentClient
  readonly #element: HTMLElement
  readonly #picture: Picture
  readonly #shown: ShownDocument
  readonly #strokes: StrokeQueue
  readonly #ants: SelectionAnts
  readonly #veil = new CanvasVeil()
  readonly #result = new ResultOverlay()
  readonly #keeper: ViewKeeper
  readonly #still = matchMedia('(prefers-reduced-motion: reduce)')
  readonly #stops: (() => void)[] = []
  #drawOverlay: DrawOverlay | null = null
  #pointer: Spot | null = null
  #frame = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #dirt: Dirt = 'none'
  #now = 0

  constructor(
    editor: Editor,
    client: DocumentClient,
    element: HTMLElement,
    createPicture: (redraw: () => void) => Picture,
  ) {
    this.#editor = editor
    this.#client = client
    this.#element = element
    const { document } = client.state
    const redraw = () => this.invalidate('picture')
    this.#picture = createPicture(redraw)
    this.#keeper = new ViewKeeper(editor, client)
    this.view = new ViewControl(document.canvas, savedViewOf(client), () => this.#viewChanged())
    this.#shown = new ShownDocument(document, {
      ready: (next) => this.#picture.ready(this.#pictureFrame(next)),
      waiting: () => this.#strokes.waiting > 0,
      redraw,
    })
    this.#strokes = new StrokeQueue({
      surface: this.#picture.strokes,
      send: (intent) => this.#sendStroke(intent),
      show: (command, then) => this.#shown.show(command, then),
      failed: (error) => {
        this.#shown.catchUp()
        reportFailure(editor, error)
      },
      redraw,
    })
    this.#ants = new SelectionAnts(editor.fetchTiles, () => this.invalidate('overlay'))
    const parts = { view: this.view, strokes: this.#strokes, redraw: () => this.invalidate('overlay') }
    this.tools = new ToolManager(createToolContext(editor, client, parts))
    restoreActiveLayer(editor, client)
    this.#listen()
    this.invalidate('picture')
  }

  /** The canvas element's size in CSS pixels. */
  resize(width: number, height: number, pixelRatio: number): void {
    this.view.resize({ width, height, pixelRatio })
    this.invalidate('picture')
  }

  invalidate(dirt: Dirt): void {
    if (DIRT[dirt] > DIRT[this.#dirt]) this.#dirt = dirt
    if (this.#frame === 0) this.#frame = requestAnimationFrame((time) => this.#draw(time))
  }

  onOverlay(draw: DrawOverlay | null): void {
    this.#drawOverlay = draw
    this.invalidate('overlay')
  }

  frame(): OverlayFrame {
    const state = this.#editor.store.getState()
    const { view, window } = this.view
    const place = placementOf(view, window)
    const ants = this.#veil.look(state) === 'ants' ? this.#ants.pathAt(place, window.pixelRatio) : null
    const { document } = this.#client.state
    const preview = previewOf(state)
    return {
      place,
      preview,
      inside: insideOf(preview, document, place, ants),
      shapes: [...regionShapes(state, document), ...this.tools.overlay()],
      ants,
      phase: this.#veil.phase(this.#now, this.#isStill),
      cursor: this.tools.cursor(),
      pointer: this.#pointer,
    }
  }

  dispose(): void {
    this.tools.dispose()
    for (const stop of this.#stops) stop()
    cancelAnimationFrame(this.#frame)
    clearTimeout(this.#timer)
    this.#keeper.flush()
    this.#picture.dispose()
    this.#editor.store.setState({ zoom: null })
  }

  #listen(): void {
    const { store } = this.#editor
    const leaving = () => this.#keeper.flush()
    window.addEventListener('pagehide', leaving)
    this.#stops.push(
      () => window.removeEventListener('pagehide', leaving),
      store.subscribe((now, before) => {
        if (now.activeLayer !== before.activeLayer) this.#keepView()
        const drawn = ['inHand', 'maskOverlay', 'settings', 'tool'] as const
        this.invalidate(drawn.some((key) => now[key] !== before[key]) ? 'picture' : 'overlay')
      }),
      this.#client.store.subscribe((state) => this.#documentChanged(state)),
      listenToPointer(this.#element, {
        toDocument: (screen) => this.view.toDocument(screen),
        pointer: (event) => this.tools.pointer(event),
        key: (key) => this.tools.key(key),
        modifiers: (modifiers) => this.tools.modifiers(modifiers),
        interrupt: () => this.tools.interrupt(),
        cancel: () => this.tools.abandon(),
        hover: (screen) => {
          this.#pointer = screen
          this.invalidate('cursor')
        },
        wheel: (step) => this.view.wheel(step),
        pinch: this.view,
      }),
    )
  }

  async #sendStroke(intent: IntentOf<'stroke'>): Promise<CommandId | null> {
    const command = await this.#client.perform(intent)
    if (command === null && intent.target.kind !== 'selection' && this.#client.state.document.selection)
      notify(this.#editor.store, { id: newId(), kind: 'info', text: OUTSIDE_SELECTION })
    return command
  }

  #documentChanged({ document, history }: DocumentState): void {
    this.view.recanvas(document.canvas)
    this.#shown.receive(document, history.head)
    this.invalidate('picture')
  }

  #viewChanged(): void {
    const { zoom } = this.view.view
    if (this.#editor.store.getState().zoom !== zoom) this.#editor.store.setState({ zoom })
    this.#keepView()
    this.invalidate('picture')
  }

  #keepView(): void {
    this.#keeper.keep(this.view.untouched ? null : this.view.view)
  }

  #pictureFrame(document = this.#client.state.preview ?? this.#shown.current): PictureFrame {
    const state = this.#editor.store.getState()
    const { zoom, centre } = this.view.view
    const shift = shiftOf(state.inHand)
    return {
      document: this.#result.over(document, state.inHand),
      // What was there stays where it is on the screen.
      view: { zoom, centre: { x: centre.x + shift.x, y: centre.y + shift.y } },
      window: this.view.window,
      veil: this.#veil.veil(state, this.#now, this.#isStill),
    }
  }

  get #isStill(): boolean {
    return this.#still.matches
  }

  #draw(time: number): void {
    this.#frame = 0
    const dirt = this.#dirt
    this.#dirt = 'none'
    this.#now = time
    const { window, view } = this.view
    if (window.width === 0) return
    const state = this.#editor.store.getState()
    if (dirt === 'picture') this.#picture.draw(this.#pictureFrame())
    if (this.#veil.look(state) === 'ants')
      this.#ants.update(this.#shown.current, view.zoom, visibleRect(view, window))
    this.#drawOverlay?.(window.pixelRatio, dirt === 'cursor')
    this.#element.style.cursor = cursorCss(this.tools.cursor(), this.view.scale)
    this.#animate(this.#veil.nextFrame(state, this.#ants.marches, this.#isStill))
  }

  #animate(pause: number | null): void {
    clearTimeout(this.#timer)
    if (pause === null) return
    const working = this.#editor.store.getState().inHand.phase === 'working'
    this.#timer = setTimeout(() => this.invalidate(working ? 'picture' : 'overlay'), pause)
  }
}
