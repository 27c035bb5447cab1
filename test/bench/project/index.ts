/**
 * The project file: how fast it takes an edit, how many bytes an edit costs, how fast it opens again.
 *
 * Each number stands beside what it can be held against: writing and syncing the same bytes to a plain file, reading
 * them from one, or doing without the snapshots. Pixels are those of a photograph; a stroke touches four tiles.
 *
 * `npm run bench -- project [--commands 500]`
 */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import sharp from 'sharp'
import { loadLog, readCommand, readRoot } from '../../../src/main/engine/project/command-log.ts'
import { compact } from '../../../src/main/engine/project/compact.ts'
import { ProjectSession } from '../../../src/main/engine/project/project-session.ts'
import { openStore } from '../../../src/main/engine/project/project-store.ts'
import { verify } from '../../../src/main/engine/project/verify.ts'
import { apply } from '../../../src/shared/document/apply.ts'
import type { TileChanges } from '../../../src/shared/document/commands.ts'
import { LAYER_DEFAULTS, type RasterLayer } from '../../../src/shared/document/model.ts'
import type { LayerId, TileHash } from '../../../src/shared/ids.ts'
import { TILE_SIZE, type TileKey, tileBytes, tileKey } from '../../../src/shared/tiles.ts'
import { Random } from '../../support/project-random.ts'

const PHOTO = new URL('../../fixtures/photos/pink-house.jpg', import.meta.url)
const LAYER = 'photo' as LayerId
const TILES_PER_STROKE = 4
const COLUMNS = 12
const ROWS = 8

