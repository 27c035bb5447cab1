/** Holes filled in the built-in model's way: the walk from noise to picture, and whole tasks with weights that a rule draws. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import sharp from 'sharp'
import { afterAll, describe, expect, test } from 'vitest'
import { decodePlain, encode, framed } from '../../../src/main/engine/inference/asymmetric-decode.ts'
import { decodeInPieces } from '../../../src/main/engine/inference/generate/decode-pieces.ts'
import { Job } from '../../../src/main/engine/inference/generate/job.ts'
import { planesOf } from '../../../src/main/engine/inference/generate/pictures.ts'
import type { GenerationNote, GenerationTask } from '../../../src/main/engine/inference/generate/task.ts'
import { builtInFill } from '../../../src/main/engine/inference/pipelines/built-in-fill.ts'
import { seededDraws } from '../../../src/main/engine/inference/pipelines/draws.ts'
import { Session } from '../../../src/main/engine/inference/session.ts'
import { latentDenoiserConfig } from '../../../src/main/engine/models/architectures/built-in-config.ts'
import { openBuiltIn } from '../../../src/main/engine/models/checkpoint/built-in.ts'
import type { Component } from '../../../src/main/engine/models/checkpoint/checkpoint.ts'
import { componentDigest } from '../../../src/main/engine/models/checkpoint/component-digest.ts'
import { componentGraph, openCheckpoint } from '../../../src/main/engine/models/index.ts'
import { drawnModel } from '../../support/drawn-model.ts'
import { drawnComponent } from '../../support/drawn-weights.ts'
import { temporaryFolder } from '../../support/project-folder.ts'
import { tinyGenerator } from '../../support/tiny-generator.ts'
import { REPOSITORY, tinyTask } from '../../support/tiny-tasks.ts'

const SHIPPED = path.join(REPOSITORY, 'models', 'built-in')
const size = { width: 96, height: 64 }
const AREA = size.width * size.height
const rgb = Uint8Array.from({ length: 3 * AREA }, (_, i) => {
  const [x, y] = [Math.floor(i / 3) % size.width, Math.floor(i / 3 / size.width)]
  return 128 + 80 * Math.sin(x / 9 + (i % 3)) * Math.cos(y / 7)
})
/** In the upper left corner, 20 pixels wide and 12 high. */
const mask = Uint8Array.from({ length: AREA }, (_, i) =>
  i % size.width < 20 && Math.floor(i / size.width) < 12 ? 255 : 0,
)
const inHole = (rgb: Uint8Array) => rgb.filter((_, i) => mask[Math.floor(i / 3)])
const beside = (rgb: Uint8Array) => rgb.filter((_, i) => !mask[Math.floor(i / 3)])

const base = mkdtempSync(path.join(tmpdir(), 'inlay-test-'))
const [data, whole, plain] = [path.join(base, 'data'), path.join(base, 'whole'), path.join(base, 'plain')]
await drawnModel(SHIPPED, whole, ['decoder', 'denoiser'])
await drawnModel(SHIPPED, plain, ['denoiser'])
const generator = tinyGenerator({ builtInFolder: whole, dataFolder: data })
afterAll(async () => {
  await generator.close()
  rmSync(base, { recursive: true })
})

function task(changes: Parameters<typeof tinyTask>[0] = {}): GenerationTask {
  const { request, ...others } = changes
  const own = { prompt: '', steps: 2, ...request }
  return tinyTask({ place: null, size, rgb, mask, ...others, request: own })
}

