/** Damaged, foreign and newer files: each gets one clear answer, and what can be read is not given up. */
import fs from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { ProjectSession } from '../../../src/main/engine/project/project-session.ts'
import { verify } from '../../../src/main/engine/project/verify.ts'
import type { RasterLayer } from '../../../src/shared/document/model.ts'
import type { TileHash } from '../../../src/shared/ids.ts'
import { BACKGROUND, exercise, newProject, stroke } from '../../support/project-exercise.ts'
import { namesIn, temporaryFolder } from '../../support/project-folder.ts'
import { Random, seeds } from '../../support/project-random.ts'

const PAGE = 16_384
const code = (name: string) => expect.objectContaining({ code: name })

/** A project of `strokes` strokes on disk. */
function project(strokes: number, seed = 1): { file: string; folder: string; hashes: TileHash[] } {
  const random = new Random(seed)
  const folder = temporaryFolder()
  const file = path.join(folder, 'p.inlay')
  const session = newProject(file, random)
  const hashes = Array.from({ length: strokes }, () => stroke(session, random))
  session.close()
  return { file, folder, hashes }
}

/** Runs SQL on a closed project. */
function sql(file: string, statement: string): void {
  const db = new Database(file)
  try {
    db.exec(statement)
  } finally {
    db.close()
  }
}

describe('files that are no projects', () => {
  const cases: [string, (file: string) => void, string][] = [
    ['an empty file', (file) => fs.writeFileSync(file, ''), 'project.foreign'],
    ['a text file', (file) => fs.writeFileSync(file, 'hello '.repeat(100)), 'project.foreign'],
    ['a few bytes', (file) => fs.writeFileSync(file, 'SQLite format 3\0'), 'project.foreign'],
    ['another database', (file) => sql(file, 'create table t (x)'), 'project.foreign'],
    ['a folder', (file) => fs.mkdirSync(file), 'file.denied'],
    ['nothing', () => {}, 'file.missing'],
  ]
  test.each(cases)('%s', (_name, make, expected) => {
    const folder = temporaryFolder()
    const file = path.join(folder, 'x.inlay')
    make(file)
    const before = namesIn(folder)
    expect(() => ProjectSession.open(file)).toThrow(code(expected))
    expect(() => verify(file)).toThrow(code(expected))
    expect(namesIn(folder)).toEqual(before)
  })

  test('a project of a newer Inlay is refused by name and not touched', () => {
    const { file, folder } = project(1)
    sql(file, 'pragma user_version = 99')
    const bytes = fs.readFileSync(file)
    expect(() => ProjectSession.open(file)).toThrow(code('project.newer'))
    expect(() => ProjectSession.open(file)).toThrow(/newer Inlay/)
    expect(fs.readFileSync(file).equals(bytes)).toBe(true)
    expect(namesIn(folder)).toEqual(['p.inlay'])
  })

  test('a project whose import was interrupted says so', () => {
    const file = path.join(temporaryFolder(), 'p.inlay')
    const canvas = { width: 9, height: 9 }
    ProjectSession.create(file, { canvas, profile: { name: 'sRGB', hash: null }, name: 'x' }).close()
    expect(() => ProjectSession.open(file)).toThrow(/import was interrupted/)
    expect(() => ProjectSession.open(file)).toThrow(code('project.damaged'))
    expect(verify(file).ok).toBe(false)
  })
})

describe('a damaged tile', () => {
  test('is told when it is read; from then on the project is only read, and a copy holds all the rest', () => {
    const { file, folder, hashes } = project(4)
    const hash = hashes.at(-1) as TileHash
    sql(file, `update tile set data = zeroblob(262144) where hash = x'${hash}'`)
    const session = ProjectSession.open(file)
    const events: string[] = []
    session.watch((event) => events.push(event.type))
    expect(session.readOnly).toBe(false)
    expect(() => session.tiles.read(hash)).toThrow(code('project.damaged'))
    expect(session.readOnly).toBe(true)
    expect(session.notices).toHaveLength(1)
    expect(events).toEqual(['reset'])
    expect(() => stroke(session, new Random(1))).toThrow(code('project.read-only'))
    expect(() => session.tiles.read(hashes[0] as TileHash)).not.toThrow()
    expect(verify(file).ok).toBe(false)

    const copy = path.join(folder, 'copy.inlay')
    session.saveCopy(copy)
    const { document, history } = session
    session.close()
    expect(verify(copy)).toMatchObject({ ok: true, problems: [] })
    const saved = ProjectSession.open(copy)
    expect(saved.notices.join()).toMatch(/1 pieces? of pixels/)
    expect(saved.history).toEqual(history)
    const layer = saved.document.layers[BACKGROUND] as RasterLayer
    const { '0,0': lost, ...rest } = (document.layers[BACKGROUND] as RasterLayer).tiles
    expect(lost).toBe(hash)
    expect(layer.tiles).toEqual(rest)
    saved.undo()
    expect(() => saved.tiles.read(hashes[2] as TileHash)).not.toThrow()
    stroke(saved, new Random(2))
    saved.close()
    expect(verify(copy)).toMatchObject({ ok: true })
  })

  test('that is missing altogether is noticed at opening', () => {
    const { file, hashes } = project(3)
    sql(file, `delete from tile where hash = x'${hashes.at(-1)}'`)
    const session = ProjectSession.open(file)
    expect(session.readOnly).toBe(true)
    expect(session.notices[0]).toMatch(/damaged/)
    expect(session.history.entries).toHaveLength(4)
    session.close()
  })
})

