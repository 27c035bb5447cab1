/** Whole tasks on tiny real checkpoints: what repeats, what is measured and told, what stops them and what they refuse. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createGenerator } from '../../../src/main/engine/inference/generate/generator.ts'
import type { GenerationNote, GenerationTask } from '../../../src/main/engine/inference/generate/task.ts'
import { readSafetensors } from '../../../src/main/engine/models/safetensors.ts'
import { type GenerationRequest, SCHEDULERS } from '../../../src/shared/generation.ts'
import { GOLDEN, writeTinyPipeline } from '../../support/checkpoints.ts'
import { temporaryFolder } from '../../support/project-folder.ts'
import { writeSafetensors } from '../../support/safetensors-file.ts'
import { remove } from '../../support/spoilt-checkpoints.ts'
import { tinyGenerator } from '../../support/tiny-generator.ts'
import { INPAINTING, INSTRUCTED, MASK, PICTURE, PLAIN, SIZE, tinyTask } from '../../support/tiny-tasks.ts'

const generator = tinyGenerator()
afterAll(() => generator.close())

const make = (task: GenerationTask) => generator.generate(task)
const pixels = async (task: GenerationTask) => (await make(task)).rgb
const around = (rgb: Uint8Array) => rgb.filter((_, i) => MASK[Math.floor(i / 3)]! < 128)

/** Each task with a model that can do it. */
const EVERY: readonly (readonly [GenerationRequest['task'], GenerationTask])[] = [
  ['inpaint', tinyTask()],
  ['inpaint', tinyTask({ place: PLAIN })],
  ['inpaint', tinyTask({ place: PLAIN, request: { softMask: true } })],
  ['image-to-image', tinyTask({ place: PLAIN, mask: null, request: { strength: 0.7 } })],
  ['image-to-image', tinyTask({ place: PLAIN, request: { strength: 0.7 } })],
  ['text-to-image', tinyTask({ place: PLAIN, rgb: null, mask: null })],
  ['instruct', tinyTask({ place: INSTRUCTED, mask: null })],
  ['diffedit', tinyTask({ place: PLAIN, mask: null, request: { source: 'a red cup', strength: 0.7 } })],
]

test.each(EVERY)('%s gives the same bytes again, and others for another seed', async (task, plain) => {
  const request = { ...plain.request, task }
  const one = { ...plain, request }
  const made = await make(one)
  expect(made.rgb).toHaveLength(SIZE.width * SIZE.height * 3)
  expect(new Set(made.rgb).size).toBeGreaterThan(50)
  expect(await make(one)).toMatchObject({ rgb: made.rgb, mask: made.mask })
  expect(await pixels({ ...one, request: { ...request, seed: 8 } })).not.toEqual(made.rgb)
  if (task !== 'diffedit') expect(await pixels({ ...one, candidate: 1 })).not.toEqual(made.rgb)
  expect(made.report).toMatchObject({ provider: 'cpu', size: SIZE, notices: [] })
  expect(made.report.modelDigest).toMatch(/^[0-9a-f]{64}$/)
  // Where there was a picture, there is a mask: the one that was drawn, or one that was found.
  if (task === 'text-to-image') expect(made).toMatchObject({ mask: null, report: { preservation: null } })
  else expect(made.mask).toHaveLength(MASK.length)
  if (plain.mask) expect(made.mask).toEqual(MASK)
})

describe('the decoder', () => {
  test('that is asymmetric keeps more of the picture than the plain one, from the same latents', async () => {
    const asked = tinyTask({ alsoPlain: true })
    const asymmetric = await make(asked)
    const plain = await make({ ...asked, request: { ...asked.request, decoder: 'plain' } })
    expect(asymmetric.report.decoder).toBe('asymmetric')
    expect(plain.report.decoder).toBe('plain')
    expect(asymmetric.plainRgb).toEqual(plain.rgb)
    expect(plain.plainRgb).toEqual(plain.rgb)
    const [better, worse] = [asymmetric.report.preservation!, plain.report.preservation!]
    expect(better.square).toBeLessThan(worse.square)
    expect(better.absolute).toBeLessThan(worse.absolute)
  })

  test('is measured before rounding, on what the drawn mask leaves', async () => {
    const { rgb, report } = await make(tinyTask())
    const [kept, made] = [around(PICTURE), around(rgb)]
    const absolute = kept.reduce((sum, value, i) => sum + Math.abs(value - made[i]!), 0) / kept.length / 255
    const square = kept.reduce((sum, value, i) => sum + (value - made[i]!) ** 2, 0) / kept.length / 255 ** 2
    expect(Math.abs(report.preservation!.absolute - absolute)).toBeLessThan(0.5 / 255)
    expect(Math.abs(report.preservation!.square - square)).toBeLessThan(0.5 / 255)
    expect(report.preservation!.absolute).not.toBe(absolute)
    expect(report.preservation!.seam).toBeGreaterThanOrEqual(0)
  })

  test('beside a model serves it, once it is installed', async () => {
    const data = temporaryFolder()
    const vae = path.join(GOLDEN, 'asym_x_1_5')
    writeFileSync(path.join(data, 'models.json'), JSON.stringify(listOf(vae)))
    const own = createGenerator({
      dataFolder: data,
      builtInFolder: data,
      tokenizerFolder: path.join(data, 'none'),
      threads: 1,
    })
    const task = tinyTask({ place: PLAIN })
    expect(await generator.limits(PLAIN)).toMatchObject({ asymmetric: false })
    expect(await own.limits(PLAIN)).toMatchObject({ asymmetric: true })
    expect((await make(task)).report.decoder).toBe('plain')
    expect((await own.generate(task)).report.decoder).toBe('asymmetric')
    await own.close()
  })
})

