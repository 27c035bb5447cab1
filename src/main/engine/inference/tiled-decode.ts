/**
 * Decoding a large picture in tiles with the normalisation statistics of the whole.
 *
 * A norm's statistics depend on all norms before it, so they are found by going over the tiles again and again: first each tile
 * by its own, and what they have together is what the next round is given. Each round makes the statistics of one more norm
 * exact, so that there are never more rounds than norms, and brings the others nearer; when they hardly move any more, the
 * tiles are what the whole decode would be, to less than can be seen. That is several times the work of a whole decode: for
 * when memory is short.
 *
 * Invariant: all tiles of the last round have the same statistics, so nothing is seen where two meet. No more is held at full
 * size than one tile's features and the picture. Tiles are computed with a margin, on which nothing else depends.
 */

import { throwIfCancelled } from '../../../shared/errors.ts'
import { inflate, intersect, type Rect } from '../../../shared/geometry.ts'
import type { DecoderPiece, DecoderTiling } from '../models/index.ts'
import type { Network } from './asymmetric-decode.ts'
import { cropPlanes, type Planes, planesTensor, tensorPlanes } from './reflection-padding.ts'
import type { Tensor } from './tensors.ts'

/** Statistics are found when a round moves no mean and no deviation by more than this share of the deviation. */
const SETTLED = 0.01

/** What a conditioned decoder is shown: mask 1 = hole. */
export interface Condition {
  readonly image: Planes
  readonly mask: Planes
}

export interface TiledDecode extends DecoderTiling {
  readonly open: (piece: DecoderPiece) => Promise<Network>
  /** Sides of the tiles in latent cells, without their margins. */
  readonly side: number
  readonly condition?: Condition
  readonly signal?: AbortSignal
}

interface Tile {
  /** In latent cells. */
  readonly core: Rect
  readonly around: Rect
}

/** latents (1,L,h,w), not scaled, to the decoded picture in about -1..1. @throws InlayError `cancelled` */
export async function decodeInTiles(latents: Tensor, decode: TiledDecode): Promise<Planes> {
  const { open, condition, factor, norms } = decode
  const [, , height = 0, width = 0] = latents.shape
  const whole = { x: 0, y: 0, width, height }
  const tiles = tilesOf(whole, decode)
  const coarse = condition ? await coarseFeatures(tiles, condition, decode, whole) : {}
  const mask = condition ? { mask: planesTensor(condition.mask) } : {}
  const { early } = await (await open('early')).run({ latents, ...mask, ...coarse })
  const features = tensorPlanes(early!)

  let statistics: Float32Array | null = null
  for (let known = 0; known < norms; known++) {
    const found = new PooledStatistics(decode)
    for (const tile of tiles) {
      const { own_statistics } = await lateLevels(features, tile, statistics, whole, decode)
      found.add(own_statistics!, (tile.core.width * tile.core.height) / (width * height))
    }
    const next = found.all()
    const isSettled = statistics !== null && moved(statistics, next, decode.groups) < SETTLED
    statistics = next
    if (isSettled) break
  }
  const picture = emptyPlanes(3, width * factor, height * factor)
  for (const tile of tiles) {
    const { decoded } = await lateLevels(features, tile, statistics, whole, decode)
    paste(picture, tensorPlanes(decoded!), scaled(tile.core, factor))
  }
  return picture
}

/** @param statistics the tile's own where null */
async function lateLevels(
  features: Planes,
  { core, around }: Tile,
  statistics: Float32Array | null,
  whole: Rect,
  { open, norms, groups, condition, factor, signal }: TiledDecode,
): Promise<Readonly<Record<string, Tensor>>> {
  throwIfCancelled(signal)
  return (await open('late')).run({
    early: planesTensor(cropPlanes(features, scaled(around, features.width / whole.width))),
    statistics: { data: statistics ?? new Float32Array(norms * 2 * groups), shape: [norms, 2, groups] },
    own: { data: Float32Array.of(statistics ? 0 : 1), shape: [1] },
    cells: cellsTensor(core, around),
    ...conditionOf(condition, around, factor),
  })
}

