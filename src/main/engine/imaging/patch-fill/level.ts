/**
 * One level of the pyramid as typed arrays over the shared memory.
 *
 * Invariant: the arrays are views, never copies; every thread has its own views of the same bytes.
 */
import { type Layout, LEVEL_FIELDS, type LevelLayout, RADIUS } from './layout.ts'

export interface Level extends LevelLayout {
  readonly pixels: Uint8Array
  readonly validMap: Uint8Array
  readonly depthMap: Uint8Array
  readonly holeMap: Uint8Array
  /** By box pixel: source centre, x in the low and y in the high 16 bits; two arrays that take turns. */
  readonly matches: readonly [Uint32Array, Uint32Array]
  readonly costs: Uint32Array
  readonly weightMap: Uint8Array
  readonly norms: Float32Array
}

export function openLevels(memory: ArrayBufferLike, layout: Layout): readonly Level[] {
  return layout.levels.map((level) => {
    const count = level.width * level.height
    const boxCount = level.box.width * level.box.height
    return {
      ...level,
      pixels: new Uint8Array(memory, level.image, count * 4),
      validMap: new Uint8Array(memory, level.valid, count),
      depthMap: new Uint8Array(memory, level.depth, count),
      holeMap: new Uint8Array(memory, level.hole, count),
      matches: [
        new Uint32Array(memory, level.matchA, boxCount),
        new Uint32Array(memory, level.matchB, boxCount),
      ],
      weightMap: new Uint8Array(memory, level.weights, count * 4),
      norms: new Float32Array(memory, level.norm, boxCount),
      costs: new Uint32Array(memory, level.cost, boxCount),
    }
  })
}

/** Writes the block through which the kernel knows a level. */
export function writeBlock(memory: ArrayBufferLike, level: LevelLayout): void {
  const fields: Record<(typeof LEVEL_FIELDS)[number], number> = {
    image: level.image,
    width: level.width,
    height: level.height,
    valid: level.valid,
    depth: level.depth,
    hole: level.hole,
    boxX: level.box.x,
    boxY: level.box.y,
    boxWidth: level.box.width,
    matchA: level.matchA,
    matchB: level.matchB,
    cost: level.cost,
    weights: level.weights,
    norm: level.norm,
  }
  new Uint32Array(memory, level.block, LEVEL_FIELDS.length).set(LEVEL_FIELDS.map((name) => fields[name]))
}

/** Whether a patch around (x, y) is to be matched: inside the picture, and it touches the hole. */
export function isTarget(level: Level, x: number, y: number): boolean {
  return isInner(level, x, y) && level.depthMap[y * level.width + x] !== 0
}

/** Whether the patch around (x, y) lies inside the picture. */
export function isInner({ width, height }: LevelLayout, x: number, y: number): boolean {
  return x >= RADIUS && y >= RADIUS && x < width - RADIUS && y < height - RADIUS
}
