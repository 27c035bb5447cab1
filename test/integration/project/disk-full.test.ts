/** A full disk: the edit is refused, everything before it stays, and nothing half-made is left. */
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ProjectSession } from '../../../src/main/engine/project/project-session.ts'
import { createStore } from '../../../src/main/engine/project/project-store.ts'
import { guarded, transact } from '../../../src/main/engine/project/sqlite.ts'
import { verify } from '../../../src/main/engine/project/verify.ts'
import { mountDisk } from '../../support/project-disks.ts'
import { newProject, stroke } from '../../support/project-exercise.ts'
import { namesIn, temporaryFolder } from '../../support/project-folder.ts'
import { Random } from '../../support/project-random.ts'

const full = expect.objectContaining({ code: 'disk.full' })

/** Works on every machine: SQLite itself is told that there is no room for more pages. */
test('a transaction that does not fit is taken back whole', () => {
  const file = path.join(temporaryFolder(), 'p.inlay')
  const store = createStore(file, (db) => db.exec("insert into meta values ('kept', 'yes')"))
  store.db.pragma('max_page_count = 60')
  const fill = (): void =>
    guarded(file, () =>
      transact(store.db, () => {
        store.db.exec("insert into meta values ('lost', 'yes')")
        store.db.exec(`insert into blob values (x'00', zeroblob(2000000))`)
      }),
    )
  expect(fill).toThrow(full)
  expect(store.db.inTransaction).toBe(false)
  expect(store.db.prepare('select key from meta').pluck().all()).toEqual(['kept'])
  expect(store.db.pragma('integrity_check', { simple: true })).toBe('ok')
  store.close()
})

/** Writes a file until the disk is full. */
function fillUp(file: string): void {
  const handle = fs.openSync(file, 'w')
  const block = Buffer.alloc(4096)
  expect(() => {
    for (;;) fs.writeSync(handle, block)
  }).toThrow(/ENOSPC/)
  fs.closeSync(handle)
}

const disk = mountDisk(6 << 20)
afterAll(() => disk?.remove())

/** Where the machine lets us mount one: a real full disk of six megabytes. */
if (disk)
  describe('a small disk', () => {
    test('the edit that does not fit is refused; the project goes on when there is room again', () => {
      const random = new Random(1)
      const file = path.join(disk.folder, 'p.inlay')
      const session = newProject(file, random)
      let before = session.document
      const paintUntilFull = (): void => {
        for (let i = 0; i < 100; i++) {
          before = session.document
          stroke(session, random)
        }
      }
      expect(paintUntilFull).toThrow(full)
      expect(session.document).toBe(before)
      const { history } = session
      session.close()

      const looking = ProjectSession.open(file)
      expect(looking.document).toEqual(before)
      expect(looking.history).toEqual(history)
      expect(() => looking.saveCopy(path.join(disk.folder, 'copy.inlay'))).toThrow(full)
      expect(() => stroke(looking, random)).toThrow()
      looking.close()

      disk.grow(32 << 20)
      const again = ProjectSession.open(file)
      expect(again.readOnly).toBe(false)
      expect(again.document).toEqual(before)
      stroke(again, random)
      again.saveCopy(path.join(disk.folder, 'copy.inlay'))
      again.close()
      expect(verify(path.join(disk.folder, 'copy.inlay'))).toMatchObject({ ok: true, problems: [] })
      expect(verify(file)).toMatchObject({ ok: true, problems: [] })
      expect(namesIn(disk.folder)).toEqual(['copy.inlay', 'p.inlay'])
      for (const name of namesIn(disk.folder)) fs.rmSync(path.join(disk.folder, name))
    })

    test('a new project, and a copy, that do not fit leave nothing behind', () => {
      const random = new Random(2)
      const session = newProject(path.join(temporaryFolder(), 'p.inlay'), random)
      for (let i = 0; i < 30; i++) stroke(session, random)
      for (const name of namesIn(disk.folder)) fs.rmSync(path.join(disk.folder, name))
      const filler = path.join(disk.folder, 'filler')
      const old = path.join(disk.folder, 'old.inlay')
      fs.writeFileSync(old, 'a file that was there before')
      disk.grow(6 << 20)
      fillUp(filler)
      expect(() => session.saveCopy(old)).toThrow(full)
      expect(fs.readFileSync(old, 'utf8')).toBe('a file that was there before')
      expect(() => session.moveTo(path.join(disk.folder, 'moved.inlay'))).toThrow(full)
      stroke(session, random)
      expect(() => newProject(path.join(disk.folder, 'new.inlay'), random)).toThrow(full)
      expect(namesIn(disk.folder)).toEqual(['filler', 'old.inlay'])
      session.close()
      fs.rmSync(filler)
    })
  })
