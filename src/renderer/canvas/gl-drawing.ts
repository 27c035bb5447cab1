/**
 * All that lives in one WebGL context: tiles, composed surfaces and the drawing of a frame.
 *
 * Invariant: a frame composes what is dirty in sight as far as its tiles are there and its share of work allows, nearest the
 * middle first, and says whether anything is left. What is not composed yet is shown from the level before or from a
 * coarse picture of the whole, so nothing in sight is ever empty once that has come.
 */
import type { Document } from '../../shared/document/model.ts'
import { sideAt, stackOf } from '../../shared/document/stack.ts'
import { inflate, intersect, isEmpty, type Rect, rectOf } from '../../shared/geometry.ts'
import type { PaintTarget } from '../../shared/intents.ts'
import { MAX_MIP_LEVEL, mipLevelFor, TILE_SIZE } from '../../shared/tiles.ts'
import type { PictureFrame } from './canvas-picture.ts'
import { levelRect } from './compositor-cells.ts'
import { pictureDamage, selectionDamage } from './compositor-damage.ts'
import { Compositor, type Scene } from './compositor-gl.ts'
import {
  levelSize,
  type Presentation,
  partsOf,
  presentationOf,
  roomFor,
  screenRect,
  visibleIn,
} from './compositor-view.ts'
import type { Gl } from './gl-context.ts'
import { Passes } from './gl-passes.ts'
import { Presenter } from './gl-present.ts'
import { Surface } from './gl-surface.ts'
import { FrameWork } from './gl-work.ts'
import type { StrokeLayer } from './stroke-layer-gl.ts'
import { TileCache, type TileNeed, type TileSource } from './tile-cache.ts'

/** Bytes of tiles kept on the GPU. */
const TILE_BUDGET = 384 * 1024 * 1024
/** The coarse picture of the whole document has about this many pixels. */
const COARSE_PIXELS = 512 * 512
/** Milliseconds a frame may take before less is composed in it, and below which more is. */
const SLOW_FRAME = 50
const QUICK_FRAME = 25

export interface FrameStats {
  /** Cells composed (wholly or in part) and steps drawn for it in this frame. */
  readonly cells: number
  readonly passes: number
  /** Everything in sight is composed from its own tiles. */
  readonly settled: boolean
  /** There is more to compose from tiles that are there. */
  readonly unfinished: boolean
}

interface Shown {
  readonly document: Document
  readonly scene: Scene
}

export class Drawing {
  readonly #gl: Gl
  readonly #cache: TileCache
  readonly #passes: Passes
  readonly #strokes: StrokeLayer
  readonly #compositor: Compositor
  readonly #presenter: Presenter
  #shown: Shown | null = null
  #surface: Surface | null = null
  #before: Surface | null = null
  #coarse: Surface | null = null
  /** Steps, in whole cells, that a frame may draw; follows how long frames take. */
  #allowance = 64
  #last = { time: 0, settled: true, look: '' }

  constructor(gl: Gl, source: TileSource, strokes: StrokeLayer, arrived: () => void) {
    this.#gl = gl
    gl.gl.enable(gl.gl.SCISSOR_TEST)
    this.#cache = new TileCache(gl, source, TILE_BUDGET, arrived)
    this.#passes = new Passes(gl)
    this.#strokes = strokes
    strokes.attach(gl)
    this.#compositor = new Compositor(gl.gl, this.#passes, this.#cache, strokes)
    this.#presenter = new Presenter(gl)
  }

