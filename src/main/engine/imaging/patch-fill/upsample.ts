/**
 * Carries matches from a level to the next finer one.
 *
 * Invariant: every patch centre to be matched ends with a source that may be copied.
 */
import { isTarget, type Level } from './level.ts'
import { mix } from './random.ts'

const TRIES = 24

/** Rows [y0, y1) of the finer level's box: twice the coarse match, moved to the nearest source that may be copied. */
export function upsampleMatches(coarse: Level, fine: Level, y0: number, y1: number, seed: number): void {
  const { box, width } = fine
  for (let by = y0; by < y1; by++) {
    for (let bx = 0; bx < box.width; bx++) {
      const x = box.x + bx
      const y = box.y + by
      if (!isTarget(fine, x, y)) continue
      const found = coarseMatch(coarse, x >> 1, y >> 1)
      const sx = found < 0 ? x : 2 * (found & 0xffff) + (x & 1)
      const sy = found < 0 ? y : 2 * (found >>> 16) + (y & 1)
      fine.matches[0][by * box.width + bx] = nearestSource(fine, sx, sy, mix(seed, y * width + x))
    }
  }
}

/** The match at a coarse pixel or the nearest one beside it, -1 when none is near. */
function coarseMatch(level: Level, x: number, y: number): number {
  const { box } = level
  for (let reach = 0; reach <= 3; reach++) {
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) {
        if (Math.max(Math.abs(dx), Math.abs(dy)) !== reach) continue
        const cx = x + dx
        const cy = y + dy
        if (!isTarget(level, cx, cy)) continue
        const found = level.matches[0][(cy - box.y) * box.width + cx - box.x]!
        return shifted(found, x - cx, y - cy)
      }
    }
  }
  return -1
}

function shifted(match: number, dx: number, dy: number): number {
  const x = Math.max(0, (match & 0xffff) + dx)
  const y = Math.max(0, (match >>> 16) + dy)
  return (x | (y << 16)) >>> 0
}

function nearestSource(level: Level, x: number, y: number, seed: number): number {
  for (let reach = 0; reach <= 4; reach++) {
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) {
        if (Math.max(Math.abs(dx), Math.abs(dy)) === reach && isSource(level, x + dx, y + dy)) {
          return ((x + dx) | ((y + dy) << 16)) >>> 0
        }
      }
    }
  }
  for (let i = 0; i < TRIES; i++) {
    const at = mix(seed, i) % level.validMap.length
    if (level.validMap[at] !== 0) return packed(level, at)
  }
  return packed(level, level.validMap.indexOf(1))
}

function isSource(level: Level, x: number, y: number): boolean {
  return x >= 0 && y >= 0 && x < level.width && y < level.height && level.validMap[y * level.width + x] !== 0
}

function packed(level: Level, at: number): number {
  return ((at % level.width) | (Math.floor(at / level.width) << 16)) >>> 0
}
