import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RasterLayer } from '../../../src/shared/document/model.ts'
import type { TileHash } from '../../../src/shared/ids.ts'
import type { Candidate, ProjectState } from '../../../src/shared/rpc/contract.ts'
import { DEFAULT_BRUSH } from '../../../src/shared/stroke.ts'
import { LoopbackProcess } from '../../support/loopback-client.ts'

const PHOTO = fileURLToPath(new URL('../../fixtures/photos/pink-house.jpg', import.meta.url))

let server: LoopbackProcess
beforeAll(async () => {
  server = await LoopbackProcess.start()
})
afterAll(() => server.stop())

const hashesOf = (state: ProjectState): TileHash[] =>
  Object.values((state.document.layers[state.document.root[0]!] as RasterLayer).tiles) as TileHash[]

async function uploadPhoto(name = 'My house.jpg') {
  const response = await server.fetch(`/upload?name=${encodeURIComponent(name)}`, {
    method: 'POST',
    body: await readFile(PHOTO),
  })
  expect(response.status).toBe(200)
  return (await response.json()) as { file: never; name: string }
}

describe('a photograph through the loopback server', () => {
  it('is uploaded, opened, shown by tiles and by thumbnail, painted on, undone and exported', async () => {
    const project = await server.project()
    const shell = await server.shell()
    const { file } = await uploadPhoto()
    const state = await project.open({ file })
    const { width, height } = await sharp(PHOTO).metadata()
    expect(state).toMatchObject({ name: 'My house', draft: true, readOnly: false })
    expect(state.document.canvas).toEqual({ width, height })
    expect(state.history.entries.map(({ label }) => label)).toEqual(['Import'])
    expect(state.document.layers[state.document.root[0]!]).toMatchObject({ name: 'My house' })

    // The same pixels by RPC, by POST and by GET.
    const hashes = hashesOf(state)
    expect(hashes.length).toBe(Math.ceil(width / 256) * Math.ceil(height / 256))
    const some = hashes.slice(0, 3)
    const { session } = state
    const byRpc = await (await project.tiles({ session, hashes: some, level: 0 })).arrayBuffer()
    const posted = await server.fetch('/tiles', {
      method: 'POST',
      body: JSON.stringify({ session, hashes: some, level: 0 }),
    })
    const byPost = await posted.arrayBuffer()
    expect(byPost.byteLength).toBe(3 * (1 + 256 * 256 * 4))
    expect(Buffer.from(byPost).equals(Buffer.from(byRpc))).toBe(true)
    const one = await server.fetch(`/tiles/${session}/3/${some[0]}`)
    expect(one.headers.get('cache-control')).toContain('immutable')
    expect((await one.arrayBuffer()).byteLength).toBe(1 + 32 * 32 * 4)

    const expected = await sharp(PHOTO)
      .ensureAlpha()
      .extract({ left: 0, top: 0, width: 1, height: 1 })
      .raw()
      .toBuffer()
    expect([...new Uint8Array(byPost, 1, 4)]).toEqual([...expected])

    const thumbnail = await project.thumbnail({ session, of: 'picture', size: 64 })
    expect(await sharp(Buffer.from(await thumbnail.arrayBuffer())).metadata()).toMatchObject({
      format: 'png',
    })

    const layer = state.document.root[0]!
    const stroke = {
      kind: 'stroke' as const,
      target: { kind: 'pixels' as const, layer },
      mode: 'paint' as const,
      brush: DEFAULT_BRUSH,
      colour: { r: 1, g: 0, b: 0 },
      samples: [
        { x: 100, y: 100, pressure: 1, time: 0 },
        { x: 140, y: 120, pressure: 1, time: 16 },
      ],
    }
    const watching = await project.watch({ session })
    const painted = await project.perform({ session, intent: stroke as never })
    expect(painted).toMatchObject({ command: expect.any(String), revision: state.revision + 1 })
    expect((await watching.next()).value).toMatchObject({ type: 'committed', revision: painted.revision })
    const red = await project.pick({ session, x: 100, y: 100, size: 1 })
    expect(red).toEqual({ r: 1, g: 0, b: 0 })
    await project.undo({ session })
    expect((await watching.next()).value).toMatchObject({ type: 'moved' })
    await watching.return()
    expect(await project.pick({ session, x: 100, y: 100, size: 1 })).not.toEqual(red)

    const target = await shell.chooseTarget({ suggestedName: 'result.png', kind: 'image' })
    const events: unknown[] = []
    for await (const event of await project.export({
      session,
      file: target!.file,
      options: { format: 'png', quality: 90, stripMetadata: true },
    }))
      events.push(event)
    expect(events.at(-1)).toMatchObject({ type: 'done', bytes: expect.any(Number) })
    const { url } = (await shell.delivery({ file: target!.file }))!
    const png = Buffer.from(await (await server.fetch(url)).arrayBuffer())
    const [exported, original] = await Promise.all([
      sharp(png).raw().toBuffer(),
      sharp(PHOTO).raw().toBuffer(),
    ])
    expect(exported.equals(original)).toBe(true)
    expect((await server.fetch(url)).status).toBe(404)
    await project.close({ session })
    await expect(project.state({ session })).rejects.toMatchObject({ code: 'host.lost' })
  })

  it('loses what is selected by Remove, and nothing else changes', async () => {
    const project = await server.project()
    const { file } = await uploadPhoto('Remove.jpg')
    const { session } = await project.open({ file })
    const rect = { x: 60, y: 40, width: 48, height: 32 }
    await project.perform({
      session,
      intent: { kind: 'select', shape: { kind: 'rect', rect }, combine: 'replace', feather: 0 },
    })
    const request = { kind: 'removal', grow: 2, feather: 2, seed: 1, fill: 'patch-fill' } as const

    const abort = new AbortController()
    const cancelled = await project.remove({ session, request }, { signal: abort.signal })
    await cancelled.next()
    const stopped = expect(
      (async () => {
        for await (const _ of cancelled);
      })(),
    ).rejects.toMatchObject({ code: 'cancelled' })
    abort.abort()
    await stopped

    const fractions: number[] = []
    let candidate: Candidate | undefined
    for await (const event of await project.remove({ session, request })) {
      if (event.type === 'progress') fractions.push(event.fraction)
      else candidate = event.candidate
    }
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b))
    expect(candidate?.bounds).toEqual({ x: 58, y: 38, width: 52, height: 36 })
    await project.perform({ session, intent: { kind: 'apply-candidate', candidate: candidate!.id } })
    const { document, history } = await project.state({ session })
    expect(document.root).toHaveLength(2)
    expect(history.entries.at(-1)).toMatchObject({ label: 'Remove', origin: 'remove' })
    await project.close({ session })
  })

  it('keeps a wide-gamut profile, and says how its numbers look', async () => {
    const project = await server.project()
    const red = { width: 8, height: 8, channels: 3, background: '#ff0000' } as const
    const body = await sharp({ create: red }).withIccProfile('p3').png().toBuffer()
    const response = await server.fetch('/upload?name=p3.png', { method: 'POST', body: new Uint8Array(body) })
    const { file } = (await response.json()) as { file: never }
    const { session, document } = await project.open({ file })
    const { hash } = document.profile
    const table = new Uint8Array(await (await project.displayLut({ session, profile: hash! }))!.arrayBuffer())
    expect(table).toHaveLength(33 ** 3 * 3)
    const at = (r: number, g: number, b: number) => [...table.slice(((r * 33 + g) * 33 + b) * 3).slice(0, 3)]
    expect(at(32, 0, 0)[0]).toBe(255)
    expect(at(32, 0, 0)[2]).toBeLessThan(40)
    expect(at(0, 0, 32)[2]).toBe(255)
    expect(at(0, 0, 32)[0]).toBeLessThan(40)
    // sRGB's red lies inside P3, so it is not (255, 0, 0) there, but looks like it.
    const picked = await project.pick({ session, x: 4, y: 4, size: 1 })
    expect(picked?.r).toBeGreaterThan(0.98)
    expect(picked?.g).toBeLessThan(0.03)
    await project.close({ session })
  })

  it('copies what is selected, and pastes it byte for byte', async () => {
    const project = await server.project()
    const { file } = await uploadPhoto('Copy.jpg')
    const { session, document } = await project.open({ file })
    const rect = { x: 33, y: 21, width: 40, height: 30 }
    await project.perform({
      session,
      intent: { kind: 'select', shape: { kind: 'rect', rect }, combine: 'replace', feather: 0 },
    })
    const { png, x, y } = await project.copy({ session, source: { layer: document.root[0]! } })
    expect({ x, y }).toEqual({ x: 33, y: 21 })
    const expected = await sharp(PHOTO)
      .ensureAlpha()
      .extract({ left: 33, top: 21, width: 40, height: 30 })
      .raw()
      .toBuffer()
    const copied = Buffer.from(await png.arrayBuffer())
    expect((await sharp(copied).ensureAlpha().raw().toBuffer()).equals(expected)).toBe(true)
    await project.close({ session })
  })

  it('goes away as a project and comes back with its history; a copy that was fetched is gone here', async () => {
    const project = await server.project()
    const shell = await server.shell()
    const { file } = await uploadPhoto('Travel.jpg')
    const { session } = await project.open({ file })
    await project.perform({
      session,
      intent: { kind: 'select', shape: { kind: 'all' }, combine: 'replace', feather: 0 },
    })
    const target = (await shell.chooseTarget({ suggestedName: 'Away.inlay', kind: 'project' }))!
    // A browser has no file to go on in: what leaves is a copy, and the draft stays open.
    await project.saveAs({ session, file: target.file })
    const { url } = (await shell.delivery({ file: target.file }))!
    const response = await server.fetch(url)
    expect(response.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''Away.inlay")
    const saved = await response.arrayBuffer()
    await project.close({ session })
    // The token now stands for the draft.
    const draft = await project.open({ file: target.file })
    expect(draft).toMatchObject({ name: 'Travel', draft: true })
    await project.close({ session: draft.session })

    const uploaded = await server.fetch('/upload?name=Away.inlay', { method: 'POST', body: saved })
    const back = await project.open({ file: ((await uploaded.json()) as { file: never }).file })
    expect(back).toMatchObject({ draft: true, readOnly: false })
    expect(back.history.entries).toHaveLength(2)
    await project.close({ session: back.session })
  })

  it('gives a second window the same project for looking only, and both hear of its end', async () => {
    const [first, second] = [await server.project(), await server.project()]
    const { file } = await uploadPhoto('Two.jpg')
    const one = await first.open({ file })
    await first.close({ session: one.session })
    const draft = (await first.drafts()).find(({ name }) => name === 'Two')!
    const writer = await first.open({ file: draft.file })
    const reader = await second.open({ file: draft.file })
    expect(writer.readOnly).toBe(false)
    expect(reader.readOnly).toBe(true)
    expect(reader.notices.length).toBeGreaterThan(0)
    const intent = { kind: 'select', shape: { kind: 'all' }, combine: 'replace', feather: 0 } as const
    await expect(second.perform({ session: reader.session, intent })).rejects.toMatchObject({
      code: 'project.read-only',
    })
    const watching = await second.watch({ session: reader.session })
    await second.close({ session: reader.session })
    expect((await watching.next()).value).toMatchObject({ type: 'closed' })
    expect(await watching.next()).toMatchObject({ done: true })
    // The window that goes away without a word leaves the file free for the next one.
    first.hangUp()
    const third = await server.project()
    await expect
      .poll(async () => {
        const next = await third.open({ file: draft.file })
        await third.close({ session: next.session })
        return next.readOnly
      })
      .toBe(false)
  })

  it('is a draft that is offered again, and can be discarded', async () => {
    const project = await server.project()
    const { file } = await uploadPhoto('Draft.jpg')
    const { session } = await project.open({ file })
    await project.close({ session })
    const drafts = await project.drafts()
    expect(drafts.map(({ name }) => name)).toContain('Draft')
    const draft = drafts.find(({ name }) => name === 'Draft')!
    const again = await project.open({ file: draft.file })
    expect(again).toMatchObject({ name: 'Draft', draft: true })
    await project.close({ session: again.session })
    await project.discardDraft({ file: draft.file })
    expect((await project.drafts()).map(({ name }) => name)).not.toContain('Draft')
  })

  it('goes on where it was after the project host is killed, with the same session', async () => {
    const project = await server.project()
    const { file } = await uploadPhoto('Crash.jpg')
    const state = await project.open({ file })
    const { session } = state
    await project.perform({
      session,
      intent: { kind: 'select', shape: { kind: 'all' }, combine: 'replace', feather: 0 },
    })
    const watching = await project.watch({ session })
    const lost = expect(watching.next()).rejects.toMatchObject({ code: 'host.lost' })
    process.kill(await hostOf(server), 'SIGKILL')
    await lost
    const second = await server.project()
    const after = await second.state({ session })
    expect(after.history.entries.map(({ label }) => label)).toEqual(['Import', expect.any(String)])
    expect(after.revision).toBeGreaterThan(state.revision + 1)
    expect(after.document.selection).not.toBeNull()
    await second.undo({ session })
    const tiles = await server.fetch('/tiles', {
      method: 'POST',
      body: JSON.stringify({ session, hashes: hashesOf(after).slice(0, 1), level: 8 }),
    })
    expect((await tiles.arrayBuffer()).byteLength).toBe(5)
    await second.close({ session })
  })

  it('refuses tokens nobody granted, and files that are no pictures', async () => {
    const project = await server.project()
    const names = async () => (await project.drafts()).map(({ name }) => name).toSorted()
    const before = await names()
    await expect(project.open({ file: 'made-up' as never })).rejects.toMatchObject({ code: 'file.denied' })
    const response = await server.fetch('/upload?name=text.png', { method: 'POST', body: 'just some words' })
    const { file } = (await response.json()) as { file: never }
    await expect(project.open({ file })).rejects.toMatchObject({ code: 'image.unreadable' })
    expect(await names()).toEqual(before)
  })
})

/** The project host's process id: the only child of the server. */
async function hostOf({ process: { pid } }: LoopbackProcess): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return Number(children.trim().split(' ')[0])
}
