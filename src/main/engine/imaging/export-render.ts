/**
 * The whole picture of a document, for an encoder.
 *
 * Invariant: the picture is held once, in shared memory that the threads write their rows into. Besides it there are at
 * most `pool.size + 1` batches of tile bytes of `BATCH_BYTES` each (more only where a single 256-pixel square needs
 * more), however many layers there are. Reading tiles is this thread's part: it pauses between batches so that the
 * process stays responsive.
 */
import type { Document } from '../../../shared/document/model.ts'
import { type StackEntry, stackOf } from '../../../shared/document/stack.ts'
import { throwIfCancelled } from '../../../shared/errors.ts'
import { type Rect, rectOf } from '../../../shared/geometry.ts'
import type { TileHash } from '../../../shared/ids.ts'
import type { PixelFormat } from '../../../shared/pixels.ts'
import { TILE_SIZE } from '../../../shared/tiles.ts'
import { bytesOf, cutStack, tilesOf } from './composite-job.ts'
import { type ImagingPool, imagingPool } from './imaging-pool.ts'
import type { TileReader } from './tile-access.ts'

export interface RenderOptions {
  readonly signal?: AbortSignal
  /** Called with 0..1, never falling; 1 comes last. */
  readonly onProgress?: (fraction: number) => void
  readonly pool?: ImagingPool
}

/** Tile bytes that go to a worker at once: 32 colour tiles. */
const BATCH_BYTES = 8 * 1024 * 1024

/**
 * Composes everything on the canvas.
 * @returns straight rgba8, row-major, backed by a SharedArrayBuffer
 * @throws InlayError `cancelled`; whatever the reader throws (`project.damaged`)
 */
export async function renderDocument(
  document: Document,
  tiles: TileReader,
  { signal, onProgress, pool = imagingPool }: RenderOptions = {},
): Promise<Uint8Array> {
  const { width, height } = document.canvas
  const picture = new SharedArrayBuffer(width * height * 4)
  const batches: SharedArrayBuffer[] = []
  const running = new Set<Promise<void>>()
  let failure: { readonly error: unknown } | null = null
  let done = 0

  for (const piece of pieces(stackOf(document), rectOf(document.canvas))) {
    throwIfCancelled(signal)
    if (failure) break
    const bytes = takeBatch(batches, bytesOf(piece.tiles))
    const index = fillBatch(piece.tiles, tiles, bytes)
    const { x, y } = piece.rect
    const job = pool
      .run({ ...piece, tiles: index, bytes, picture, at: (y * width + x) * 4, stride: width * 4 })
      .then(() => {
        batches.push(bytes)
        done += piece.rect.width * piece.rect.height
        if (!failure && !signal?.aborted) onProgress?.(done / (width * height))
      })
      .catch((error: unknown) => {
        failure ??= { error }
      })
      .finally(() => running.delete(job))
    running.add(job)
    if (running.size > pool.size) await Promise.race(running)
    else await new Promise<void>((resolve) => setImmediate(resolve))
  }
  await Promise.all(running)
  throwIfCancelled(signal)
  if (failure) throw (failure as { readonly error: unknown }).error
  return new Uint8Array(picture)
}

interface Piece {
  readonly rect: Rect
  readonly stack: readonly StackEntry[]
  readonly tiles: ReadonlyMap<TileHash, PixelFormat>
}

/** Cuts a rectangle into rows of tiles, and those into halves until their tiles fit into a batch. */
function* pieces(stack: readonly StackEntry[], rect: Rect): Generator<Piece> {
  for (let y = 0; y < rect.height; y += TILE_SIZE) {
    const row = { ...rect, y, height: Math.min(TILE_SIZE, rect.height - y) }
    yield* halves(cutStack(stack, row), row)
  }
}

function* halves(stack: readonly StackEntry[], rect: Rect): Generator<Piece> {
  const tiles = tilesOf(stack)
  if (bytesOf(tiles) <= BATCH_BYTES || rect.width <= TILE_SIZE) {
    yield { rect, stack, tiles }
    return
  }
  const width = Math.ceil(rect.width / 2 / TILE_SIZE) * TILE_SIZE
  const left = { ...rect, width }
  const right = { ...rect, x: rect.x + width, width: rect.width - width }
  yield* halves(cutStack(stack, left), left)
  yield* halves(cutStack(stack, right), right)
}

/** Memory of at least `bytes` bytes: one that came back, or a new one. */
function takeBatch(batches: SharedArrayBuffer[], bytes: number): SharedArrayBuffer {
  const free = batches.findIndex((batch) => batch.byteLength >= bytes)
  if (free >= 0) return batches.splice(free, 1)[0]!
  batches.length = 0
  return new SharedArrayBuffer(Math.max(bytes, BATCH_BYTES))
}

function fillBatch(
  tiles: ReadonlyMap<TileHash, PixelFormat>,
  reader: TileReader,
  batch: SharedArrayBuffer,
): Map<TileHash, { start: number; length: number }> {
  const bytes = new Uint8Array(batch)
  const index = new Map<TileHash, { start: number; length: number }>()
  let start = 0
  for (const hash of tiles.keys()) {
    const pixels = reader.read(hash)
    bytes.set(pixels, start)
    index.set(hash, { start, length: pixels.byteLength })
    start += pixels.byteLength
  }
  return index
}
