/**
 * The composing that one frame does: which cells, in which order, and how much.
 *
 * Invariant: a cell is composed only when all its tiles are there, and then wholly as far as it is dirty. A frame composes
 * at least one cell if it can, and no more than its allowance otherwise.
 */
import { EMPTY_RECT, type Rect, union } from '../../shared/geometry.ts'
import { TILE_SIZE } from '../../shared/tiles.ts'
import type { Cell, CellPart } from './compositor-cells.ts'
import type { Passes, Place } from './gl-passes.ts'
import type { CellLayer } from './gl-surface.ts'
import type { TileNeed } from './tile-cache.ts'

/** What a layer of cells is composed with. */
export interface CellMaker {
  /** Adds the tiles that a part needs and that are not there. */
  missing(part: CellPart, into: TileNeed[]): void
  compose(part: CellPart, place: Place): void
}

export class FrameWork {
  /** Tiles that were missing, most wanted first. */
  readonly needs: TileNeed[] = []
  /** What was composed, in document pixels. */
  changed: Rect = EMPTY_RECT
  cells = 0
  /** More could have been composed. */
  unfinished = false
  readonly #passes: Passes
  readonly #first: number
  readonly #allowance: number
  #spent = 0

  /** @param allowance steps on whole cells that this frame may draw */
  constructor(passes: Passes, allowance: number) {
    this.#passes = passes
    this.#first = passes.count
    this.#allowance = allowance
  }

  get passes(): number {
    return this.#passes.count - this.#first
  }

  /** Composes the dirty cells of a layer in a rectangle of its level, nearest the middle first. */
  compose(layer: CellLayer, rect: Rect, maker: CellMaker): void {
    const { level } = layer.grid
    const x = (rect.x + rect.width / 2) / TILE_SIZE - 0.5
    const y = (rect.y + rect.height / 2) / TILE_SIZE - 0.5
    const away = (cell: Cell) => Math.hypot(cell.x - x, cell.y - y)
    const dirty = layer.grid.show(rect).filter((cell) => cell.dirty)
    const fresh = dirty.some((cell) => !cell.there)
    for (const cell of dirty.sort((a, b) => away(a) - away(b))) {
      const part = { level, x: cell.x, y: cell.y, rect: cell.dirty! }
      const before = this.needs.length
      maker.missing(part, this.needs)
      if (this.needs.length > before) continue
      if (this.#spent > this.#allowance) {
        this.unfinished = true
        continue
      }
      this.#spend(part, () => maker.compose(part, layer.placeOf(cell)))
      cell.dirty = null
      cell.there = true
    }
    if (fresh) layer.saveStates()
  }

  #spend({ rect, level, x, y }: CellPart, work: () => void): void {
    const before = this.#passes.count
    work()
    this.#spent += (this.#passes.count - before) * (0.1 + (rect.width * rect.height) / TILE_SIZE ** 2)
    this.cells++
    const scale = 2 ** level
    this.changed = union(this.changed, {
      x: (x * TILE_SIZE + rect.x) * scale,
      y: (y * TILE_SIZE + rect.y) * scale,
      width: rect.width * scale,
      height: rect.height * scale,
    })
  }
}