describe('the walk', () => {
  test('goes straight from noise on the condition, and keeps what is kept', async () => {
    const folder = temporaryFolder()
    // Its output is the same everywhere, whatever it sees.
    const denoiser = await drawnComponent('denoiser', folder, (name, values) =>
      name.startsWith('conv_out') ? values.fill(name.endsWith('bias') ? 0.25 : 0) : values,
    )
    const stated = latentDenoiserConfig(denoiser.config, denoiser.source)
    const statistics = (k: number) => Array.from({ length: stated.latent }, (_, i) => 0.5 + k * i)
    const config = { ...stated, start: 0.8, mean: statistics(-0.1), spread: statistics(0.05) }
    const { autoencoder } = await openBuiltIn(SHIPPED, data)
    const encoder = await Session.open(componentGraph(autoencoder, 'encoder'), { threads: 1 })
    const network = await Session.open(componentGraph(denoiser, 'denoiser'), { threads: 1 })
    const given = planesOf(rgb, size)
    const counts: number[] = []
    const run = { encoder, denoiser: network, config, draws: seededDraws(3, 0) }
    const onStep = async ({ done }: { done: number }) => void counts.push(done)
    const filled = await builtInFill({ ...run, onStep }, { given, hole: mask, steps: 3, strength: 0.5 })
    const known = await encode(encoder, framed(given))
    for (const session of [encoder, network]) await session.release()

    expect(counts).toEqual([1, 2, 3])
    expect(filled.shape).toEqual([1, config.latent, 10, 14])
    const noise = seededDraws(3, 0).next('start', config.latent * 8 * 12)
    const [start, velocity] = [0.8 * 0.5, 0.25]
    for (let channel = 0; channel < config.latent; channel++)
      for (let y = 0; y < 10; y++)
        for (let x = 0; x < 14; x++) {
          const at = (channel * 10 + y) * 14 + x
          const before = known.data[at] as number
          // The reflected rim is a cell wide; the hole touches three cells across and two down.
          const [u, v] = [Math.max(0, x - 1), Math.max(0, y - 1)]
          if (u >= 3 || v >= 2) expect(filled.data[at]).toBe(before)
          else {
            const [mean, spread] = [config.mean[channel]!, config.spread[channel]!]
            const nearest = known.data[(channel * 10 + v + 1) * 14 + u + 1] as number
            const clean = (nearest - mean) / spread
            const end = (1 - start) * clean + start * noise[(channel * 8 + v) * 12 + u]! - start * velocity
            expect(filled.data[at]).toBeCloseTo(end * spread + mean, 4)
          }
        }
  })

  test('refuses sides that its halvings do not divide', async () => {
    await expect(
      generator.generate(
        task({
          size: { width: 96, height: 48 },
          rgb: rgb.slice(0, 96 * 48 * 3),
          mask: mask.slice(0, 96 * 48),
        }),
      ),
    ).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining('multiples of 32') })
  })
})

describe('a task', () => {
  test('gives the same bytes again, decodes around the hole only, and keeps all else', async () => {
    const made = await generator.generate(task())
    expect(made.report).toMatchObject({ decoder: 'asymmetric', notices: [], size, provider: 'cpu' })
    expect((await generator.generate(task())).rgb).toEqual(made.rgb)
    expect(inHole(made.rgb)).not.toEqual(inHole(rgb))
    // The hole's cells with four on each side end at the pixel 56 across and 48 down.
    const far = (bytes: Uint8Array) => bytes.filter((_, i) => Math.floor(i / 3) % size.width >= 56)
    expect(far(made.rgb)).toEqual(far(rgb))
    const other = await generator.generate(task({ request: { seed: 99 } }))
    expect(inHole(other.rgb)).not.toEqual(inHole(made.rgb))
  })

  test('never looks at what lies under the hole', async () => {
    const painted = rgb.map((value, i) => (mask[Math.floor(i / 3)] ? 255 - value : value))
    const made = await generator.generate(task())
    expect(inHole((await generator.generate(task({ rgb: painted }))).rgb)).toEqual(inHole(made.rgb))
  })

  test('with another decoder beside it decodes everything by both, to compare', async () => {
    const both = await generator.generate(task({ alsoPlain: true }))
    const asked = await generator.generate(task({ alsoPlain: true, request: { decoder: 'plain' } }))
    expect(asked.report.decoder).toBe('plain')
    expect(both.plainRgb).toEqual(asked.rgb)
    expect(beside(both.plainRgb!)).not.toEqual(beside(rgb))
  })

  test('shows pictures of the steps', async () => {
    const notes: GenerationNote[] = []
    await generator.generate(task(), { onNote: (note) => notes.push(note) })
    const previews = notes.filter((note) => note.type === 'preview')
    expect(previews).toHaveLength(2)
    expect(previews[0]).toMatchObject({ size, rgb: expect.objectContaining({ length: 3 * AREA }) })
  })

  test('says what it has no use for', async () => {
    const request = { prompt: 'a cat', scheduler: 'euler', strength: 0.5 } as const
    const { report } = await generator.generate(task({ request }))
    expect(report.notices).toEqual([
      'The built-in model has no use for words and the scheduler and the strength; that was left aside.',
    ])
  })

  test('can be filled from its surroundings first', async () => {
    const folder = temporaryFolder()
    await drawnModel(SHIPPED, folder, ['denoiser'])
    await changeDenoiser(folder, { condition_hole: 'patch-fill', sampling_start: 0.5 })
    const own = tinyGenerator({ builtInFolder: folder, dataFolder: data })
    const made = await own.generate(task({ request: { decoder: 'plain' } }))
    expect((await own.generate(task({ request: { decoder: 'plain' } }))).rgb).toEqual(made.rgb)
    const grey = await generator.generate(task({ request: { decoder: 'plain' } }))
    expect(inHole(made.rgb)).not.toEqual(inHole(grey.rgb))
    await own.close()
  })
})

