/**
 * The fill itself: coarse to fine, search and vote in turn (Wexler et al. 2007), run by every thread of a team alike.
 *
 * Invariant: what is written depends only on the request. Searches run on a fixed grid of tiles, each with its own
 * random numbers; see the kernel for what a tile may read.
 */
import type { Kernel } from './kernel-instance.ts'
import { type Layout, type LevelLayout, RADIUS } from './layout.ts'
import { type Level, openLevels, writeBlock } from './level.ts'
import { membrane } from './membrane.ts'
import {
  addTexture,
  countSources,
  HOLE,
  LEAST_SOURCES,
  loadColours,
  mapSources,
  mapTargets,
  measureDepth,
  reduce,
} from './pyramid.ts'
import { mix, type Random, randomFrom } from './random.ts'
import { correctRim } from './rim.ts'
import type { Team } from './team.ts'
import { upsampleMatches } from './upsample.ts'
import { setNorms, setTrust, setVotes, setWeights } from './votes.ts'

const ROWS = 16
/** The coarsest level is the finest whose hole is nowhere deeper than this. */
const START_DEPTH = 12
const TILE = 32
/** The share of the work that is done when the pyramid stands. */
const PREPARING = 0.1

export interface Job {
  readonly memory: ArrayBufferLike
  readonly layout: Layout
  readonly seed: number
}

/** Fills the hole of level 0 in place. @throws Stopped */
export function runFill(team: Team, kernel: Kernel, job: Job): void {
  const levels = openLevels(job.memory, job.layout)
  buildPyramid(team, job, levels)
  const last = coarsestLevel(team, job, levels)
  if (last < 0) {
    team.lead(() => membrane(levels[0]!))
    return
  }
  const cost = levels.map((level, i) =>
    i > last ? 0 : level.box.width * level.box.height * roundsAt(level, i, last).length,
  )
  const all = cost.reduce((a, b) => a + b, 0)
  let done = 0
  for (let i = last; i >= 0; i--) {
    const level = levels[i]!
    if (i === last) team.lead(() => startCoarsest(level, randomFrom(mix(job.seed, i))))
    else {
      const coarser = levels[i + 1]!
      rows(team, level.box.height, (y0, y1) => upsampleMatches(coarser, level, y0, y1, mix(job.seed, i)))
      rows(team, level.box.height, (y0, y1) =>
        level.costs.fill(0, y0 * level.box.width, y1 * level.box.width),
      )
      voteAll(team, kernel, job, level, 1)
    }
    rows(team, level.height, (y0, y1) => setWeights(level, y0, y1))
    rows(team, level.box.height, (y0, y1) => setNorms(level, y0, y1))
    for (const [index, round] of roundsAt(level, i, last).entries()) {
      const seed = mix(job.seed, i * 1000 + index)
      searchAll(team, kernel, level, 0, index & 1, round.radius, mix(seed, 1))
      searchAll(team, kernel, level, 1, 1 - (index & 1), round.radius, mix(seed, 2))
      if (round.sharpness > 0) voteAll(team, kernel, job, level, round.sharpness)
      done += level.box.width * level.box.height
      team.progress(PREPARING + (1 - PREPARING) * (done / all))
    }
  }
  const finest = levels[0]!
  team.lead(() => correctRim(finest, new Float32Array(job.memory, finest.cost, finest.costs.length)))
}

/** Two search passes, the first from match A to B and the second back, and a vote. */
interface Round {
  readonly radius: number
  /** See `setVotes`; 0 does not vote. */
  readonly sharpness: number
}

/**
 * The rounds at a level. The coarsest begins with searches alone: a vote on random matches would undo the membrane.
 * Many rounds follow where the level is small, few where it is large; sharpness rises, so that what was averaged while
 * it was undecided ends crisp.
 */
function roundsAt(level: LevelLayout, index: number, last: number): readonly Round[] {
  const rounds: Round[] = []
  const add = (count: number, radius: number, sharpness: number): void => {
    for (let i = 0; i < count; i++) rounds.push({ radius, sharpness })
  }
  if (index === last) {
    add(4, Math.max(level.width, level.height), 0)
    add(6, 64, 1 / 16)
  } else if (index > 0) add(Math.min(12, 4 + 2 * index), 32, 1 / 4)
  else add(3, 8, 1 / 4)
  if (index === 0) add(1, 8, 4)
  return rounds
}

