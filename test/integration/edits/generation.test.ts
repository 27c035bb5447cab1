import { afterAll, describe, expect, it } from 'vitest'
import { composeRect } from '../../../src/main/engine/imaging/composite.ts'
import { runGeneration } from '../../../src/main/engine/jobs/generation-job.ts'
import { requestOfLayer } from '../../../src/main/engine/project/recorded-request.ts'
import { DEFAULT_GENERATION, type GenerationRequest } from '../../../src/shared/generation.ts'
import type { Rect } from '../../../src/shared/geometry.ts'
import type { LayerId, TileHash } from '../../../src/shared/ids.ts'
import type { Intent } from '../../../src/shared/intents.ts'
import type { Candidate, GenerationEvent } from '../../../src/shared/rpc/contract.ts'
import { addLayer, type EditProject, newProject, scenery, tilesOf } from '../../support/edit-project.ts'
import { tinyGenerator, tinyPlaceOf } from '../../support/tiny-generator.ts'

const SIZE = { width: 150, height: 110 }
const FRAME = { x: -20, y: -20, width: 190, height: 150 }
const REQUEST: GenerationRequest = {
  ...DEFAULT_GENERATION,
  model: 'sd1-inpaint-asymmetric',
  prompt: 'a red boat',
  steps: 2,
  guidance: 3,
  padding: 16,
  seed: 5,
}

const generator = tinyGenerator()
afterAll(() => generator.close())

function project(seed = 1): EditProject {
  const made = newProject(SIZE)
  addLayer(made, 'photo', tilesOf(made.session, scenery(SIZE, seed), SIZE))
  return made
}

const select = (rect: Rect): Intent => ({
  kind: 'select',
  shape: { kind: 'rect', rect },
  combine: 'replace',
  feather: 0,
})
const HOLE = { x: 50, y: 40, width: 30, height: 24 }

async function generated(
  { session, candidates }: EditProject,
  request: GenerationRequest = REQUEST,
  options: { readonly signal?: AbortSignal; readonly watched?: boolean } = {},
  onEvent: (event: GenerationEvent) => void = () => {},
): Promise<Candidate[]> {
  const made: Candidate[] = []
  const events = runGeneration(session, request, { candidates, generator, placeOf: tinyPlaceOf, ...options })
  for await (const event of events) {
    onEvent(event)
    if (event.type === 'candidate') made.push(event.candidate)
  }
  return made
}

/** Bytes that differ where the top layer covers nothing, and how many pixels differ where it covers. */
function changes({ session }: EditProject, before: Uint8Array, after: Uint8Array) {
  const top = session.document.root.at(-1) as LayerId
  const cover = composeRect({ ...session.document, root: [top] }, session.tiles, FRAME)
  let [strays, changed] = [0, 0]
  for (let i = 0; i < after.length; i += 4) {
    const isSame = after.subarray(i, i + 4).join() === before.subarray(i, i + 4).join()
    if (isSame) continue
    if (cover[i + 3] === 0) strays++
    else changed++
  }
  return { strays, changed }
}