export async function run(args: string[]): Promise<void> {
  const at = args.indexOf('--commands')
  const count = at < 0 ? 500 : Number(args[at + 1])
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'inlay-bench-'))
  try {
    await measure(path.join(folder, 'p.inlay'), count)
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(file: string, count: number): Promise<void> {
  const random = new Random(1)
  ;(await importPhoto(file)).close()
  const firstOpens = Array.from({ length: 15 }, () => reopen(file))
  const session = ProjectSession.open(file)
  const written = count - 1
  const commits: number[] = []
  for (let i = 0; i < written; i++) commits.push(stroke(session, random))
  report('commit of a stroke (4 tiles, 1 MB)', commits, 'plain file, write + fsync', plainWrites(file, 60))

  const undos = Array.from({ length: 60 }, () => timed(() => session.undo()))
  const redos = Array.from({ length: 60 }, () => timed(() => session.redo()))
  report(
    'undo and redo of a stroke',
    [...undos, ...redos],
    'plain file, 16 KB + fsync',
    plainWrites(file, 60, 16_384),
  )

  const raw = fileSize(session.path)
  while (session.compressSome());
  const reads = readAll(session)
  session.close()
  report('read a tile that is not in memory', reads, 'plain file, 256 KB', plainReads(file))
  const { after } = compact(file)
  const perEdit = (bytes: number): string => `${Math.round(bytes / count / 1024)} KB`
  const pixels = TILES_PER_STROKE * tileBytes('rgba8')
  console.log(
    `bytes per edit: ${perEdit(raw)} at once, ${perEdit(after)} compressed; ${(after / count / pixels).toFixed(2)} of the pixels it touches`,
  )

  const opens = Array.from({ length: 15 }, () => reopen(file))
  const replays = Array.from({ length: 5 }, () => replayAll(file))
  report(`open with ${count} commands`, opens, 'the same with one', firstOpens)
  report(`open with ${count} commands`, opens, 'replaying all of them', replays)
  const { ok, tiles } = verify(file)
  console.log(`verify: ${ok ? 'whole' : 'NOT WHOLE'}, ${tiles} tiles`)
}

async function importPhoto(file: string): Promise<ProjectSession> {
  const width = COLUMNS * TILE_SIZE
  const height = ROWS * TILE_SIZE
  const { data } = await sharp(PHOTO.pathname)
    .resize(width, height, { fit: 'fill' })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  const session = ProjectSession.create(file, {
    canvas: { width, height },
    profile: { name: 'sRGB', hash: null },
    name: 'bench',
  })
  const tiles: Record<TileKey, TileHash> = {}
  for (let ty = 0; ty < ROWS; ty++)
    for (let tx = 0; tx < COLUMNS; tx++) {
      const pixels = new Uint8Array(tileBytes('rgba8'))
      for (let y = 0; y < TILE_SIZE; y++) {
        const from = ((ty * TILE_SIZE + y) * width + tx * TILE_SIZE) * 4
        pixels.set(data.subarray(from, from + TILE_SIZE * 4), y * TILE_SIZE * 4)
      }
      const hash = session.tiles.write('rgba8', pixels)
      if (hash) tiles[tileKey(tx, ty)] = hash
    }
  const layer: RasterLayer = {
    ...LAYER_DEFAULTS,
    kind: 'raster',
    id: LAYER,
    name: 'Photo',
    tiles,
    request: null,
  }
  session.commit({
    label: 'Import',
    origin: 'import',
    changes: [{ type: 'layer.insert', v: 1, place: { parent: null, index: 0 }, layers: [layer] }],
  })
  return session
}

/** Paints a patch on four neighbouring tiles. @returns the milliseconds its commit took, hashing the tiles included. */
function stroke(session: ProjectSession, random: Random): number {
  const tx = random.int(0, COLUMNS - 2)
  const ty = random.int(0, ROWS - 2)
  const layer = session.document.layers[LAYER] as RasterLayer
  const fresh: [TileKey, TileHash, Uint8Array][] = []
  for (const [dx, dy] of [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ] as const) {
    const key = tileKey(tx + dx, ty + dy)
    const before = layer.tiles[key] as TileHash
    const pixels = Uint8Array.from(session.tiles.read(before))
    const start = random.int(0, 100) * TILE_SIZE * 4
    pixels.fill(random.int(0, 255), start, start + 40 * TILE_SIZE * 4)
    fresh.push([key, before, pixels])
  }
  return timed(() => {
    const pairs = fresh.map(([key, before, pixels]) => [key, [before, session.tiles.write('rgba8', pixels)]])
    session.commit({
      label: 'Brush stroke',
      origin: 'brush',
      changes: [
        {
          type: 'pixels.patch',
          v: 1,
          id: LAYER,
          plane: 'pixels',
          tiles: Object.fromEntries(pairs) as TileChanges,
        },
      ],
    })
  })
}

/** What the disk itself takes: the same bytes appended to a file and synced. */
function plainWrites(beside: string, count: number, bytes = TILES_PER_STROKE * tileBytes('rgba8')): number[] {
  const file = `${beside}.plain`
  const handle = fs.openSync(file, 'w')
  const block = Buffer.alloc(bytes, 7)
  const times = Array.from({ length: count }, () =>
    timed(() => {
      fs.writeSync(handle, block)
      fs.fsyncSync(handle)
    }),
  )
  fs.closeSync(handle)
  fs.rmSync(file)
  return times
}

function plainReads(beside: string): number[] {
  const file = `${beside}.plain`
  fs.writeFileSync(file, Buffer.alloc(60 * tileBytes('rgba8'), 7))
  const handle = fs.openSync(file, 'r')
  const times = Array.from({ length: 60 }, (_, i) =>
    timed(() => {
      const bytes = Buffer.alloc(tileBytes('rgba8'))
      fs.readSync(handle, bytes, 0, bytes.length, i * bytes.length)
    }),
  )
  fs.closeSync(handle)
  fs.rmSync(file)
  return times
}

/** Reads every tile of the document through a session that has nothing in memory. */
function readAll(session: ProjectSession): number[] {
  const reader = ProjectSession.open(session.path, { readOnly: true })
  const { tiles } = reader.document.layers[LAYER] as RasterLayer
  const times = (Object.values(tiles) as TileHash[]).map((hash) => timed(() => reader.tiles.read(hash)))
  reader.close()
  return times
}

function reopen(file: string): number {
  let session: ProjectSession | undefined
  const time = timed(() => {
    session = ProjectSession.open(file)
  })
  session?.close()
  return time
}

/** What opening would cost without snapshots. */
function replayAll(file: string): number {
  const store = openStore(file, { readOnly: true })
  const time = timed(() => {
    let document = readRoot(store)
    for (const entry of loadLog(store).entries) document = apply(document, readCommand(store, entry))
  })
  store.close()
  return time
}

function fileSize(file: string): number {
  return fs.statSync(file).size
}

function timed(body: () => void): number {
  const start = performance.now()
  body()
  return performance.now() - start
}

function report(what: string, times: readonly number[], against: string, peer: readonly number[]): void {
  const [p50, p95] = [quantile(times, 0.5), quantile(times, 0.95)]
  const other = quantile(peer, 0.5)
  console.log(
    `${what}: p50 ${p50.toFixed(2)} ms, p95 ${p95.toFixed(2)} ms; ${against}: p50 ${other.toFixed(2)} ms; ratio ${(p50 / other).toFixed(2)}`,
  )
}

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0
}