function rows(team: Team, height: number, task: (y0: number, y1: number) => void): void {
  team.share(Math.ceil(height / ROWS), (i) => task(i * ROWS, Math.min(height, (i + 1) * ROWS)))
}

function buildPyramid(team: Team, job: Job, levels: readonly Level[]): void {
  const first = levels[0]!
  const input = new Uint8Array(job.memory, job.layout.input, first.width * first.height * 3)
  rows(team, first.height, (y0, y1) => loadColours(first, input, y0, y1))
  rows(team, first.height, (y0, y1) => addTexture(first, y0, y1))
  for (const [i, level] of levels.entries()) {
    if (i > 0) {
      rows(team, level.height, (y0, y1) => reduce(levels[i - 1]!, level, y0, y1))
      rows(team, level.height, (y0, y1) => addTexture(level, y0, y1))
    }
    rows(team, level.height, (y0, y1) => {
      mapSources(level, y0, y1)
      mapTargets(level, y0, y1)
    })
    team.progress(PREPARING * (1 - 4 ** -(i + 1)))
  }
}

/**
 * The level to begin at: the finest whose hole is shallow enough for the membrane to be a fair guess, as long as there
 * are sources. -1 when not even the finest has any.
 */
function coarsestLevel(team: Team, job: Job, levels: readonly Level[]): number {
  const answer = new Int32Array(job.memory, job.layout.control + 64, 1)
  team.lead(() => {
    answer[0] = -1
    for (const [i, level] of levels.entries()) {
      if (countSources(level) < (i === 0 ? 1 : LEAST_SOURCES)) break
      const deepest = measureDepth(level)
      if (deepest === 0) break
      writeBlock(job.memory, level)
      answer[0] = i
      if (deepest <= START_DEPTH) break
    }
    setTrust(job.memory, job.layout)
  })
  return answer[0]!
}

function startCoarsest(level: Level, random: Random): void {
  membrane(level)
  const sources: number[] = []
  for (let y = 0; y < level.height; y++) {
    for (let x = 0; x < level.width; x++)
      if (level.validMap[y * level.width + x] !== 0) sources.push(x | (y << 16))
  }
  const matches = level.matches[0]
  for (let i = 0; i < matches.length; i++) matches[i] = sources[random(sources.length)]!
}

/** One search pass over all tiles, from match A to B (`from` 0) or back (1). */
function searchAll(
  team: Team,
  kernel: Kernel,
  level: LevelLayout,
  from: number,
  backward: number,
  radius: number,
  seed: number,
): void {
  const { box } = level
  // The grid shifts by half a tile every other pass, so that what is found crosses the borders between tiles.
  const shift = backward === 0 ? 0 : TILE / 2
  const across = Math.ceil((box.width + shift) / TILE)
  const down = Math.ceil((box.height + shift) / TILE)
  team.share(across * down, (i) => {
    const x = box.x + (i % across) * TILE - shift
    const y = box.y + Math.floor(i / across) * TILE - shift
    kernel.search(
      level.block,
      from,
      Math.max(x, box.x, RADIUS),
      Math.max(y, box.y, RADIUS),
      Math.min(x + TILE, box.x + box.width, level.width - RADIUS),
      Math.min(y + TILE, box.y + box.height, level.height - RADIUS),
      backward,
      radius,
      mix(seed, i),
    )
  })
}

function voteAll(team: Team, kernel: Kernel, job: Job, level: Level, sharpness: number): void {
  const { box, block } = level
  const { costTable, trustTable } = job.layout
  const scale = new Float32Array(job.memory, job.layout.control + 68, 1)
  team.lead(() => {
    scale[0] = setVotes(job.memory, job.layout, level, sharpness)
  })
  rows(team, box.height, (y0, y1) => kernel.weigh(block, y0, y1, costTable, scale[0]!, trustTable))
  rows(team, box.height, (y0, y1) => kernel.vote(block, box.x, box.y + y0, box.x + box.width, box.y + y1))
}

/** Copies the hole's pixels of level 0 into `rgb`. */
export function readFilled(level: Level, rgb: Uint8Array): void {
  const { box, width, pixels } = level
  for (let y = box.y; y < box.y + box.height; y++) {
    for (let x = box.x; x < box.x + box.width; x++) {
      const i = y * width + x
      if (level.holeMap[i] !== HOLE) continue
      rgb[3 * i] = pixels[4 * i]!
      rgb[3 * i + 1] = pixels[4 * i + 1]!
      rgb[3 * i + 2] = pixels[4 * i + 2]!
    }
  }
}