describe('a generation', () => {
  it.each([
    ['an inpainting with an asymmetric decoder', {}],
    ['an inpainting with a plain one', { decoder: 'plain' }],
    ['an inpainting by a model that sees no hole', { model: 'sd1' }],
    ['an inpainting with a soft mask', { model: 'sd1', softMask: true, feather: 9 }],
    ['an image-to-image in a mask', { model: 'sd1', task: 'image-to-image', strength: 0.7 }],
    ['an instruction in a mask', { model: 'instruct-pix2pix', task: 'instruct' }],
    ['a picture from words in a mask', { model: 'sd1', task: 'text-to-image' }],
  ] as const)('%s changes no byte outside its compositing mask', async (_, change) => {
    const made = project()
    await made.edit(select(HOLE))
    const before = made.picture(FRAME)
    const request = { ...REQUEST, ...change }
    const [candidate] = await generated(made, request)
    expect(Buffer.compare(before, made.picture(FRAME))).toBe(0)
    expect(candidate!.bounds).toEqual({ x: 46, y: 36, width: 38, height: 32 })

    const command = await made.edit({ kind: 'apply-candidate', candidate: candidate!.id })
    expect(command).toMatchObject({ label: 'Generate', origin: 'generate' })
    const { strays, changed } = changes(made, before, made.picture(FRAME))
    expect(strays).toBe(0)
    expect(changed).toBeGreaterThan(300)
    const top = made.session.document.root.at(-1) as LayerId
    expect(made.layer(top)).toMatchObject({ name: 'a red boat', request: candidate!.id })
    expect(made.session.document.selection).toBeNull()
    expect(requestOfLayer(made.session, top)).toEqual(request)
    made.session.undo()
    expect(Buffer.compare(before, made.picture(FRAME))).toBe(0)
  })

  it('by the same request makes the same tiles, and each of several can be made again alone', async () => {
    const made = project()
    await made.edit(select(HOLE))
    const request = { ...REQUEST, candidates: 3 }
    const one = await generated(made, request)
    const two = await generated(made, request)
    expect(one).toHaveLength(3)
    expect(two.map(({ tiles }) => tiles)).toEqual(one.map(({ tiles }) => tiles))
    expect(one.map(({ index }) => index)).toEqual([0, 1, 2])
    expect(new Set(one.map(({ tiles }) => JSON.stringify(tiles))).size).toBe(3)
    const own = one[2]!.request as GenerationRequest
    expect(own).toMatchObject({ candidates: 1 })
    const [again] = await generated(made, own)
    expect(again!.tiles).toEqual(one[2]!.tiles)
  })

  it('says how well the surroundings were kept, shows previews, and keeps what there is to compare', async () => {
    const made = project()
    await made.edit(select(HOLE))
    const previews: string[] = []
    let fraction = 0
    const [candidate] = await generated(made, REQUEST, { watched: true }, (event) => {
      if (event.type === 'preview') previews.push(event.png)
      if (event.type !== 'progress') return
      expect(event.fraction).toBeGreaterThanOrEqual(fraction)
      fraction = event.fraction
    })
    expect(previews.length).toBeGreaterThan(0)
    expect(previews.every((png) => Buffer.from(png, 'base64').subarray(1, 4).toString() === 'PNG')).toBe(true)
    const { report } = candidate!
    expect(report).toMatchObject({ decoder: 'asymmetric', provider: 'cpu' })
    expect(report!.preservation!.absolute).toBeGreaterThan(0)
    const comparison = made.candidates.comparisonOf(candidate!.id)!
    const sizes = [comparison.original, comparison.made, comparison.plain!].map((png) =>
      [16, 20].map((at) => Buffer.from(png).readUInt32BE(at)),
    )
    expect(sizes).toEqual(Array(3).fill([report!.size.width, report!.size.height]))
    expect(Buffer.compare(comparison.made, comparison.plain!)).not.toBe(0)
    made.candidates.drop(candidate!.id)
    expect(made.candidates.comparisonOf(candidate!.id)).toBeNull()
  })

  it.each([
    ['image-to-image', 'sd1'],
    ['instruct', 'instruct-pix2pix'],
    ['diffedit', 'sd1'],
  ] as const)('with nothing selected, %s changes what the model changed', async (task, model) => {
    const made = project()
    const before = made.picture(FRAME)
    const request = { ...REQUEST, model, task, strength: 0.8, source: 'a grey wall' }
    const [candidate] = await generated(made, request)
    await made.edit({ kind: 'apply-candidate', candidate: candidate!.id })
    const { strays, changed } = changes(made, before, made.picture(FRAME))
    expect(strays).toBe(0)
    expect(changed).toBeGreaterThan(100)
  })

  it('from words alone covers the canvas, or has the size that was asked for', async () => {
    const made = project()
    const words = { ...REQUEST, model: 'sd1', task: 'text-to-image' } as const
    const [whole] = await generated(made, words)
    expect(whole!.bounds).toEqual({ x: 0, y: 0, ...SIZE })
    expect(made.candidates.layerOf(whole!.id)!.mask).toBeNull()
    const [small] = await generated(made, { ...words, size: { width: 40, height: 64 } })
    expect(small!.bounds).toEqual({ x: 55, y: 23, width: 40, height: 64 })
    expect(small!.report!.size).toEqual({ width: 40, height: 64 })
    await made.edit({ kind: 'apply-candidate', candidate: small!.id })
    const top = made.session.document.root.at(-1) as LayerId
    expect(made.layer(top).mask).toBeNull()
    const cover = composeRect({ ...made.session.document, root: [top] }, made.session.tiles, FRAME)
    expect(cover.filter((value, i) => i % 4 === 3 && value === 255)).toHaveLength(40 * 64)
  })

  it('without a selection says what to do, where it needs one', async () => {
    await expect(generated(project())).rejects.toMatchObject({
      code: 'mask.empty',
      message: 'Paint over what is to be made anew first (press Q).',
    })
  })

  it('that is cancelled keeps the candidates that are there', async () => {
    const made = project()
    await made.edit(select(HOLE))
    const control = new AbortController()
    const kept: Candidate[] = []
    const run = generated(made, { ...REQUEST, candidates: 4 }, { signal: control.signal }, (event) => {
      if (event.type !== 'candidate') return
      kept.push(event.candidate)
      control.abort()
    })
    await expect(run).rejects.toMatchObject({ code: 'cancelled' })
    expect(kept).toHaveLength(1)
    await made.edit({ kind: 'apply-candidate', candidate: kept[0]!.id })
    expect(made.session.document.root).toHaveLength(2)
  })

  it('that fails leaves no tiles and no candidate', async () => {
    const made = project()
    await made.edit(select(HOLE))
    const { document, tiles } = made.session
    const written: TileHash[] = []
    const watched = {
      document,
      blob: made.session.blob.bind(made.session),
      tiles: {
        read: tiles.read.bind(tiles),
        discard: tiles.discard.bind(tiles),
        write(...given: Parameters<typeof tiles.write>) {
          const hash = tiles.write(...given)
          if (hash) written.push(hash)
          return hash
        },
      },
    }
    const run = (request: GenerationRequest) =>
      (async () => {
        const options = { candidates: made.candidates, generator, placeOf: tinyPlaceOf }
        for await (const event of runGeneration(watched, request, options))
          expect(event.type).toBe('progress')
      })()
    await expect(run({ ...REQUEST, model: 'none' })).rejects.toMatchObject({ code: 'file.missing' })
    await expect(run({ ...REQUEST, task: 'instruct' })).rejects.toMatchObject({ code: 'model.unsupported' })
    await expect(run({ ...REQUEST, loras: [{ path: '/none', weight: 1 }] })).rejects.toMatchObject({
      code: 'file.missing',
    })
    expect(written).toEqual([])
    expect(made.session.document).toBe(document)
  })

  it('twenty times in a row moves what is kept by nothing at all', async () => {
    const made = project(3)
    const before = made.picture(FRAME)
    const covered = new Uint8Array(FRAME.width * FRAME.height)
    const first = { x: 60, y: 50, width: 20, height: 16 }
    const errors: number[] = []
    for (let edit = 0; edit < 20; edit++) {
      await made.edit(select({ ...first, x: first.x + 3 * (edit % 5), y: first.y - 4 * (edit % 4) }))
      const [candidate] = await generated(made, { ...REQUEST, seed: edit, steps: 1 })
      await made.edit({ kind: 'apply-candidate', candidate: candidate!.id })
      errors.push(candidate!.report!.preservation!.square)
      const top = made.session.document.root.at(-1) as LayerId
      const cover = composeRect({ ...made.session.document, root: [top] }, made.session.tiles, FRAME)
      for (let i = 0; i < covered.length; i++) if (cover[4 * i + 3]! > 0) covered[i] = 1
    }
    const after = made.picture(FRAME)
    let strays = 0
    for (let i = 0; i < covered.length; i++)
      if (covered[i] === 0) for (let c = 0; c < 4; c++) if (after[4 * i + c] !== before[4 * i + c]) strays++
    expect(strays).toBe(0)
    expect(covered.filter((value) => value > 0).length).toBeGreaterThan(1000)
    expect(covered.filter((value) => value === 0).length).toBeGreaterThan(1000)
    // A decoder that is shown earlier decodes again and again would get worse from edit to edit.
    expect(errors.at(-1)!).toBeLessThan(1.5 * Math.max(...errors.slice(0, 4)))
  })
})