function tilesOf(whole: Rect, { side, margin }: TiledDecode): readonly Tile[] {
  const tiles: Tile[] = []
  for (let y = 0; y < whole.height; y += side)
    for (let x = 0; x < whole.width; x += side) {
      const core = intersect({ x, y, width: side, height: side }, whole)
      tiles.push({ core, around: intersect(inflate(core, margin), whole) })
    }
  return tiles
}

/** What the early levels meet of the branch, put together from tiles. */
async function coarseFeatures(
  tiles: readonly Tile[],
  condition: Condition,
  { open, factor, signal }: TiledDecode,
  { width, height }: Rect,
): Promise<Record<string, Tensor>> {
  const whole = new Map<string, Planes>()
  for (const { core, around } of tiles) {
    throwIfCancelled(signal)
    const inputs = { ...conditionOf(condition, around, factor), cells: cellsTensor(core, around) }
    for (const [name, made] of Object.entries(await (await open('branch')).run(inputs))) {
      const part = tensorPlanes(made)
      const scale = part.width / core.width
      const planes = whole.get(name) ?? emptyPlanes(part.channels, width * scale, height * scale)
      paste(planes, part, scaled(core, scale))
      whole.set(name, planes)
    }
  }
  return Object.fromEntries([...whole].map(([name, planes]) => [name, planesTensor(planes)]))
}

function conditionOf(condition: Condition | undefined, around: Rect, factor: number): Record<string, Tensor> {
  if (!condition) return {}
  const at = scaled(around, factor)
  return {
    image: planesTensor(cropPlanes(condition.image, at)),
    mask: planesTensor(cropPlanes(condition.mask, at)),
  }
}

/** The statistics of all tiles together: means and mean squares add up by the share of the picture that they are of. */
class PooledStatistics {
  readonly #sums: Float64Array
  readonly #groups: number

  constructor({ norms, groups }: DecoderTiling) {
    this.#sums = new Float64Array(norms * 2 * groups)
    this.#groups = groups
  }

  add({ data }: Tensor, share: number): void {
    const groups = this.#groups
    for (const i of meanPlaces(data.length, groups)) {
      const [mean, variance] = [Number(data[i]), Number(data[i + groups])]
      this.#sums[i]! += share * mean
      this.#sums[i + groups]! += share * (variance + mean ** 2)
    }
  }

  /** (norms,2,groups): means and variances. */
  all(): Float32Array {
    const all = Float32Array.from(this.#sums)
    for (const i of meanPlaces(all.length, this.#groups))
      all[i + this.#groups] = Math.max(0, this.#sums[i + this.#groups]! - this.#sums[i]! ** 2)
    return all
  }
}

/** The most that a mean or a deviation moved, in deviations. */
function moved(from: Float32Array, to: Float32Array, groups: number): number {
  let most = 0
  for (const i of meanPlaces(to.length, groups)) {
    const [before, after] = [Math.sqrt(from[i + groups]!), Math.sqrt(to[i + groups]!)]
    const change = Math.max(Math.abs(to[i]! - from[i]!), Math.abs(after - before))
    if (change > 0) most = Math.max(most, change / after)
  }
  return most
}

/** Where the means lie; the variances lie `groups` behind them. */
function* meanPlaces(length: number, groups: number): Generator<number> {
  for (let at = 0; at < length; at += 2 * groups) for (let g = 0; g < groups; g++) yield at + g
}

/** Top, left, bottom, right of a tile in what is around it. */
function cellsTensor(core: Rect, around: Rect): Tensor {
  const [top, left] = [core.y - around.y, core.x - around.x]
  return { data: BigInt64Array.from([top, left, top + core.height, left + core.width], BigInt), shape: [4] }
}

function scaled({ x, y, width, height }: Rect, by: number): Rect {
  return { x: x * by, y: y * by, width: width * by, height: height * by }
}

function emptyPlanes(channels: number, width: number, height: number): Planes {
  return { channels, width, height, data: new Float32Array(channels * width * height) }
}

function paste(into: Planes, part: Planes, at: Rect): void {
  for (let c = 0; c < part.channels; c++)
    for (let y = 0; y < part.height; y++) {
      const from = (c * part.height + y) * part.width
      into.data.set(
        part.data.subarray(from, from + part.width),
        (c * into.height + at.y + y) * into.width + at.x,
      )
    }
}
