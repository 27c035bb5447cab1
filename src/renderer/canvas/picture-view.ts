/**
 * The picture on the screen: composed from tiles by the GPU, with strokes in progress and the selection's veil.
 *
 * Invariant: it draws when it is told to and never by itself; `changed` is called when drawing again would show more (tiles
 * have come, or a frame could not do all). When the context is lost it waits for a new one and starts afresh: tiles are
 * fetched again, strokes are drawn again from their dabs.
 */
import type { Rect } from '../../shared/geometry.ts'
import type { Picture, PictureFrame } from './canvas-picture.ts'
import { openGl } from './gl-context.ts'
import { Drawing, type FrameStats } from './gl-drawing.ts'
import { StrokeLayer } from './stroke-layer-gl.ts'
import type { TileSource } from './tile-cache.ts'

export interface PictureHost {
  /** Drawing again would show more. */
  changed(): void
  /** What a frame has done; for measurements. */
  onFrame?(stats: FrameStats): void
}

export class PictureView implements Picture {
  readonly strokes: StrokeLayer
  readonly #canvas: HTMLCanvasElement
  readonly #source: TileSource
  readonly #host: PictureHost
  #drawing: Drawing | null = null
  #lut: Uint8Array | null = null

  /** @throws InlayError `internal` where the browser cannot draw pictures */
  constructor(canvas: HTMLCanvasElement, source: TileSource, host: PictureHost) {
    this.#canvas = canvas
    this.#source = source
    this.#host = host
    this.strokes = new StrokeLayer({
      damaged: (target, rect) => this.#drawing?.strokeDamaged(target, rect),
    })
    canvas.addEventListener('webglcontextlost', this.#lost)
    canvas.addEventListener('webglcontextrestored', this.#restored)
    this.#begin()
  }

  draw(frame: PictureFrame): void {
    const { width, height, pixelRatio } = frame.window
    const w = Math.max(1, Math.round(width * pixelRatio))
    const h = Math.max(1, Math.round(height * pixelRatio))
    if (this.#canvas.width !== w || this.#canvas.height !== h) {
      this.#canvas.width = w
      this.#canvas.height = h
    }
    if (!this.#drawing) return
    const stats = this.#drawing.draw(frame)
    this.#host.onFrame?.(stats)
    if (stats.unfinished) this.#host.changed()
  }

  ready(frame: PictureFrame): Promise<void> {
    return this.#drawing?.ready(frame) ?? Promise.resolve()
  }

  /** @param table 33 x 33 x 33 RGB bytes, blue fastest, from the document's numbers to sRGB; null when they are sRGB */
  setLut(table: Uint8Array | null): void {
    this.#lut = table
    this.#drawing?.setLut(table)
    this.#host.changed()
  }

  /** Bytes on the GPU, and how many tiles are among them. */
  memory(): { readonly gpuBytes: number; readonly tiles: number } {
    return this.#drawing?.memory ?? { gpuBytes: 0, tiles: 0 }
  }

  /** The composed pixels in a document rectangle, straight rgba8; null unless shown at level 0 and settled. */
  readPixels(rect: Rect): Uint8Array | null {
    return this.#drawing?.readPixels(rect) ?? null
  }

  dispose(): void {
    this.#canvas.removeEventListener('webglcontextlost', this.#lost)
    this.#canvas.removeEventListener('webglcontextrestored', this.#restored)
    this.strokes.dispose()
    this.#drawing?.dispose()
    this.#drawing = null
  }

  #begin(): void {
    this.#drawing = new Drawing(openGl(this.#canvas), this.#source, this.strokes, () => this.#host.changed())
    if (this.#lut) this.#drawing.setLut(this.#lut)
  }

  readonly #lost = (event: Event): void => {
    // Without this the browser would never give a new context.
    event.preventDefault()
    this.#drawing?.dispose()
    this.#drawing = null
    this.strokes.attach(null)
  }

  readonly #restored = (): void => {
    this.#begin()
    this.#host.changed()
  }
}