/** The list of installed models with a network on its own. */
function listOf(place: string) {
  const component = { role: 'vae', architecture: 'asymmetric-autoencoder', parameters: 1 }
  const summary = {
    layout: 'component',
    family: null,
    task: null,
    predictionType: null,
    components: [component],
    dtypes: ['F32'],
    bytes: 1,
    licence: null,
    missing: [],
    notices: [],
  }
  const files = [{ name: 'config.json', bytes: 1, modified: 1, digest: '0'.repeat(64) }]
  return { version: 1, models: [{ name: 'decoder', path: place, files, summary, statedPrediction: null }] }
}

test('a person is told how far it is and shown what it looks like, in order', async () => {
  const notes: GenerationNote[] = []
  const fresh = tinyGenerator()
  await fresh.generate(tinyTask(), { onNote: (note) => notes.push(note) })
  await fresh.close()
  const progress = notes.filter((note) => note.type === 'progress')
  expect(progress.map(({ fraction }) => fraction)).toEqual(
    progress.map(({ fraction }) => fraction).toSorted((a, b) => a - b),
  )
  expect(progress.at(-1)!.fraction).toBe(1)
  const stages = progress.map(({ stage }) => stage).filter((stage, i, all) => stage !== all[i - 1])
  expect(stages.filter((stage) => stage !== 'Loading the model')).toEqual([
    'Reading the prompt',
    'Reading the picture',
    'Step 1 of 4',
    'Step 2 of 4',
    'Step 3 of 4',
    'Step 4 of 4',
    'Decoding',
    'Measuring',
  ])
  expect(stages[0]).toBe('Loading the model')
  const previews = notes.filter((note) => note.type === 'preview')
  expect(previews).toHaveLength(4)
  for (const { size, rgb } of previews) {
    expect(size).toEqual({ width: 8, height: 6 })
    expect(rgb).toHaveLength(8 * 6 * 3)
  }
})

test('a person can stop it between two steps', async () => {
  const control = new AbortController()
  const stages: string[] = []
  const running = generator.generate(tinyTask({ request: { steps: 20 } }), {
    signal: control.signal,
    onNote(note) {
      if (note.type !== 'progress') return
      stages.push(note.stage)
      if (note.stage.startsWith('Step 2')) control.abort()
    },
  })
  await expect(running).rejects.toMatchObject({ code: 'cancelled' })
  expect(stages.at(-1)).toBe('Step 2 of 21')
  const stopped = { signal: AbortSignal.abort() }
  await expect(generator.generate(tinyTask(), stopped)).rejects.toMatchObject({ code: 'cancelled' })
})

test('tasks that are asked for together are done one after the other, with the same results', async () => {
  const tasks = [1, 2, 3].map((seed) => tinyTask({ request: { seed } }))
  const together = await Promise.all(tasks.map(pixels))
  for (const [i, task] of tasks.entries()) expect(await pixels(task)).toEqual(together[i])
})

test.each(SCHEDULERS)('the scheduler %s makes a picture of its own', async (scheduler) => {
  const others = await pixels(tinyTask())
  const made = await make(tinyTask({ request: { scheduler, steps: 4 } }))
  expect(made.rgb).not.toEqual(others)
  expect(made.report.notices).toEqual([])
})

test('a consistency model’s scheduler is cut by the strength itself', async () => {
  const request = { task: 'image-to-image', scheduler: 'lcm' } as const
  const at = (strength: number) => tinyTask({ place: PLAIN, mask: null, request: { ...request, strength } })
  expect(await pixels(at(0.3))).not.toEqual(await pixels(at(0.9)))
})

