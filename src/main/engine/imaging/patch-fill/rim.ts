/**
 * Makes the light of a fill meet the light around it.
 *
 * Patches overlap the rim, so each known pixel there has a voted colour beside its true one. The difference, averaged
 * over cells and spread over the hole by Laplace's equation, is what the fill is off by at low frequency; adding it is
 * the membrane form of Poisson blending (Pérez, Gangnet, Blake 2003; Farbman et al. 2009, "Coordinates for instant
 * image cloning").
 *
 * Invariant: reads known pixels, writes hole pixels only. Work and memory grow with the hole's bounds over 16.
 */

import { RADIUS } from './layout.ts'
import { isInner, type Level } from './level.ts'
import { relax } from './membrane.ts'
import { HOLE } from './pyramid.ts'

/** Side of a cell in pixels. */
const CELL = 4
/** A correction beyond this many levels would be a change of content, not of light. */
const MOST = 48

interface Grid {
  readonly width: number
  readonly height: number
  /** Red, green, blue and weight of each cell. */
  readonly cells: Float32Array
}

/** Corrects the hole of a level. @param weights of the votes by box pixel */
export function correctRim(level: Level, weights: Float32Array): void {
  const grid = rimErrors(level, weights)
  spread(grid)
  apply(level, grid)
}

function rimErrors(level: Level, weights: Float32Array): Grid {
  const { box, width, holeMap, depthMap, pixels } = level
  const grid = { width: Math.ceil(box.width / CELL), height: Math.ceil(box.height / CELL) }
  const cells = new Float32Array(grid.width * grid.height * 4)
  const voted = new Float64Array(3)
  for (let y = box.y; y < box.y + box.height; y++) {
    for (let x = box.x; x < box.x + box.width; x++) {
      const at = y * width + x
      if (depthMap[at] !== 1 || holeMap[at] !== 0 || !votedColour(level, weights, x, y, voted)) continue
      const cell = 4 * (Math.floor((y - box.y) / CELL) * grid.width + Math.floor((x - box.x) / CELL))
      for (let c = 0; c < 3; c++) cells[cell + c]! += pixels[4 * at + c]! - voted[c]!
      cells[cell + 3]! += 1
    }
  }
  return { ...grid, cells }
}

/** The weighted mean of what the patches over a pixel hold there. @returns false when none lies over it */
function votedColour(level: Level, weights: Float32Array, x: number, y: number, out: Float64Array): boolean {
  const { box, width, depthMap, pixels } = level
  const matches = level.matches[0]
  let total = 0
  out.fill(0)
  for (let py = y - RADIUS; py <= y + RADIUS; py++) {
    for (let px = x - RADIUS; px <= x + RADIUS; px++) {
      if (!isInner(level, px, py) || depthMap[py * width + px] === 0) continue
      const index = (py - box.y) * box.width + px - box.x
      const match = matches[index]!
      const from = 4 * (((match >>> 16) + y - py) * width + (match & 0xffff) + x - px)
      const weight = weights[index]!
      total += weight
      out[0]! += weight * pixels[from]!
      out[1]! += weight * pixels[from + 1]!
      out[2]! += weight * pixels[from + 2]!
    }
  }
  for (let c = 0; c < 3; c++) out[c]! /= total
  return total > 0
}

/** Turns sums into means, then fills the cells that have none. */
function spread({ width, height, cells }: Grid): void {
  const known = new Uint8Array(width * height)
  for (let i = 0; i < known.length; i++) {
    const count = cells[4 * i + 3]!
    if (count === 0) continue
    known[i] = 1
    for (let c = 0; c < 3; c++) cells[4 * i + c] = Math.max(-MOST, Math.min(MOST, cells[4 * i + c]! / count))
  }
  if (known.includes(1)) relax(cells, known, width, height)
}

function apply(level: Level, grid: Grid): void {
  const { box, width, holeMap, pixels } = level
  for (let y = box.y; y < box.y + box.height; y++) {
    const gy = Math.max(0, (y - box.y + 0.5) / CELL - 0.5)
    const top = Math.min(grid.height - 1, Math.floor(gy))
    const bottom = Math.min(grid.height - 1, top + 1)
    for (let x = box.x; x < box.x + box.width; x++) {
      const at = y * width + x
      if (holeMap[at] !== HOLE) continue
      const gx = Math.max(0, (x - box.x + 0.5) / CELL - 0.5)
      const left = Math.min(grid.width - 1, Math.floor(gx))
      const right = Math.min(grid.width - 1, left + 1)
      for (let c = 0; c < 3; c++) {
        const cell = (cx: number, cy: number): number => grid.cells[4 * (cy * grid.width + cx) + c]!
        const above = cell(left, top) + (gx - left) * (cell(right, top) - cell(left, top))
        const below = cell(left, bottom) + (gx - left) * (cell(right, bottom) - cell(left, bottom))
        const value = pixels[4 * at + c]! + above + (gy - top) * (below - above)
        pixels[4 * at + c] = Math.max(0, Math.min(255, Math.round(value)))
      }
    }
  }
}
