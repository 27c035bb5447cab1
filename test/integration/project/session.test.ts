/** The live project: what is seen, what is saved, and that both are the same after opening it again. */
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { blobHash } from '../../../src/main/engine/project/project-records.ts'
import { ProjectSession } from '../../../src/main/engine/project/project-session.ts'
import { verify } from '../../../src/main/engine/project/verify.ts'
import { apply, invert } from '../../../src/shared/document/apply.ts'
import type { Document } from '../../../src/shared/document/model.ts'
import type { ProjectEvent } from '../../../src/shared/history.ts'
import type { CandidateId, CommandId, TileHash } from '../../../src/shared/ids.ts'
import {
  BACKGROUND,
  backgroundLayer,
  exercise,
  newProject,
  randomPixels,
  stroke,
  writeTile,
} from '../../support/project-exercise.ts'
import { namesIn, temporaryFolder } from '../../support/project-folder.ts'
import { Random, RandomEdits, seeds } from '../../support/project-random.ts'

const conflict = expect.objectContaining({ code: 'document.conflict' })

describe.each(seeds(5))('law: closing and opening changes nothing, INLAY_SEED=%i', (seed) => {
  test('after every burst of random edits', () => {
    const random = new Random(seed)
    const folder = temporaryFolder()
    const file = path.join(folder, 'p.inlay')
    let session = newProject(file, random)
    for (let round = 0; round < 6; round++) {
      exercise(session, random, 45)
      if (random.chance(0.5)) while (session.compressSome());
      const { document, history } = session
      session.close()
      expect(namesIn(folder)).toEqual(['p.inlay'])
      session = ProjectSession.open(file)
      expect(session.readOnly).toBe(false)
      expect(session.document).toEqual(document)
      expect(session.history).toEqual(history)
    }
    session.close()
    expect(verify(file)).toMatchObject({ ok: true, problems: [] })
  })

  test('a watcher that applies what it hears has the same document', () => {
    const random = new Random(seed)
    const session = newProject(path.join(temporaryFolder(), 'p.inlay'), random)
    let copy: Document = session.document
    let revision = session.revision
    let redo: CommandId | null = null
    session.watch((event: ProjectEvent) => {
      if (event.type !== 'committed' && event.type !== 'moved') return
      expect(event.revision).toBe(++revision)
      redo = event.redo
      if (event.type === 'committed') copy = apply(copy, event.command as never)
      else
        for (const { command, direction } of event.steps)
          copy = apply(copy, direction === 'redo' ? (command as never) : invert(command as never))
    })
    for (let i = 0; i < 150; i++) {
      exercise(session, random, 1)
      expect(copy).toEqual(session.document)
      expect(redo).toBe(session.history.redo)
    }
    session.close()
  })
})

describe('history', () => {
  test('begins with the import, which cannot be undone', () => {
    const session = newProject(path.join(temporaryFolder(), 'p.inlay'), new Random(1))
    expect(session.history.entries).toMatchObject([{ label: 'Import', origin: 'import', parent: null }])
    expect(session.history.redo).toBeNull()
    expect(() => session.undo()).toThrow(conflict)
    expect(() => session.redo()).toThrow(conflict)
    expect(() => session.jump('nowhere' as CommandId)).toThrow(conflict)
    session.close()
  })

  test('keeps the other branch when an edit follows an undo, and redo goes where one was last', () => {
    const random = new Random(2)
    const file = path.join(temporaryFolder(), 'p.inlay')
    let session = newProject(file, random)
    stroke(session, random)
    const left = session.history.head
    const leftDocument = session.document
    session.undo()
    stroke(session, random)
    const right = session.history.head
    session.jump(left)
    expect(session.document).toEqual(leftDocument)
    session.undo()
    expect(session.history.redo).toBe(left)
    session.jump(right)
    session.undo()
    session.close()
    session = ProjectSession.open(file)
    expect(session.history.redo).toBe(right)
    expect(session.history.entries.map((entry) => entry.parent)).toEqual([
      null,
      session.history.head,
      session.history.head,
    ])
    session.redo()
    expect(session.history.head).toBe(right)
    session.close()
  })

  test('does not replay from the beginning: later snapshots are enough', () => {
    const random = new Random(3)
    const file = path.join(temporaryFolder(), 'p.inlay')
    const session = newProject(file, random)
    for (let i = 0; i < 120; i++) stroke(session, random)
    const { document, history } = session
    session.close()
    const again = ProjectSession.open(file)
    expect(again.document).toEqual(document)
    expect(again.history).toEqual(history)
    again.close()
  })
})