describe('a damaged history', () => {
  test('opens read-only at the last state that can be told', () => {
    const { file, folder } = project(120)
    sql(file, "update command set changes = 'nonsense' where seq in (30, 110)")
    const session = ProjectSession.open(file)
    expect(session.readOnly).toBe(true)
    expect(session.notices[0]).toMatch(/entries of its history cannot be read/)
    // Lost: 30 to 50, which hang on the first broken one until the snapshot at 51, and 110 to the end.
    expect(session.history.entries).toHaveLength(29 + 59)
    const copy = path.join(folder, 'copy.inlay')
    session.saveCopy(copy)
    const { document } = session
    session.close()
    expect(verify(copy)).toMatchObject({ ok: true, problems: [], commands: 29 + 59 })
    const saved = ProjectSession.open(copy)
    expect(saved.document).toEqual(document)
    saved.close()
  })

  test('with nothing to read is refused', () => {
    const { file, folder } = project(3)
    sql(
      file,
      'delete from redo; delete from head; delete from snapshot; delete from thumbnail; delete from command',
    )
    expect(() => ProjectSession.open(file)).toThrow(code('project.damaged'))
    expect(namesIn(folder)).toEqual(['p.inlay'])
  })
})

describe.each(seeds(3))('pages destroyed at random, INLAY_SEED=%i', (seed) => {
  test('the project opens, or is refused as damaged; what is recovered is whole', () => {
    const random = new Random(seed)
    const folder = temporaryFolder()
    const file = path.join(folder, 'p.inlay')
    const session = newProject(file, random)
    exercise(session, random, 25)
    session.close()
    const whole = fs.readFileSync(file)
    let recovered = 0
    for (let round = 0; round < 8; round++) {
      const bytes = Buffer.from(whole)
      for (let left = random.int(1, 3); left > 0; left--) {
        const page = random.int(1, bytes.length / PAGE - 1)
        const garbage = Buffer.from(
          Array.from({ length: random.pick([1, 40, PAGE]) }, () => random.int(0, 255)),
        )
        garbage.copy(bytes, page * PAGE + random.int(0, PAGE - garbage.length))
      }
      recovered += recoverFrom(bytes.subarray(), folder, round)
    }
    expect(recovered).toBeGreaterThan(0)
  })

  test('cut off at random, it opens or is refused; what is recovered is whole', () => {
    const random = new Random(seed)
    const folder = temporaryFolder()
    const file = path.join(folder, 'p.inlay')
    const session = newProject(file, random)
    exercise(session, random, 25)
    session.close()
    const whole = fs.readFileSync(file)
    for (let round = 0; round < 6; round++)
      recoverFrom(whole.subarray(0, random.int(1, whole.length - 1)), folder, round)
  })
})

/** Opens a damaged file, reads all of it, saves a copy and checks that. @returns 1 if there was anything to recover. */
function recoverFrom(bytes: Uint8Array, folder: string, round: number): number {
  const file = path.join(folder, `damaged-${round}.inlay`)
  const copy = path.join(folder, `copy-${round}.inlay`)
  fs.writeFileSync(file, bytes)
  let session: ProjectSession
  try {
    session = ProjectSession.open(file)
  } catch (error) {
    expect(error).toMatchObject({
      name: 'InlayError',
      code: expect.stringMatching(/project\.(damaged|foreign)/),
    })
    return 0
  }
  for (const layer of Object.values(session.document.layers))
    for (const hash of Object.values((layer as RasterLayer).tiles ?? {}) as TileHash[])
      try {
        session.tiles.read(hash)
      } catch (error) {
        expect(error).toMatchObject({ code: 'project.damaged' })
      }
  try {
    session.saveCopy(copy)
    expect(verify(copy)).toMatchObject({ ok: true, problems: [] })
    return 1
  } catch (error) {
    expect(error).toMatchObject({ code: 'project.damaged' })
    expect(fs.existsSync(copy)).toBe(false)
    return 0
  } finally {
    session.close()
    expect(namesIn(folder).filter((name) => name.includes('part') || name.includes('-wal'))).toEqual([])
  }
}
