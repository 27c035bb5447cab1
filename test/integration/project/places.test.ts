/** Where a project may lie: odd names, missing folders, read-only files, folders and media. */
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { isProjectFile } from '../../../src/main/engine/project/project-header.ts'
import { ProjectSession } from '../../../src/main/engine/project/project-session.ts'
import { mountDisk } from '../../support/project-disks.ts'
import { newProject, stroke } from '../../support/project-exercise.ts'
import { namesIn, temporaryFolder } from '../../support/project-folder.ts'
import { startWorker } from '../../support/project-processes.ts'
import { Random } from '../../support/project-random.ts'

const code = (name: string) => expect.objectContaining({ code: name })

describe('names', () => {
  const odd = [
    'file:a.inlay',
    'file:a?mode=ro.inlay',
    'a?mode=memory&cache=shared.inlay',
    'a#b.inlay',
    '%41.inlay',
    ':memory:',
    'it\'s "quoted"; drop table tile; --.inlay',
    ' leading space.inlay',
    'été – 夏 🏖.inlay',
    'ends in dots...inlay',
    '-option.inlay',
    'no-extension',
  ]
  test.each(odd)('%s', (name) => {
    const random = new Random(1)
    const folder = temporaryFolder()
    const file = path.join(folder, name)
    const session = newProject(file, random)
    const lying = stroke(session, random)
    session.saveCopy(path.join(folder, `copy of ${name.trim()}`))
    session.close()
    expect(namesIn(folder)).toEqual([name, `copy of ${name.trim()}`].sort())
    const again = ProjectSession.open(file)
    expect(again.name).toBe(name.replace(/\.inlay$/, ''))
    expect(again.tiles.read(lying)).toBeInstanceOf(Uint8Array)
    again.moveTo(path.join(folder, `moved ${name.trim()}`))
    stroke(again, random)
    again.close()
    expect(namesIn(folder)).toEqual([`moved ${name.trim()}`, `copy of ${name.trim()}`].sort())
  })

  test('a name that the database would change is refused, and its neighbour left alone', () => {
    const random = new Random(2)
    const folder = temporaryFolder()
    newProject(path.join(folder, 'a.inlay'), random).close()
    for (const name of ['a.inlay ', 'a.inlay\n']) {
      expect(() => ProjectSession.open(path.join(folder, name))).toThrow(code('file.denied'))
      expect(() => newProject(path.join(folder, name), random)).toThrow(code('file.denied'))
    }
    expect(namesIn(folder)).toEqual(['a.inlay'])
  })

  test('a relative path means the working folder', () => {
    const file = path.join(temporaryFolder(), 'p.inlay')
    const session = newProject(path.relative(process.cwd(), file), new Random(3))
    expect(session.path).toBe(file)
    session.close()
  })
})

describe('refusals leave nothing behind', () => {
  test('a folder that is not there', () => {
    const folder = temporaryFolder()
    const file = path.join(folder, 'none', 'p.inlay')
    expect(() => newProject(file, new Random(1))).toThrow(code('file.missing'))
    expect(() => ProjectSession.open(file)).toThrow(code('file.missing'))
    const session = newProject(path.join(folder, 'p.inlay'), new Random(1))
    expect(() => session.saveCopy(file)).toThrow(code('file.missing'))
    expect(() => session.moveTo(file)).toThrow(code('file.missing'))
    stroke(session, new Random(2))
    session.close()
    expect(namesIn(folder)).toEqual(['p.inlay'])
  })

  test('a folder that is a file', () => {
    const folder = temporaryFolder()
    fs.writeFileSync(path.join(folder, 'f'), '')
    expect(() => newProject(path.join(folder, 'f', 'p.inlay'), new Random(1))).toThrow(code('file.missing'))
  })

  test('a file that is there is not overwritten by a new project', () => {
    const file = path.join(temporaryFolder(), 'p.inlay')
    fs.writeFileSync(file, 'mine')
    expect(() => newProject(file, new Random(1))).toThrow(code('file.exists'))
    expect(fs.readFileSync(file, 'utf8')).toBe('mine')
  })

  test('a name too long for the disk', () => {
    const folder = temporaryFolder()
    expect(() => newProject(path.join(folder, `${'x'.repeat(254)}`), new Random(1))).toThrow(
      code('file.denied'),
    )
    expect(namesIn(folder)).toEqual([])
  })
})

