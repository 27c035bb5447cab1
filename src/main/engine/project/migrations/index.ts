/**
 * Brings a project file to the schema this Inlay writes.
 *
 * Invariant: `user_version` counts the migrations that have run; each runs once, in order, in a transaction of its own.
 */
import { InlayError } from '../../../../shared/errors.ts'
import { type Connection, transact } from '../sqlite.ts'
import { first } from './0001-first.ts'

const MIGRATIONS: readonly string[] = [first]

/** The schema this Inlay writes. */
export const SCHEMA_VERSION = MIGRATIONS.length

export function schemaVersion(db: Connection): number {
  return Number(db.pragma('user_version', { simple: true }))
}

/** @throws InlayError `project.newer` for a version this Inlay does not know. */
export function refuseNewer(version: number, name: string): void {
  if (version > SCHEMA_VERSION)
    throw new InlayError(
      'project.newer',
      `"${name}" was written by a newer Inlay (file version ${version}, this one reads up to ${SCHEMA_VERSION}). ` +
        'Update Inlay to open it.',
    )
}

/** Runs the migrations that are missing. @throws InlayError `project.newer`, or what SQLite says. */
export function migrate(db: Connection, name: string): void {
  refuseNewer(schemaVersion(db), name)
  for (let version = schemaVersion(db); version < SCHEMA_VERSION; version++)
    transact(db, () => {
      db.exec(MIGRATIONS[version] as string)
      db.pragma(`user_version = ${version + 1}`)
    })
}
