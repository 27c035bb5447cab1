/** Copies, moves, compaction, drafts, and what any other SQLite can read of a project. */
import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { compact } from '../../../src/main/engine/project/compact.ts'
import {
  dataFolder,
  discardDraft,
  listDrafts,
  newDraftPath,
} from '../../../src/main/engine/project/drafts.ts'
import { ProjectSession } from '../../../src/main/engine/project/project-session.ts'
import { verify } from '../../../src/main/engine/project/verify.ts'
import type { ProjectEvent } from '../../../src/shared/history.ts'
import { exercise, newProject, stroke, writeTile } from '../../support/project-exercise.ts'
import { namesIn, temporaryFolder } from '../../support/project-folder.ts'
import { startWorker } from '../../support/project-processes.ts'
import { Random, seeds } from '../../support/project-random.ts'

const code = (name: string) => expect.objectContaining({ code: name })

describe.each(seeds(2))('a copy, INLAY_SEED=%i', (seed) => {
  test('has the same document, history and pixels, is smaller, and replaces what was there', () => {
    const random = new Random(seed)
    const folder = temporaryFolder()
    const session = newProject(path.join(folder, 'p.inlay'), random)
    exercise(session, random, 30)
    session.setThumbnail(session.history.head, new Uint8Array([1]))
    const target = path.join(folder, 'copy.inlay')
    fs.writeFileSync(target, 'something else')
    fs.writeFileSync(`${target}-wal`, 'left over from something else')
    const { bytes } = session.saveCopy(target)
    expect(fs.statSync(target).size).toBe(bytes)
    const { document, history } = session
    expect(() => session.saveCopy(session.path)).toThrow(code('project.read-only'))
    session.close()
    expect(namesIn(folder)).toEqual(['copy.inlay', 'p.inlay'])
    expect(bytes).toBeLessThan(fs.statSync(path.join(folder, 'p.inlay')).size)
    expect(verify(target)).toMatchObject({ ok: true, problems: [], unnamedTiles: 0 })
    const copy = ProjectSession.open(target)
    expect(copy.document).toEqual(document)
    expect(copy.history).toEqual(history)
    expect(copy.thumbnail(history.head)).not.toBeNull()
    exercise(copy, random, 3)
    copy.close()
  })

  test('compacting changes nothing that can be seen', () => {
    const random = new Random(seed)
    const folder = temporaryFolder()
    const file = path.join(folder, 'p.inlay')
    const session = newProject(file, random)
    exercise(session, random, 30)
    const { document, history } = session
    session.close()
    const db = new Database(file)
    db.prepare(
      'insert into tile (hash, format, codec, data) values (randomblob(32), 1, 0, zeroblob(262144))',
    ).run()
    db.close()
    const tiles = verify(file).problems.length
    expect(tiles).toBe(1)
    const result = compact(file)
    expect(result.droppedTiles).toBe(1)
    expect(result.after).toBe(fs.statSync(file).size)
    expect(result.after).toBeLessThan(result.before)
    expect(namesIn(folder)).toEqual(['p.inlay'])
    expect(verify(file)).toMatchObject({ ok: true, problems: [] })
    const again = ProjectSession.open(file)
    expect(again.document).toEqual(document)
    expect(again.history).toEqual(history)
    expect(() => compact(file)).toThrow(code('project.read-only'))
    again.close()
  })
})

describe('moving', () => {
  test('takes a draft to its own file, with what is not committed yet', () => {
    const random = new Random(1)
    const folder = temporaryFolder()
    const session = newProject(path.join(folder, 'draft.inlay'), random)
    const events: ProjectEvent[] = []
    session.watch((event) => events.push(event))
    const waiting = writeTile(session, random)
    const target = path.join(folder, 'holiday.inlay')
    fs.writeFileSync(target, 'an older file')
    fs.writeFileSync(`${target}-wal`, 'its journal')
    session.moveTo(target)
    expect(session.path).toBe(target)
    expect(session.name).toBe('holiday')
    expect(events).toEqual([{ type: 'renamed', name: 'holiday', draft: false }])
    expect(session.tiles.read(waiting)).toHaveLength(262_144)
    stroke(session, random)
    session.undo()
    const { history } = session
    session.close()
    expect(namesIn(folder)).toEqual(['holiday.inlay'])
    const again = ProjectSession.open(target)
    expect(again.history).toEqual(history)
    again.close()
  })

  test('over disks works too', () => {
    const elsewhere = fs.mkdtempSync('/dev/shm/inlay-test-')
    try {
      const random = new Random(2)
      const folder = temporaryFolder()
      const session = newProject(path.join(folder, 'p.inlay'), random)
      session.moveTo(path.join(elsewhere, 'p.inlay'))
      stroke(session, random)
      session.close()
      expect(namesIn(folder)).toEqual([])
      expect(namesIn(elsewhere)).toEqual(['p.inlay'])
      expect(verify(path.join(elsewhere, 'p.inlay'))).toMatchObject({ ok: true, commands: 2 })
    } finally {
      fs.rmSync(elsewhere, { recursive: true })
    }
  })

  test('onto a project that is open, or away from a reader, is refused and changes nothing', () => {
    const random = new Random(3)
    const folder = temporaryFolder()
    const a = newProject(path.join(folder, 'a.inlay'), random)
    const b = newProject(path.join(folder, 'b.inlay'), random)
    expect(() => a.moveTo(b.path)).toThrow(code('project.read-only'))
    expect(() => a.saveCopy(b.path)).toThrow(code('project.read-only'))
    const reader = ProjectSession.open(a.path)
    expect(() => a.moveTo(path.join(folder, 'c.inlay'))).toThrow(code('project.read-only'))
    reader.close()
    stroke(a, random)
    a.moveTo(path.join(folder, 'c.inlay'))
    stroke(a, random)
    a.close()
    b.close()
    expect(namesIn(folder)).toEqual(['b.inlay', 'c.inlay'])
  })
})

