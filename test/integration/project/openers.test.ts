/** One writer at a time, by a lock that dies with its process; everybody else reads. */
import { execFile } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { acquireLock, isLocked, lockPath } from '../../../src/main/engine/project/project-lock.ts'
import { ProjectSession } from '../../../src/main/engine/project/project-session.ts'
import { newProject, stroke, writeTile } from '../../support/project-exercise.ts'
import { namesIn, temporaryFolder } from '../../support/project-folder.ts'
import { startWorker } from '../../support/project-processes.ts'
import { Random } from '../../support/project-random.ts'

const readOnly = expect.objectContaining({ code: 'project.read-only' })

test('a second opener in the same process reads what was committed and may change nothing', () => {
  const random = new Random(1)
  const folder = temporaryFolder()
  const file = path.join(folder, 'p.inlay')
  const writer = newProject(file, random)
  const hash = stroke(writer, random)
  const reader = ProjectSession.open(file)
  expect(reader.readOnly).toBe(true)
  expect(reader.notices).toEqual([expect.stringContaining('Another window')])
  expect(reader.document).toEqual(writer.document)
  expect(reader.tiles.read(hash)).toEqual(writer.tiles.read(hash))
  expect(() => stroke(reader, random)).toThrow(readOnly)
  expect(() => reader.undo()).toThrow(readOnly)
  expect(() => reader.moveTo(path.join(folder, 'q.inlay'))).toThrow(readOnly)
  expect(() => reader.putBlob(new Uint8Array(1))).toThrow(readOnly)
  reader.setView({ zoom: 3, centre: null, activeLayer: null })

  stroke(writer, random)
  writer.close()
  reader.close()
  expect(namesIn(folder)).toEqual(['p.inlay'])
  const again = ProjectSession.open(file)
  expect(again.history.entries).toHaveLength(3)
  expect(again.view.zoom).toBeNull()
  again.close()
})

test('a reader keeps the picture it opened while the writer goes on, and saves copies', () => {
  const random = new Random(2)
  const folder = temporaryFolder()
  const file = path.join(folder, 'p.inlay')
  const writer = newProject(file, random)
  const first = stroke(writer, random)
  const reader = ProjectSession.open(file, { readOnly: true })
  expect(reader.notices).toEqual([])
  const { document } = reader
  for (let i = 0; i < 30; i++) stroke(writer, random)
  while (writer.compressSome());
  expect(reader.document).toEqual(document)
  expect(Buffer.compare(reader.tiles.read(first), writer.tiles.read(first))).toBe(0)
  reader.saveCopy(path.join(folder, 'copy.inlay'))
  const copy = ProjectSession.open(path.join(folder, 'copy.inlay'))
  expect(copy.document).toEqual(writer.document)
  for (const session of [copy, reader, writer]) session.close()
  expect(namesIn(folder)).toEqual(['copy.inlay', 'p.inlay'])
})

test('another process holds the lock as long as it lives, and not a moment longer', async () => {
  const random = new Random(3)
  const folder = temporaryFolder()
  const file = path.join(folder, 'p.inlay')
  newProject(file, random).close()
  const worker = startWorker('hold', file)
  await worker.printed(1)
  expect(worker.lines).toEqual(['writing'])
  expect(isLocked(file)).toBe(true)
  const reader = ProjectSession.open(file)
  expect(reader.readOnly).toBe(true)
  reader.close()
  expect(isLocked(file)).toBe(true)

  await worker.kill()
  expect(fs.existsSync(lockPath(file))).toBe(true)
  expect(isLocked(file)).toBe(false)
  const session = ProjectSession.open(file)
  expect(session.readOnly).toBe(false)
  stroke(session, random)

  const late = startWorker('open', file)
  await late.printed(1)
  expect(late.lines).toEqual(['read-only'])
  await late.kill()
  session.close()
  expect(namesIn(folder)).toEqual(['p.inlay'])
})

test('a reader in another process lets the writer work and close, but not move the file', async () => {
  const random = new Random(7)
  const folder = temporaryFolder()
  const file = path.join(folder, 'p.inlay')
  const writer = newProject(file, random)
  const worker = startWorker('hold', file)
  await worker.printed(1)
  expect(worker.lines).toEqual(['read-only'])
  stroke(writer, random)
  expect(() => writer.moveTo(path.join(folder, 'q.inlay'))).toThrow(readOnly)
  stroke(writer, random)
  writer.close()
  const again = ProjectSession.open(file)
  expect(again.readOnly).toBe(false)
  expect(again.history.entries).toHaveLength(3)
  again.close()
  await worker.kill()
  ProjectSession.open(file).close()
  expect(namesIn(folder)).toEqual(['p.inlay'])
})

test('opening and closing in one process does not give the lock away to another', async () => {
  const random = new Random(4)
  const file = path.join(temporaryFolder(), 'p.inlay')
  const writer = newProject(file, random)
  for (let i = 0; i < 3; i++) ProjectSession.open(file).close()
  const other = startWorker('open', file)
  await other.printed(1)
  await other.kill()
  expect(other.lines).toEqual(['read-only'])
  stroke(writer, random)
  writer.close()
})

test('a lock can be had again once it was given back, and only then', () => {
  const file = path.join(temporaryFolder(), 'p.inlay')
  const first = acquireLock(file)
  expect(acquireLock(file)).toBe('busy')
  if (typeof first === 'string') throw new Error(first)
  first.release()
  first.release()
  const second = acquireLock(file)
  expect(second).not.toBe('busy')
  expect(acquireLock(file)).toBe('busy')
  if (typeof second !== 'string') second.release()
  expect(fs.existsSync(lockPath(file))).toBe(false)
})

test('processes that fight for the lock are never inside together', async () => {
  const folder = temporaryFolder()
  const log = path.join(folder, 'log')
  const child = path.join(import.meta.dirname, '../../support/project-lock-child.ts')
  const run = promisify(execFile)
  const file = path.join(folder, 'p.inlay')
  await Promise.all(Array.from({ length: 3 }, () => run(process.execPath, [child, file, log, '300'])))
  const lines = fs.readFileSync(log, 'utf8').trim().split('\n')
  expect(lines).toHaveLength(1800)
  for (let i = 0; i < lines.length; i += 2) expect(lines[i + 1]).toBe(lines[i]?.replace('in', 'out'))
  expect(namesIn(folder)).toEqual(['log'])
})

test('a lock file that was left behind blocks nobody', () => {
  const file = path.join(temporaryFolder(), 'p.inlay')
  newProject(file, new Random(5)).close()
  for (const content of ['', 'x', 'garbage '.repeat(5000)]) {
    fs.writeFileSync(lockPath(file), content)
    const session = ProjectSession.open(file)
    expect(session.readOnly).toBe(false)
    session.close()
    expect(fs.existsSync(lockPath(file))).toBe(false)
  }
})

test('a program that does not respect the lock is noticed before anything is written', () => {
  const random = new Random(6)
  const folder = temporaryFolder()
  const file = path.join(folder, 'p.inlay')
  const session = newProject(file, random)
  fs.renameSync(lockPath(file), path.join(folder, 'elsewhere'))
  const rogue = ProjectSession.open(file)
  stroke(rogue, random)
  const { document, history } = session
  expect(() => stroke(session, random)).toThrow(readOnly)
  expect(session.document).toEqual(document)
  expect(session.history).toEqual(history)
  rogue.close()
  session.close()
  const again = ProjectSession.open(file)
  expect(again.history.entries).toHaveLength(2)
  expect(writeTile(again, random)).toHaveLength(64)
  again.close()
})
