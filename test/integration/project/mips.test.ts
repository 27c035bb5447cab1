/** Kept mipmap levels: the same bytes as made ones, in the file and in a copy, and never missed when they are gone. */
import path from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { mipTile } from '../../../src/main/engine/imaging/mipmap.ts'
import { ProjectSession } from '../../../src/main/engine/project/project-session.ts'
import { MAX_MIP_LEVEL } from '../../../src/shared/tiles.ts'
import { exercise, newProject } from '../../support/project-exercise.ts'
import { temporaryFolder } from '../../support/project-folder.ts'
import { Random, seeds } from '../../support/project-random.ts'

function rows(file: string, sql: string): number {
  const db = new Database(file, { readonly: true })
  const count = db.prepare(sql).pluck().get() as number
  db.close()
  return count
}

/** Compares every level of every tile, read by a session that has no pixels in memory. */
function checkLevels(file: string): void {
  const session = ProjectSession.open(file, { readOnly: true })
  const fresh = ProjectSession.open(file, { readOnly: true })
  for (const layer of Object.values(session.document.layers))
    if (layer.kind === 'raster')
      for (const hash of Object.values(layer.tiles))
        for (let level = 1; level <= MAX_MIP_LEVEL; level++) {
          const made = mipTile('rgba8', session.tiles.read(hash!), level)
          expect(Buffer.from(fresh.tiles.mip(hash!, 'rgba8', level)).equals(made)).toBe(true)
        }
  session.close()
  fresh.close()
}

test.each(seeds(1))('mipmap levels, INLAY_SEED=%i', (seed) => {
  const random = new Random(seed)
  const file = path.join(temporaryFolder(), 'p.inlay')
  const session = newProject(file, random)
  exercise(session, random, 12)
  while (session.compressSome());
  const copy = path.join(temporaryFolder(), 'copy.inlay')
  session.saveCopy(copy)
  session.close()
  const missing = 'select count(*) from tile left join mip on mip.tile = tile.id where mip.tile is null'
  expect(rows(file, 'select count(*) from mip')).toBeGreaterThan(0)
  expect([rows(file, missing), rows(copy, missing)]).toEqual([0, 0])
  checkLevels(file)
  checkLevels(copy)

  const db = new Database(file)
  db.exec("delete from mip where tile % 2 = 0; update mip set data = x'00'")
  db.close()
  checkLevels(file)
})
