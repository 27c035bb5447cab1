/**
 * Which cells of the picture are composed, and what in them is out of date. Plain bookkeeping, no GPU.
 *
 * Invariant: at a mipmap level the picture is cut into cells of 256 pixels. The grid has room for `columns` x `rows` of
 * them and wraps around: cell (x, y) has the slot (x mod columns, y mod rows), so a view that moves keeps what it still
 * sees. A cell shows what it was last composed from; `dirty` (in the cell's own pixels) is what must be composed again.
 */
import { type Rect, union } from '../../shared/geometry.ts'
import { TILE_SIZE } from '../../shared/tiles.ts'

export interface Cell {
  readonly x: number
  readonly y: number
  /** Whether it has been composed at all. */
  there: boolean
  dirty: Rect | null
}

/** A part of a cell: the cell's place in the grid of its level, and a rectangle in its own pixels. */
export interface CellPart {
  readonly level: number
  readonly x: number
  readonly y: number
  readonly rect: Rect
}

const WHOLE: Rect = { x: 0, y: 0, width: TILE_SIZE, height: TILE_SIZE }

export class CellGrid {
  readonly level: number
  readonly columns: number
  readonly rows: number
  readonly #slots: (Cell | undefined)[]

  constructor(level: number, columns: number, rows: number) {
    this.level = level
    this.columns = columns
    this.rows = rows
    this.#slots = new Array(columns * rows)
  }

  /** The cells that a rectangle of the level touches; ones that were elsewhere begin anew. */
  show(rect: Rect): Cell[] {
    const cells: Cell[] = []
    const x1 = Math.floor((rect.x + rect.width - 1) / TILE_SIZE)
    const y1 = Math.floor((rect.y + rect.height - 1) / TILE_SIZE)
    for (let y = Math.floor(rect.y / TILE_SIZE); y <= y1; y++)
      for (let x = Math.floor(rect.x / TILE_SIZE); x <= x1; x++) {
        const slot = this.slotOf(x, y)
        let cell = this.#slots[slot]
        if (cell?.x !== x || cell.y !== y) {
          cell = { x, y, there: false, dirty: WHOLE }
          this.#slots[slot] = cell
        }
        cells.push(cell)
      }
    return cells
  }

  slotOf(x: number, y: number): number {
    return (y % this.rows) * this.columns + (x % this.columns)
  }

  /** Marks a rectangle of the document, or everything, as changed. */
  damage(rect: Rect | 'all'): void {
    const at = rect === 'all' ? null : levelRect(rect, this.level)
    for (const cell of this.#slots) {
      if (!cell) continue
      const part = at ? clip({ ...at, x: at.x - cell.x * TILE_SIZE, y: at.y - cell.y * TILE_SIZE }) : WHOLE
      if (part) cell.dirty = cell.dirty ? union(cell.dirty, part) : part
    }
  }

  /** For each slot four bytes: how often its cell's x and y wrap around, 0, and 255 where the cell may be shown. */
  states(): Uint8Array {
    const out = new Uint8Array(this.#slots.length * 4)
    for (const [slot, cell] of this.#slots.entries())
      if (cell?.there)
        out.set([Math.floor(cell.x / this.columns), Math.floor(cell.y / this.rows), 0, 255], slot * 4)
    return out
  }
}

/** A document rectangle in pixels of a level, grown by one where an offset may have been rounded. */
export function levelRect(rect: Rect, level: number): Rect {
  if (level === 0) return rect
  const scale = 2 ** level
  const x = Math.floor(rect.x / scale) - 1
  const y = Math.floor(rect.y / scale) - 1
  return {
    x,
    y,
    width: Math.ceil((rect.x + rect.width) / scale) + 1 - x,
    height: Math.ceil((rect.y + rect.height) / scale) + 1 - y,
  }
}

function clip(rect: Rect): Rect | null {
  const x = Math.max(0, rect.x)
  const y = Math.max(0, rect.y)
  const width = Math.min(TILE_SIZE, rect.x + rect.width) - x
  const height = Math.min(TILE_SIZE, rect.y + rect.height) - y
  return width > 0 && height > 0 ? { x, y, width, height } : null
}