test('a file marked read-only opens read-only and can be copied', () => {
  const folder = temporaryFolder()
  const file = path.join(folder, 'p.inlay')
  newProject(file, new Random(1)).close()
  fs.chmodSync(file, 0o444)
  const session = ProjectSession.open(file)
  expect(session.readOnly).toBe(true)
  expect(session.notices).toEqual([expect.stringContaining('may not be written')])
  expect(() => stroke(session, new Random(2))).toThrow(code('project.read-only'))
  session.saveCopy(path.join(folder, 'copy.inlay'))
  session.close()
  const copy = ProjectSession.open(path.join(folder, 'copy.inlay'))
  expect(copy.readOnly).toBe(false)
  copy.close()
  expect(namesIn(folder)).toEqual(['copy.inlay', 'p.inlay'])
})

test('a file that was moved away while it was open takes no more edits, and its content can be saved', () => {
  const random = new Random(1)
  const folder = temporaryFolder()
  const file = path.join(folder, 'p.inlay')
  const session = newProject(file, random)
  stroke(session, random)
  fs.renameSync(file, path.join(folder, 'elsewhere.inlay'))
  expect(() => stroke(session, random)).toThrow(code('file.missing'))
  const { document } = session
  session.saveCopy(path.join(folder, 'copy.inlay'))
  session.close()
  for (const name of ['elsewhere.inlay', 'copy.inlay']) {
    const again = ProjectSession.open(path.join(folder, name))
    expect(again.document).toEqual(document)
    again.close()
  }
})

test('what a file is can be asked without hurting an open project', async () => {
  const random = new Random(1)
  const folder = temporaryFolder()
  const file = path.join(folder, 'p.inlay')
  fs.writeFileSync(path.join(folder, 'photo.jpg'), 'x')
  const session = newProject(file, random)
  expect(isProjectFile(file)).toBe(true)
  expect(isProjectFile(path.join(folder, 'photo.jpg'))).toBe(false)
  expect(isProjectFile(path.join(folder, 'none'))).toBe(false)
  const other = startWorker('open', file)
  await other.printed(1)
  await other.kill()
  expect(other.lines).toEqual(['read-only'])
  session.close()
  expect(isProjectFile(file)).toBe(true)
})

const disk = mountDisk(32 << 20)
afterAll(() => disk?.remove())

if (disk)
  describe('read-only media', () => {
    test('a project that was closed opens there', () => {
      const random = new Random(1)
      const file = path.join(disk.folder, 'closed.inlay')
      const session = newProject(file, random)
      const hash = stroke(session, random)
      const { document } = session
      session.close()
      disk.readOnly(true)
      try {
        const again = ProjectSession.open(file)
        expect(again.readOnly).toBe(true)
        expect(again.notices).toHaveLength(1)
        expect(again.document).toEqual(document)
        expect(again.tiles.read(hash)).toHaveLength(262_144)
        again.close()
        expect(() => newProject(path.join(disk.folder, 'new.inlay'), random)).toThrow(code('file.denied'))
      } finally {
        disk.readOnly(false)
      }
    })

    test('so does one whose process was killed, with all that was confirmed', async () => {
      const file = path.join(disk.folder, 'killed.inlay')
      newProject(file, new Random(2)).close()
      const worker = startWorker('stroke', file, 7)
      await worker.printed(12)
      await worker.kill()
      const names = namesIn(disk.folder)
      expect(names).toContain('killed.inlay-wal')
      disk.readOnly(true)
      try {
        const session = ProjectSession.open(file)
        expect(session.readOnly).toBe(true)
        const ids = session.history.entries.map((entry) => entry.id as string)
        for (const id of worker.lines.slice(1)) expect(ids).toContain(id)
        session.close()
        expect(namesIn(disk.folder)).toEqual(names)
      } finally {
        disk.readOnly(false)
      }
    })
  })
