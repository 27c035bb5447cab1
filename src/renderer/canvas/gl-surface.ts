/**
 * The composed picture at one mipmap level: its cells in a texture that wraps around, and the same for the selection.
 *
 * Invariant: the grids say what the textures hold. The selection's texture exists only once it has been asked for.
 */
import type { Rect } from '../../shared/geometry.ts'
import { TILE_SIZE } from '../../shared/tiles.ts'
import { type Cell, CellGrid } from './compositor-cells.ts'
import { createTarget, createTexture, deleteTarget, type Target } from './gl-context.ts'
import type { Place } from './gl-passes.ts'

/** Cells of one kind at one level: the picture's (rgba8) or the selection's (gray8). */
export class CellLayer {
  readonly grid: CellGrid
  readonly target: Target
  readonly state: WebGLTexture
  readonly #gl: WebGL2RenderingContext

  constructor(gl: WebGL2RenderingContext, format: number, level: number, columns: number, rows: number) {
    this.#gl = gl
    this.grid = new CellGrid(level, columns, rows)
    this.target = createTarget(gl, format, columns * TILE_SIZE, rows * TILE_SIZE)
    this.state = createTexture(gl, gl.TEXTURE_2D)
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA8, columns, rows)
    this.saveStates()
  }

  /** Tells the shaders which cells are there. */
  saveStates(): void {
    const gl = this.#gl
    const { columns, rows } = this.grid
    gl.activeTexture(gl.TEXTURE0)
    gl.bindTexture(gl.TEXTURE_2D, this.state)
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1)
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, columns, rows, gl.RGBA, gl.UNSIGNED_BYTE, this.grid.states())
  }

  placeOf({ x, y }: Cell): Place {
    const { columns, rows } = this.grid
    return {
      framebuffer: this.target.framebuffer,
      x: (x % columns) * TILE_SIZE,
      y: (y % rows) * TILE_SIZE,
    }
  }

  dispose(): void {
    deleteTarget(this.#gl, this.target)
    this.#gl.deleteTexture(this.state)
  }
}

export class Surface {
  readonly level: number
  readonly columns: number
  readonly rows: number
  readonly picture: CellLayer
  veil: CellLayer | null = null
  readonly #gl: WebGL2RenderingContext

  constructor(gl: WebGL2RenderingContext, level: number, columns: number, rows: number) {
    this.#gl = gl
    this.level = level
    this.columns = columns
    this.rows = rows
    this.picture = new CellLayer(gl, gl.RGBA8, level, columns, rows)
  }

  needVeil(): CellLayer {
    this.veil ??= new CellLayer(this.#gl, this.#gl.R8, this.level, this.columns, this.rows)
    return this.veil
  }

  /** Whether the cells of a rectangle of the level all have a slot of their own. */
  fits(level: number, columns: number, rows: number): boolean {
    return this.level === level && this.columns >= columns && this.rows >= rows
  }

  damagePicture(rects: readonly Rect[] | 'all'): void {
    damage(this.picture, rects)
  }

  damageVeil(rects: readonly Rect[] | 'all'): void {
    if (this.veil) damage(this.veil, rects)
  }

  get gpuBytes(): number {
    return this.picture.target.bytes + (this.veil?.target.bytes ?? 0)
  }

  dispose(): void {
    this.picture.dispose()
    this.veil?.dispose()
  }
}

function damage(layer: CellLayer, rects: readonly Rect[] | 'all'): void {
  if (rects === 'all') layer.grid.damage('all')
  else for (const rect of rects) layer.grid.damage(rect)
}