describe('what a model lacks', () => {
  test('without a denoiser nothing can be made, and that is said', async () => {
    const folder = temporaryFolder()
    await drawnModel(SHIPPED, folder, [])
    const own = tinyGenerator({ builtInFolder: folder, dataFolder: data })
    await expect(own.generate(task())).rejects.toMatchObject({ code: 'model.incomplete' })
    expect(await own.limits(null)).toMatchObject({ tasks: [], words: false })
    expect(await generator.limits(null)).toMatchObject({ tasks: ['inpaint'], factor: 32, asymmetric: true })
  })

  test('without an asymmetric decoder the plain one is used, and that is said', async () => {
    const own = tinyGenerator({ builtInFolder: plain, dataFolder: data })
    const { report } = await own.generate(task())
    expect(report.decoder).toBe('plain')
    expect(report.notices).toEqual([expect.stringContaining('no asymmetric decoder')])
    await own.close()
  })

  test('words alone are nothing to it', async () => {
    const words = task({ mask: null, rgb: null, request: { task: 'text-to-image', prompt: 'a cat' } })
    await expect(generator.generate(words)).rejects.toMatchObject({ code: 'model.unsupported' })
  })
})

test('a decode that memory cuts into pieces is the whole decode', async () => {
  const { autoencoder } = await openBuiltIn(SHIPPED, data)
  const side = 384
  const photo = sharp(path.join(REPOSITORY, 'test', 'fixtures', 'photos', 'kitten-on-lawn.jpg'))
  const crop = photo.extract({ left: 300, top: 200, width: side, height: side }).removeAlpha()
  const given = planesOf(await crop.raw().toBuffer(), { width: side, height: side })
  const frame = framed(given)
  const encoder = await Session.open(componentGraph(autoencoder, 'encoder'), { threads: 1 })
  const decoder = await Session.open(componentGraph(autoencoder, 'decoder', { region: true }), { threads: 1 })
  const latents = await encode(encoder, frame)
  const cells = { x: 0, y: 0, width: 50, height: 50 }
  const whole = await decodePlain(decoder, frame, latents, cells)
  const job = new Job({})
  let pieces = 0
  const cut = await decodeInPieces(job, cells, async (part) => {
    if (part.width * part.height > 30 * 30) throw new Error('std::bad_alloc')
    pieces++
    return decodePlain(decoder, frame, latents, part)
  })
  for (const session of [encoder, decoder]) await session.release()
  expect(pieces).toBe(4)
  expect(job.notices).toEqual(['Memory ran short, so the picture is decoded in smaller parts.'])
  expect(cut.at).toEqual(whole.at)
  const difference = whole.planes.data.reduce(
    (sum, value, i) => sum + Math.abs(value - cut.planes.data[i]!),
    0,
  )
  expect(difference / whole.planes.data.length).toBeLessThan(1 / 255)
})

/** Changes what a drawn denoiser states of itself. */
async function changeDenoiser(folder: string, changes: Record<string, unknown>): Promise<void> {
  const place = path.join(folder, 'drawn-denoiser')
  const config = path.join(place, 'config.json')
  writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config, 'utf8')), ...changes }))
  const manifest = path.join(folder, 'manifest.json')
  const { components } = await openCheckpoint(place)
  const json = JSON.parse(readFileSync(manifest, 'utf8')) as { parts: Record<string, { digest: string }> }
  json.parts['denoiser']!.digest = await componentDigest(components[0] as Component, data)
  writeFileSync(manifest, JSON.stringify(json))
}