describe('drafts', () => {
  test('are offered newest first, unless they are open or hold nothing', async () => {
    const random = new Random(4)
    process.env['INLAY_DATA'] = temporaryFolder()
    expect(dataFolder()).toBe(process.env['INLAY_DATA'])
    expect(listDrafts()).toEqual([])
    const [older, newer, open, empty, killed] = Array.from({ length: 5 }, () => newDraftPath())
    newProject(older as string, random, 'beach').close()
    newProject(newer as string, random, 'Ünïcode “name”').close()
    const session = newProject(open as string, random, 'open')
    expect(session.draft).toBe(true)
    expect(session.name).toBe('open')
    ProjectSession.create(empty as string, {
      canvas: { width: 9, height: 9 },
      profile: { name: 'sRGB', hash: null },
      name: 'x',
    }).close()
    newProject(killed as string, random, 'killed').close()
    const worker = startWorker('stroke', killed as string, 1)
    await worker.printed(5)
    await worker.kill()
    fs.utimesSync(older as string, 1000, 1000)
    fs.utimesSync(newer as string, 2000, 2000)

    expect(listDrafts().map((draft) => draft.name)).toEqual(['killed', 'Ünïcode “name”', 'beach'])
    expect(() => discardDraft(open as string)).toThrow(code('project.read-only'))
    discardDraft(killed as string)
    discardDraft(older as string)
    expect(listDrafts().map((draft) => draft.path)).toEqual([newer])
    const mine = path.join(temporaryFolder(), 'mine.inlay')
    session.moveTo(mine)
    expect(session.draft).toBe(false)
    session.close()
    expect(() => discardDraft(mine)).toThrow(code('file.denied'))
    expect(fs.existsSync(mine)).toBe(true)
    delete process.env['INLAY_DATA']
  })

  test('lie where each system means them to', () => {
    const home = path.resolve('/home/me')
    expect(dataFolder({ INLAY_DATA: '/x' }, home)).toBe(path.resolve('/x'))
    if (process.platform === 'linux') {
      expect(dataFolder({}, home)).toBe('/home/me/.local/share/inlay')
      expect(dataFolder({ XDG_DATA_HOME: '/data' }, home)).toBe('/data/inlay')
      expect(dataFolder({ XDG_DATA_HOME: 'relative' }, home)).toBe('/home/me/.local/share/inlay')
    }
  })
})

describe('other programs', () => {
  test('find 16 KB pages, our application id and version, and take the preview out', () => {
    const file = path.join(temporaryFolder(), 'p.inlay')
    const session = newProject(file, new Random(5))
    const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 1, 2, 3])
    session.setComposite(png)
    session.close()
    const header = fs.readFileSync(file).subarray(0, 100)
    expect(header.readUInt16BE(16)).toBe(16_384)
    expect([header[18], header[19]]).toEqual([1, 1])
    expect(header.toString('latin1', 68, 72)).toBe('INLY')
    expect(header.readUInt32BE(60)).toBe(1)
    const db = new Database(file, { readonly: true })
    expect(
      Buffer.from(db.prepare<Uint8Array>('select png from composite').pluck().get() ?? []).equals(png),
    ).toBe(true)
    db.close()
  })

  // The schema uses nothing newer than SQLite 3.40; where its command line is installed, ask it.
  if (spawnSync('sqlite3', ['--version']).status === 0)
    test('the sqlite3 command line reads all of it', () => {
      const random = new Random(6)
      const file = path.join(temporaryFolder(), 'p.inlay')
      const session = newProject(file, random)
      stroke(session, random)
      session.close()
      const ask = (sql: string): string =>
        execFileSync('sqlite3', ['-readonly', file, sql], { encoding: 'utf8' }).trim()
      expect(ask('pragma integrity_check')).toBe('ok')
      expect(ask('select label from command order by seq')).toBe('Import\nBrush stroke')
      expect(ask("select json_extract(changes, '$[0].type') from command where seq = 2")).toBe('pixels.patch')
      expect(ask('select count(*), min(length(hash)) from tile')).toBe('3|32')
    })
})
