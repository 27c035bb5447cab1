/**
 * What lies below a layer that is being painted on: composed once for each cell and kept while the strokes last, so that a dab
 * costs the layers from the painted one up, and not all of them.
 *
 * Invariant: a kept cell was composed wholly, from the scene and below the layer it is asked for again with. Kept cells are
 * few: one that finds no room is composed anew each time.
 */
import type { CellPart } from './compositor-cells.ts'
import type { Scene } from './compositor-gl.ts'
import type { Target } from './gl-context.ts'

/** A float cell takes a megabyte. */
const MOST = 64

interface KeptCell {
  readonly scene: Scene
  readonly painted: string
  readonly target: Target
}

export class BelowCache {
  readonly #discard: (target: Target) => void
  readonly #cells = new Map<string, KeptCell>()

  constructor(discard: (target: Target) => void) {
    this.#discard = discard
  }

  /**
   * The cell that a part belongs to, below a layer.
   * @param make composes the whole cell, if it can, and gives the target away
   * @returns null when it is not kept and cannot be made now; the target stays ours
   */
  get(scene: Scene, painted: string, part: CellPart, make: () => Target | null): Target | null {
    const key = `${part.level}/${part.x},${part.y}`
    const known = this.#cells.get(key)
    if (known?.scene === scene && known.painted === painted) return known.target
    if (known) this.#drop(key, known)
    if (this.#cells.size >= MOST)
      for (const [other, cell] of this.#cells)
        if (cell.scene !== scene || cell.painted !== painted) this.#drop(other, cell)
    const target = this.#cells.size < MOST ? make() : null
    if (target) this.#cells.set(key, { scene, painted, target })
    return target
  }

  clear(): void {
    for (const [key, cell] of this.#cells) this.#drop(key, cell)
  }

  #drop(key: string, { target }: KeptCell): void {
    this.#discard(target)
    this.#cells.delete(key)
  }
}