describe('a LoRA', () => {
  const withLora = (weight: number, file: string) =>
    tinyTask({ place: PLAIN, request: { loras: [{ path: file, weight }] } })

  test('changes the picture by its weight, and at 0 nothing', async () => {
    const file = path.join(temporaryFolder(), 'small.safetensors')
    const layer = 'lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q'
    const values = Array.from({ length: 32 }, (_, i) => Math.sin(i + 1))
    writeSafetensors(file, {
      [`${layer}.lora_down.weight`]: { shape: [2, 16], values },
      [`${layer}.lora_up.weight`]: { shape: [16, 2], values },
    })
    const without = await pixels(tinyTask({ place: PLAIN }))
    const made = await pixels(withLora(1, file))
    expect(made).not.toEqual(without)
    expect(await pixels(withLora(2, file))).not.toEqual(made)
    expect(await pixels(withLora(0, file))).toEqual(without)
  })

  test('that is none, or is for another model, is refused', async () => {
    const other = path.join(GOLDEN, 'lora', 'kohya.safetensors')
    await expect(make(withLora(1, other))).rejects.toMatchObject({
      code: 'model.unsupported',
      message: expect.stringContaining('does not fit'),
    })
    const file = path.join(GOLDEN, 'vae_sd', 'diffusion_pytorch_model.safetensors')
    await expect(make(withLora(1, file))).rejects.toMatchObject({ code: 'model.unsupported' })
    await expect(make(withLora(1, '/nowhere.safetensors'))).rejects.toMatchObject({ code: 'file.missing' })
  })
})

test('little memory makes no other picture', async () => {
  const expected = await pixels(tinyTask())
  const small = tinyGenerator({ memory: 1 })
  expect((await small.generate(tinyTask())).rgb).toEqual(expected)
  await small.close()
})

describe('what cannot be done is one error that says why', () => {
  const refused = (task: GenerationTask, code: string, message: RegExp) =>
    expect(make(task)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })

  test('in the request', async () => {
    await refused(tinyTask({ request: { prompt: 'word '.repeat(10_000) } }), 'usage', /prompt/)
    await refused(tinyTask({ size: { width: 60, height: 48 } }), 'usage', /60 x 48/)
    await refused(tinyTask({ size: { width: 16_384, height: 16_384 } }), 'usage', /at most/)
    await refused(tinyTask({ mask: MASK.slice(1) }), 'mask.size', /64 x 48/)
    await refused(tinyTask({ mask: new Uint8Array(MASK.length) }), 'mask.empty', /mask is empty/)
    await refused(tinyTask({ mask: null }), 'mask.empty', /no mask/)
    await refused(tinyTask({ request: { strength: 0.01 } }), 'usage', /strength/)
    await refused(tinyTask({ request: { scheduler: 'lcm', steps: 200 } }), 'usage', /steps/)
    await refused(tinyTask({ request: { clipSkip: 11 } }), 'usage', /clip skip/i)
    const noPicture = tinyTask({ place: PLAIN, rgb: null, mask: null, request: { task: 'image-to-image' } })
    await refused(noPicture, 'usage', /no picture/)
  })

  test('by this model', async () => {
    await refused(tinyTask({ request: { task: 'text-to-image' } }), 'model.unsupported', /made to inpaint/)
    await refused(tinyTask({ place: INSTRUCTED }), 'model.unsupported', /follow an instruction/)
    await refused(tinyTask({ place: '/nowhere' }), 'file.missing', /nowhere/)
    await refused(tinyTask({ place: path.join(GOLDEN, 'vae_sd') }), 'model.incomplete', /rest of the model/)
  })

  test('with a model that lacks a part, or whose weights are no numbers', async () => {
    const lacking = writeTinyPipeline(temporaryFolder())
    remove('text_encoder')(lacking)
    await expect(make(tinyTask({ place: lacking }))).rejects.toMatchObject({
      code: expect.stringMatching(/^(model\.incomplete|file\.missing)$/),
      message: expect.stringContaining('text_encoder'),
    })
    // Its text encoder knows fewer words than the application's own tokenizer.
    const wordless = writeTinyPipeline(temporaryFolder())
    const request = { scheduler: 'ddim' } as const
    await refused(
      tinyTask({ place: wordless, request }),
      'model.unreadable',
      /cannot be run.*out of data bounds/,
    )
    for (const part of ['unet', 'vae', 'text_encoder'] as const) {
      const spoilt = temporaryFolder()
      cpSync(INPAINTING, spoilt, { recursive: true })
      const name = part === 'text_encoder' ? 'model' : 'diffusion_pytorch_model'
      await withoutNumbers(path.join(spoilt, part, `${name}.safetensors`))
      await refused(
        tinyTask({ place: spoilt, request: { scheduler: 'ddim' } }),
        'model.unreadable',
        /no numbers/,
      )
    }
  })
})

/** Every weight becomes NaN, which all bits set are in every float type. */
async function withoutNumbers(file: string): Promise<void> {
  const bytes = readFileSync(file)
  const { tensors } = await readSafetensors(file)
  for (const { type, offset, length } of tensors.values())
    if (/^B?F\d/.test(type)) bytes.fill(0xff, offset, offset + length)
  writeFileSync(file, bytes)
}
