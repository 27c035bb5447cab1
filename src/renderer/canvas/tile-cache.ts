/**
 * Tiles for the compositor: what is on the GPU, and the fetching of what is not.
 *
 * Invariant: every frame says anew which tiles it misses, most wanted first; only a few batches are on their way at a
 * time, so what has left the view before its turn is never fetched. A tile that could not be had is asked for again
 * after a pause.
 */
import type { TileHash } from '../../shared/ids.ts'
import type { PixelFormat } from '../../shared/pixels.ts'
import { tileBytes } from '../../shared/tiles.ts'
import type { Gl } from './gl-context.ts'
import { type GpuTile, TilePages } from './tile-pages.ts'

/** Where tiles come from: their pixels at a mipmap level; unknown ones are left out. */
export interface TileSource {
  fetchTiles(hashes: readonly TileHash[], level: number): Promise<Map<TileHash, Uint8Array>>
}

export interface TileNeed {
  readonly hash: TileHash
  readonly format: PixelFormat
  readonly level: number
}

const BATCH_BYTES = 4 * 1024 * 1024
const MOST_IN_BATCH = 256
const BATCHES_AT_ONCE = 3
/** Milliseconds until a tile that could not be had is asked for again. */
const RETRY = 1500

interface Waiter {
  readonly left: Map<string, TileNeed>
  readonly resolve: () => void
}

export class TileCache {
  readonly #pages: TilePages
  readonly #source: TileSource
  readonly #arrived: () => void
  readonly #coming = new Set<string>()
  readonly #failed = new Map<string, number>()
  #waiters: Waiter[] = []
  #wanted: readonly TileNeed[] = []
  #batches = 0
  #disposed = false

  /** @param arrived called when a frame may show more than the last one */
  constructor(gl: Gl, source: TileSource, budget: number, arrived: () => void) {
    this.#pages = new TilePages(gl, budget)
    this.#source = source
    this.#arrived = arrived
  }

  get bytes(): number {
    return this.#pages.bytes
  }

  get count(): number {
    return this.#pages.count
  }

  nextFrame(): void {
    this.#pages.nextFrame()
  }

  get(hash: TileHash, format: PixelFormat, level: number): GpuTile | undefined {
    return this.#pages.get(hash, format, level)
  }

  /** What this frame misses, most wanted first; replaces what earlier frames asked for. */
  want(needs: readonly TileNeed[]): void {
    this.#wanted = needs
    this.#pump()
  }

  /** Fetches tiles before all others; resolves when each is there or could not be had. */
  fetch(needs: readonly TileNeed[]): Promise<void> {
    const left = new Map<string, TileNeed>()
    for (const need of needs)
      if (!this.#pages.get(need.hash, need.format, need.level)) left.set(keyOf(need), need)
    if (left.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#waiters.push({ left, resolve })
      this.#pump()
    })
  }

  dispose(): void {
    this.#disposed = true
    this.#pages.dispose()
    for (const { resolve } of this.#waiters.splice(0)) resolve()
  }

  #pump(): void {
    while (this.#batches < BATCHES_AT_ONCE && !this.#disposed) {
      const batch = this.#nextBatch()
      if (batch.length === 0) return
      this.#batches++
      void this.#fetchBatch(batch)
    }
  }

  /** The first tiles of one level that nobody has asked for yet. */
  #nextBatch(): TileNeed[] {
    const now = performance.now()
    const batch: TileNeed[] = []
    let room = BATCH_BYTES
    const take = (need: TileNeed): boolean => {
      const key = keyOf(need)
      if (need.level !== (batch[0]?.level ?? need.level) || this.#coming.has(key)) return true
      if ((this.#failed.get(key) ?? 0) > now || this.#pages.get(need.hash, need.format, need.level))
        return true
      if (batch.length === MOST_IN_BATCH || room <= 0) return false
      this.#coming.add(key)
      room -= tileBytes(need.format, need.level)
      batch.push(need)
      return true
    }
    for (const { left } of this.#waiters) for (const need of left.values()) if (!take(need)) return batch
    for (const need of this.#wanted) if (!take(need)) return batch
    return batch
  }

  async #fetchBatch(batch: readonly TileNeed[]): Promise<void> {
    let tiles = new Map<TileHash, Uint8Array>()
    try {
      const hashes = batch.map(({ hash }) => hash)
      tiles = await this.#source.fetchTiles(hashes, batch[0]!.level)
    } catch {
      // The transport tells the person; here the tiles are asked for again later.
    }
    if (this.#disposed) return
    this.#batches--
    let lost = false
    for (const need of batch) {
      const { hash, format, level } = need
      const key = keyOf(need)
      this.#coming.delete(key)
      const pixels = tiles.get(hash)
      if (pixels?.byteLength === tileBytes(format, level)) this.#pages.add(hash, format, level, pixels)
      else {
        this.#failed.set(key, performance.now() + RETRY)
        lost = true
      }
      for (const { left } of this.#waiters) left.delete(key)
    }
    if (lost) setTimeout(() => this.#disposed || this.#arrived(), RETRY + 10)
    for (const { left, resolve } of this.#waiters) if (left.size === 0) resolve()
    this.#waiters = this.#waiters.filter(({ left }) => left.size > 0)
    this.#pump()
    this.#arrived()
  }
}

function keyOf({ hash, level }: TileNeed): string {
  return `${hash}/${level}`
}