describe('edits from outside', () => {
  test('are refused when they do not fit, and leave everything as it was', () => {
    const random = new Random(4)
    const session = newProject(path.join(temporaryFolder(), 'p.inlay'), random)
    const edits = new RandomEdits(random, () => writeTile(session, random))
    const before = { document: session.document, history: session.history, revision: session.revision }
    const valid = edits.command(session.document)
    const unknown = 'f'.repeat(64) as TileHash
    const mask = writeTile(session, random, 'gray8')
    const patch = (hash: TileHash) => ({
      ...valid,
      changes: [
        {
          type: 'pixels.patch',
          v: 1,
          id: BACKGROUND,
          plane: 'pixels',
          tiles: { '5,5': [null, hash] },
        } as const,
      ],
    })
    const refused = [
      { ...valid, id: session.history.head },
      { ...valid, changes: [] },
      { ...valid, origin: 'Not an origin' },
      patch(unknown),
      patch(mask),
      { ...valid, changes: [{ type: 'layer.fly', v: 1 } as never] },
    ]
    for (const command of refused) expect(() => session.dispatch(command)).toThrow(conflict)
    expect({ document: session.document, history: session.history, revision: session.revision }).toEqual(
      before,
    )
    session.dispatch(patch(writeTile(session, random)))
    expect(session.revision).toBe(before.revision + 1)
    session.close()
  })

  test('leave a locked layer alone, also inside a locked group', () => {
    const random = new Random(5)
    const session = newProject(path.join(temporaryFolder(), 'p.inlay'), random)
    const set = (after: object, before: object) =>
      ({ type: 'layer.set', v: 1, id: BACKGROUND, before, after }) as const
    const command = (change: object) => ({
      id: random.id() as CommandId,
      label: 'x',
      origin: 'x',
      changes: [change],
    })
    const send = (change: object) => session.dispatch(command(change) as never)
    send(set({ locked: true }, { locked: false }))
    const layer = session.document.layers[BACKGROUND]
    const place = { parent: null, index: 0 }
    const touching = [
      set({ offset: { x: 1, y: 1 } }, { offset: { x: 0, y: 0 } }),
      { type: 'layer.delete', v: 1, place, layers: [layer] },
      { type: 'layer.move', v: 1, id: BACKGROUND, before: place, after: place },
      {
        type: 'pixels.patch',
        v: 1,
        id: BACKGROUND,
        plane: 'pixels',
        tiles: { '9,9': [null, writeTile(session, random)] },
      },
    ]
    for (const change of touching) expect(() => send(change)).toThrow(/locked/)
    send(set({ name: 'Sky', opacity: 0.5 }, { name: 'Background', opacity: 1 }))
    send(set({ locked: false }, { locked: true }))
    send(touching[0] as object)

    const around = { ...backgroundLayer({}), kind: 'group', id: 'around', children: [], passThrough: false }
    const { tiles: _tiles, request: _request, ...group } = around
    send({ type: 'layer.insert', v: 1, place: { parent: null, index: 1 }, layers: [group] })
    send({ type: 'layer.move', v: 1, id: BACKGROUND, before: place, after: { parent: 'around', index: 0 } })
    send({ type: 'layer.set', v: 1, id: 'around', before: { locked: false }, after: { locked: true } })
    expect(() => send(touching[3] as object)).toThrow(/locked/)
    session.close()
  })
})

