/**
 * The view in hand: what wheel, fingers, tools and actions do to it.
 *
 * Invariant: some of the picture is always in sight. A view that nobody has touched follows the window: it stays fitted
 * when the window or the canvas changes its size.
 */
import { rectOf, type Size } from '../../shared/geometry.ts'
import type { CanvasHandle } from '../editor/editor.ts'
import type { Area } from '../tools/overlay-shape.ts'
import type { Spot, ToolView } from '../tools/tool.ts'
import {
  fitted,
  keptInSight,
  panned,
  placementOf,
  showing,
  stepZoom,
  toDocument,
  type View,
  type Window,
  zoomedAbout,
} from './canvas-view.ts'
import type { WheelStep } from './pointer-input.ts'
import type { PinchView } from './pointer-pinch.ts'

/** How much a CSS pixel of the wheel zooms, and the most that one turn may count. */
const WHEEL_ZOOM = 0.01
const WHEEL_MOST = 25

export class ViewControl implements ToolView, CanvasHandle, PinchView {
  #view: View = { zoom: 1, centre: { x: 0, y: 0 } }
  #window: Window = { width: 0, height: 0, pixelRatio: 1 }
  #canvas: Size
  /** Nobody has moved it: it stays fitted. */
  #untouched: boolean
  readonly #changed: () => void

  /** `saved` is where the view was left; null fits the picture. */
  constructor(canvas: Size, saved: View | null, changed: () => void) {
    this.#canvas = canvas
    this.#untouched = saved === null
    if (saved) this.#view = saved
    this.#changed = changed
  }

  get view(): View {
    return this.#view
  }

  get window(): Window {
    return this.#window
  }

  get untouched(): boolean {
    return this.#untouched
  }

  get scale(): number {
    return this.#view.zoom / this.#window.pixelRatio
  }

  resize(window: Window): void {
    const { width, height, pixelRatio } = this.#window
    if (width === window.width && height === window.height && pixelRatio === window.pixelRatio) return
    this.#window = window
    this.#settle()
  }

  /** The document's canvas has another size (a crop, or its undo): the picture is fitted anew. */
  recanvas(canvas: Size): void {
    if (canvas.width === this.#canvas.width && canvas.height === this.#canvas.height) return
    this.#canvas = canvas
    this.#untouched = true
    this.#settle()
  }

  toDocument(at: Spot): Spot {
    return toDocument(placementOf(this.#view, this.#window), at)
  }

  fit(): void {
    this.#untouched = true
    this.#settle()
  }

  actualSize(): void {
    this.zoomTo(1)
  }

  /** By a factor, in round steps about the middle; or to an area of the document. */
  zoomBy(factor: number): void {
    this.zoomAbout(this.#middle, factor)
  }

  zoomAbout(at: Spot, factor: number): void {
    this.#set(zoomedAbout(this.#view, this.#window, at, stepZoom(this.#view.zoom, factor)))
  }

  zoomTo(to: number | Area): void {
    if (typeof to === 'number') this.#set(zoomedAbout(this.#view, this.#window, this.#middle, to))
    else this.#set(showing(to, this.#window))
  }

  startPan(): (dx: number, dy: number) => void {
    const from = this.#view
    return (dx, dy) => this.#set(panned(from, this.#window, dx, dy))
  }

  start(): (from: Spot, to: Spot, factor: number) => void {
    const before = this.#view
    return (from, to, factor) => {
      const zoomed = zoomedAbout(before, this.#window, from, before.zoom * factor)
      this.#set(panned(zoomed, this.#window, to.x - from.x, to.y - from.y))
    }
  }

  wheel({ at, dx, dy, zoom }: WheelStep): void {
    if (!zoom) return this.#set(panned(this.#view, this.#window, -dx, -dy))
    const turn = Math.min(WHEEL_MOST, Math.max(-WHEEL_MOST, dy === 0 ? dx : dy))
    const next = this.#view.zoom * Math.exp(-turn * WHEEL_ZOOM)
    this.#set(zoomedAbout(this.#view, this.#window, at, next))
  }

  get #middle(): Spot {
    return { x: this.#window.width / 2, y: this.#window.height / 2 }
  }

  #set(view: View): void {
    this.#untouched = false
    this.#view = view
    this.#settle()
  }

  #settle(): void {
    const { width, height } = this.#window
    if (width === 0 || height === 0) return
    this.#view = this.#untouched
      ? fitted(rectOf(this.#canvas), this.#window)
      : keptInSight(this.#view, this.#canvas, this.#window)
    this.#changed()
  }
}
