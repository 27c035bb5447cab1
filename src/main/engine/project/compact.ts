/**
 * Making a project file as small as it can be.
 *
 * Invariant: it changes nothing that can be seen. Tiles that no command of any branch names are dropped, the rest is
 * compressed, and SQLite rewrites the file in place (`VACUUM`), which is as safe as any of its transactions: a crash
 * leaves the file as it was before.
 */
import fs from 'node:fs'
import { InlayError } from '../../../shared/errors.ts'
import { type TileHash, TileHash as TileHashSchema } from '../../../shared/ids.ts'
import { tilesOfHistory } from './copy.ts'
import { openStore, type ProjectStore } from './project-store.ts'
import { guarded, transact } from './sqlite.ts'
import { DEFAULT_TILE_LIMITS, hashBytes, TileStore } from './tile-store.ts'

export interface Compacted {
  readonly before: number
  readonly after: number
  readonly droppedTiles: number
}

/** Tiles compressed in one transaction. */
const BATCH = 64

/** @throws InlayError those of `openStore`, `project.read-only` when it may not be written or is open, `disk.full`. */
export function compact(file: string): Compacted {
  const store = openStore(file)
  let done: Omit<Compacted, 'after'>
  try {
    if (store.readOnly)
      throw new InlayError('project.read-only', store.notices[0] ?? 'The project may only be read.')
    const before = size(store.path)
    const droppedTiles = guarded(store.path, () => dropUnnamed(store))
    const tiles = new TileStore(store, DEFAULT_TILE_LIMITS, () => {})
    while (tiles.compressSome(BATCH, false) === BATCH);
    guarded(store.path, () => store.db.exec('vacuum'))
    done = { before, droppedTiles }
  } finally {
    store.close()
  }
  return { ...done, after: size(store.path) }
}

/** Bytes of the file and of the journal it has beside it. */
function size(file: string): number {
  return ['', '-wal'].reduce(
    (sum, suffix) => sum + (fs.statSync(file + suffix, { throwIfNoEntry: false })?.size ?? 0),
    0,
  )
}

function dropUnnamed(store: ProjectStore): number {
  const named = tilesOfHistory(store)
  const unnamed = store.db
    .prepare<string>('select lower(hex(hash)) from tile')
    .pluck()
    .all()
    .filter(
      (hash): hash is TileHash => !named.has(hash as TileHash) && TileHashSchema.safeParse(hash).success,
    )
  const drop = store.db.prepare('delete from tile where hash = ?')
  transact(store.db, () => {
    for (const hash of unnamed) drop.run(hashBytes(hash))
  })
  return unnamed.length
}