  get memory(): { readonly gpuBytes: number; readonly tiles: number } {
    const surfaces = this.#surfaces.reduce((sum, surface) => sum + (surface?.gpuBytes ?? 0), 0)
    const gpuBytes = surfaces + this.#cache.bytes + this.#passes.gpuBytes + this.#strokes.gpuBytes
    return { gpuBytes, tiles: this.#cache.count }
  }

  setLut(table: Uint8Array | null): void {
    this.#presenter.setLut(table)
    this.#last.look = ''
  }

  strokeDamaged(target: PaintTarget, rect: Rect): void {
    for (const surface of this.#surfaces)
      if (target.kind === 'selection') surface?.damageVeil([rect])
      else surface?.damagePicture([rect])
  }

  draw(frame: PictureFrame): FrameStats {
    this.#cache.nextFrame()
    const shown = this.#show(frame.document)
    const how = presentationOf(frame)
    const visible = visibleIn(how)
    if (isEmpty(visible)) {
      this.#presenter.present([null, null, null], false, how, rectOf(how.screen))
      return { cells: 0, passes: 0, settled: true, unfinished: false }
    }
    const surface = this.#surfaceFor(how, visible)
    const work = new FrameWork(this.#passes, this.#allowanceNow())
    const whole = rectOf(levelSize(frame.document, surface.level))
    const inSight = intersect(inflate(levelRect(visible, surface.level), 1), whole)
    const cells = surface.picture.grid.show(inSight)
    const coarse = this.#coarseFor(frame.document, surface.level)
    const veil = frame.veil !== null
    if (coarse && cells.some((cell) => !cell.there))
      this.#compose(coarse, shown, veil, rectOf(levelSize(frame.document, coarse.level)), work)
    this.#compose(surface, shown, veil, inSight, work)
    this.#cache.want(work.needs)
    const complete = isComplete(surface, veil, inSight)
    this.#present(how, complete, work)
    const { cells: composed, passes, unfinished } = work
    this.#last.settled = !unfinished && work.needs.length === 0
    return { cells: composed, passes, settled: this.#last.settled, unfinished }
  }

  /** Fetches what a frame would need that is not here yet. */
  ready(frame: PictureFrame): Promise<void> {
    const how = presentationOf(frame)
    const visible = visibleIn(how)
    const level = this.#levelFor(how, visible)
    const scene = sceneOf(frame.document)
    const before = this.#shown?.document
    const damage = before ? pictureDamage(before, frame.document) : 'all'
    const selection = before ? selectionDamage(before, frame.document) : 'all'
    const needs: TileNeed[] = []
    const collect = (rects: readonly Rect[] | 'all', add: Compositor['missing']) => {
      for (const rect of rects === 'all' ? [visible] : rects)
        for (const part of partsOf(intersect(rect, visible), level))
          add.call(this.#compositor, scene, part, needs)
    }
    collect(damage, this.#compositor.missing)
    if (frame.veil) collect(selection, this.#compositor.missingSelection)
    return this.#cache.fetch(needs)
  }

  /**
   * The composed bytes of a document rectangle, straight rgba8; null unless the view shows it at level 0, settled.
   * For tests and colour reading without the engine.
   */
  readPixels(rect: Rect): Uint8Array | null {
    const surface = this.#surface
    if (surface?.level !== 0 || !this.#last.settled) return null
    const { gl } = this.#gl
    const out = new Uint8Array(rect.width * rect.height * 4)
    for (const cell of surface.picture.grid.show(rect)) {
      const bounds = { x: cell.x * TILE_SIZE, y: cell.y * TILE_SIZE, width: TILE_SIZE, height: TILE_SIZE }
      const part = intersect(bounds, rect)
      const place = surface.picture.placeOf(cell)
      const bytes = new Uint8Array(part.width * part.height * 4)
      gl.bindFramebuffer(gl.FRAMEBUFFER, place.framebuffer)
      gl.pixelStorei(gl.PACK_ALIGNMENT, 1)
      const x = place.x + part.x - bounds.x
      const y = place.y + part.y - bounds.y
      gl.readPixels(x, y, part.width, part.height, gl.RGBA, gl.UNSIGNED_BYTE, bytes)
      for (let row = 0; row < part.height; row++) {
        const line = bytes.subarray(row * part.width * 4, (row + 1) * part.width * 4)
        out.set(line, ((part.y + row - rect.y) * rect.width + part.x - rect.x) * 4)
      }
    }
    return out
  }

  dispose(): void {
    for (const surface of this.#surfaces) surface?.dispose()
    this.#presenter.dispose()
    this.#compositor.dispose()
    this.#passes.dispose()
    this.#cache.dispose()
  }

  get #surfaces(): readonly (Surface | null)[] {
    return [this.#surface, this.#before, this.#coarse]
  }

  /** Takes a document, and marks what differs from the one before. */
  #show(document: Document): Shown {
    const before = this.#shown
    if (before?.document === document) return before
    const damage = before ? pictureDamage(before.document, document) : 'all'
    const selection = before ? selectionDamage(before.document, document) : 'all'
    for (const surface of this.#surfaces) {
      surface?.damagePicture(damage)
      surface?.damageVeil(selection)
    }
    this.#shown = { document, scene: sceneOf(document) }
    return this.#shown
  }

  #levelFor({ zoom, canvas }: Presentation, visible: Rect): number {
    let level = mipLevelFor(zoom)
    while (level < MAX_MIP_LEVEL) {
      const { columns, rows } = roomFor(visible, canvas, level)
      if (Math.max(columns, rows) * TILE_SIZE <= this.#gl.maxTexture) break
      level++
    }
    return level
  }

  /** The surface for this view: the present one, the one before, or a new one. */
  #surfaceFor(how: Presentation, visible: Rect): Surface {
    const level = this.#levelFor(how, visible)
    const { columns, rows } = roomFor(visible, how.canvas, level)
    if (this.#surface?.fits(level, columns, rows)) return this.#surface
    const before = this.#before
    if (before?.fits(level, columns, rows)) {
      this.#before = this.#surface
      this.#surface = before
      return before
    }
    const grown = this.#surface?.level === level
    if (grown) this.#surface?.dispose()
    else {
      before?.dispose()
      this.#before = this.#surface
    }
    this.#surface = new Surface(this.#gl.gl, level, columns, rows)
    return this.#surface
  }

  /** The coarse picture of the whole, where the view's own level is finer. */
  #coarseFor(document: Document, level: number): Surface | null {
    let coarse = 0
    const pixels = () => sideAt(document.canvas.width, coarse) * sideAt(document.canvas.height, coarse)
    while (coarse < MAX_MIP_LEVEL && pixels() > COARSE_PIXELS) coarse++
    if (coarse <= level) return null
    const size = levelSize(document, coarse)
    const columns = Math.ceil(size.width / TILE_SIZE)
    const rows = Math.ceil(size.height / TILE_SIZE)
    if (!this.#coarse?.fits(coarse, columns, rows)) {
      this.#coarse?.dispose()
      this.#coarse = new Surface(this.#gl.gl, coarse, columns, rows)
    }
    return this.#coarse
  }

  /** Composes what is dirty of a surface in a rectangle of its level. */
  #compose(surface: Surface, { scene }: Shown, veil: boolean, rect: Rect, work: FrameWork): void {
    const compositor = this.#compositor
    work.compose(surface.picture, rect, {
      missing: (part, into) => compositor.missing(scene, part, into),
      compose: (part, place) => compositor.compose(scene, part, place),
    })
    if (!veil) return
    work.compose(surface.needVeil(), rect, {
      missing: (part, into) => compositor.missingSelection(scene, part, into),
      compose: (part, place) => compositor.composeSelection(scene, part, place),
    })
  }

  /** Draws to the screen what has changed there: a part when the view is the same, else all. */
  #present(how: Presentation, complete: boolean, work: FrameWork): void {
    const look = JSON.stringify([how, complete, ...this.#surfaces.map((surface) => surface?.level)])
    const part = look === this.#last.look ? screenRect(how, work.changed) : rectOf(how.screen)
    this.#last.look = look
    if (!isEmpty(part)) this.#presenter.present(this.#surfaces, complete, how, part)
  }

  /** Follows the pace of frames that come one after the other because there is more to do. */
  #allowanceNow(): number {
    const now = performance.now()
    const took = now - this.#last.time
    this.#last.time = now
    if (!this.#last.settled) {
      if (took > SLOW_FRAME) this.#allowance = Math.max(16, this.#allowance / 1.5)
      else if (took < QUICK_FRAME) this.#allowance = Math.min(4000, this.#allowance * 1.5)
    }
    return this.#allowance
  }
}

function sceneOf(document: Document): Scene {
  return { stack: stackOf(document), selection: document.selection?.tiles ?? null }
}

/** Whether all that a view needs of a surface has been composed. */
function isComplete({ picture, veil }: Surface, withVeil: boolean, rect: Rect): boolean {
  const layers = withVeil ? [picture, veil] : [picture]
  return layers.every((layer) => layer?.grid.show(rect).every((cell) => cell.there))
}