describe('pixels', () => {
  test('are there before their command is committed, and afterwards', () => {
    const random = new Random(6)
    const file = path.join(temporaryFolder(), 'p.inlay')
    const session = newProject(file, random)
    const pixels = randomPixels(random, 'rgba8')
    const hash = session.tiles.write('rgba8', pixels.slice()) as TileHash
    expect(session.tiles.read(hash)).toEqual(pixels)
    session.dispatch({
      id: 'c1' as CommandId,
      label: 'x',
      origin: 'x',
      changes: [
        { type: 'pixels.patch', v: 1, id: BACKGROUND, plane: 'pixels', tiles: { '7,7': [null, hash] } },
      ],
    })
    while (session.compressSome());
    session.close()
    const again = ProjectSession.open(file)
    expect(new Uint8Array(again.tiles.read(hash))).toEqual(pixels)
    again.close()
  })

  test('that are empty are not stored; what is empty in a mask depends on what lies outside it', () => {
    const session = newProject(path.join(temporaryFolder(), 'p.inlay'), new Random(7))
    const black = new Uint8Array(65_536)
    const white = new Uint8Array(65_536).fill(255)
    expect(session.tiles.write('rgba8', new Uint8Array(262_144))).toBeNull()
    expect(session.tiles.write('gray8', black)).toBeNull()
    expect(session.tiles.write('gray8', white)).not.toBeNull()
    expect(session.tiles.write('gray8', black, 255)).not.toBeNull()
    expect(session.tiles.write('gray8', white, 255)).toBeNull()
    session.close()
  })

  test('beyond the limit wait in the file, and go when no command names them', () => {
    const random = new Random(8)
    const file = path.join(temporaryFolder(), 'p.inlay')
    const session = ProjectSession.create(
      file,
      { canvas: { width: 900, height: 900 }, profile: { name: 'sRGB', hash: null }, name: 'big' },
      { cacheBytes: 0, stagedBytes: 600_000 },
    )
    const hashes = Array.from({ length: 9 }, () => writeTile(session, random))
    const pixels = hashes.map((hash) => Buffer.from(session.tiles.read(hash)))
    session.commit({
      label: 'Import',
      origin: 'import',
      changes: [
        {
          type: 'layer.insert',
          v: 1,
          place: { parent: null, index: 0 },
          layers: [
            backgroundLayer(Object.fromEntries(hashes.slice(0, 6).map((hash, i) => [`${i},0`, hash]))),
          ],
        },
      ],
    })
    session.close()
    expect(verify(file)).toMatchObject({ ok: true, tiles: 6, unnamedTiles: 0 })
    const again = ProjectSession.open(file)
    hashes.slice(0, 6).forEach((hash, i) => {
      expect(Buffer.compare(again.tiles.read(hash), pixels[i] as Buffer)).toBe(0)
    })
    again.close()
  })
})

describe('beside the document', () => {
  test('view, request, profile, original, previews and notices are kept', () => {
    const file = path.join(temporaryFolder(), 'p.inlay')
    const profileBytes = new Uint8Array([9, 8, 7])
    const session = ProjectSession.create(file, {
      canvas: { width: 5, height: 5 },
      profile: { name: 'Camera', hash: blobHash(profileBytes) },
      name: 'x',
      notices: ['The picture had 16 bits.'],
      original: { name: 'Ünï code.jpg', bytes: new Uint8Array([1, 2, 3]) },
      profileBytes,
    })
    const { id } = session.commit({
      label: 'Import',
      origin: 'import',
      changes: [
        { type: 'layer.insert', v: 1, place: { parent: null, index: 0 }, layers: [backgroundLayer({})] },
      ],
    })
    const events: ProjectEvent[] = []
    session.watch((event) => events.push(event))
    const candidate = 'candidate-1' as CandidateId
    session.recordRequest(candidate, { kind: 'removal', seed: 7 })
    session.setThumbnail(id, new Uint8Array([4]))
    session.setComposite(new Uint8Array([5, 5]))
    const other = session.putBlob(new Uint8Array([6]))
    session.setView({ zoom: 2, centre: { x: 1.5, y: 2 }, activeLayer: BACKGROUND })
    expect(events).toEqual([{ type: 'thumbnail', command: id }])
    session.close()

    const again = ProjectSession.open(file)
    expect(again.request(candidate)).toEqual({ kind: 'removal', seed: 7 })
    expect(again.request('candidate-2' as CandidateId)).toBeUndefined()
    expect([...(again.thumbnail(id) ?? [])]).toEqual([4])
    expect([...(again.composite() ?? [])]).toEqual([5, 5])
    expect([...again.blob(other)]).toEqual([6])
    expect([...again.blob(blobHash(profileBytes))]).toEqual([9, 8, 7])
    expect(again.original()).toMatchObject({ name: 'Ünï code.jpg' })
    expect([...(again.original()?.bytes ?? [])]).toEqual([1, 2, 3])
    expect(again.view).toEqual({ zoom: 2, centre: { x: 1.5, y: 2 }, activeLayer: BACKGROUND })
    expect(again.notices).toEqual(['The picture had 16 bits.'])
    expect(again.document.profile).toEqual({ name: 'Camera', hash: blobHash(profileBytes) })
    again.close()
  })
})
