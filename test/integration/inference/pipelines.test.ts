/** The recipes on tiny whole checkpoints: what repeats, what stays, what stops them and what they refuse. */
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { runPipelineCase } from '../../../src/main/engine/inference/golden/pipelines.ts'
import type { Run } from '../../../src/main/engine/inference/pipelines/denoise.ts'
import { seededDraws } from '../../../src/main/engine/inference/pipelines/draws.ts'
import { imageToImage } from '../../../src/main/engine/inference/pipelines/image-to-image.ts'
import { inpaint } from '../../../src/main/engine/inference/pipelines/inpaint.ts'
import { textToImage } from '../../../src/main/engine/inference/pipelines/text-to-image.ts'
import { GraphRunner } from '../../../src/main/engine/inference/run-graph.ts'
import { openCheckpoint } from '../../../src/main/engine/models/checkpoint/open.ts'
import { temporaryFolder } from '../../support/project-folder.ts'
import {
  hole,
  PIPELINES,
  SIZE,
  TOKENIZER,
  tinyRun,
  tinySessions,
  WORDS,
  waves,
} from '../../support/tiny-runs.ts'

const sessions = tinySessions()
afterAll(() => sessions.close())

const plain = await openCheckpoint(path.join(PIPELINES, 'sd1', 'model'))
const asymmetric = await openCheckpoint(path.join(PIPELINES, 'sd1-inpaint-asymmetric', 'model'))

const run = (checkpoint = plain, seed = 1, candidate = 0) =>
  tinyRun(sessions, checkpoint, { seed, candidate })
const words = WORDS

describe('a seed', () => {
  test('makes the same picture again, to the last bit, and another seed or candidate another', async () => {
    const make = async (seed: number, candidate = 0) =>
      (await textToImage(run(plain, seed, candidate), { ...words, size: SIZE })).picture.data
    const first = await make(7)
    expect(await make(7)).toEqual(first)
    expect(await make(8)).not.toEqual(first)
    expect(await make(7, 1)).not.toEqual(first)
  })

  test('has draws of its own for each purpose, whatever was asked for before', () => {
    const [one, other] = [seededDraws(3, 0), seededDraws(3, 0)]
    const start = one.next('start', 8)
    const steps = [one.next('step', 8), one.next('step', 8)]
    other.next('picture', 100)
    other.next('masked-picture', 8)
    expect(other.next('step', 8)).toEqual(steps[0])
    expect(other.next('start', 8)).toEqual(start)
    expect(other.next('step', 8)).toEqual(steps[1])
    expect(steps[0]).not.toEqual(steps[1])
  })
})

describe('words', () => {
  test('of two windows meet a short negative prompt, and weights count', async () => {
    const make = async (prompt: string) =>
      (await textToImage(run(), { ...words, prompt, size: SIZE })).picture.data
    const made = await make('a cat BREAK a wall')
    expect(made.every(Number.isFinite)).toBe(true)
    expect(await make('a cat BREAK a (wall:1.5)')).not.toEqual(made)
  })
})

test('clip skip reads the prompt, and not the negative one, from an earlier layer', async () => {
  const { networks } = run()
  const text = 'a cat on a wall'
  const [usual] = await networks.encodePrompts([{ text }])
  const [skipped, negative] = await networks.encodePrompts([{ text, clipSkip: 1 }, { text }])
  expect(negative).toEqual(usual)
  expect(skipped!.context.shape).toEqual(usual!.context.shape)
  expect(skipped!.context.data).not.toEqual(usual!.context.data)
  await expect(networks.encodePrompts([{ text, clipSkip: 99 }])).rejects.toMatchObject({ code: 'usage' })
})

describe('a hole', () => {
  test('is all that a four-channel denoiser changes in the latents', async () => {
    const last = async (prompt: string) => {
      let latents = new Float32Array()
      const onStep: Run['onStep'] = (step) => {
        latents = Float32Array.from(step.latents)
      }
      await inpaint({ ...run(), onStep }, { ...words, prompt, picture: waves, hole, strength: 1 })
      return latents
    }
    const [cat, cup] = [await last('a cat'), await last('a red cup')]
    const kept = (latents: Float32Array) => latents.filter((_, i) => i % 4 < 2)
    expect(cat).toHaveLength(4 * 4 * 3)
    expect(kept(cup)).toEqual(kept(cat))
    expect(cup).not.toEqual(cat)
    const known = await run().networks.encode(waves, seededDraws(1, 0).next('picture', cat.length))
    expect(kept(cat)).toEqual(kept(known))
  })

  test('is filled by a nine-channel denoiser, and the asymmetric decoder keeps to the picture around it', async () => {
    const filling = run(asymmetric)
    const { latents, picture: shown } = await inpaint(filling, {
      ...words,
      picture: waves,
      hole,
      strength: 0.7,
    })
    const unseen = await filling.networks.decode(latents, SIZE)
    const around = (data: Float32Array) =>
      data.reduce((sum, value, i) => sum + (hole[i % hole.length] ? 0 : Math.abs(value - waves.data[i]!)), 0)
    expect(around(shown.data)).toBeLessThan(0.8 * around(unseen.data))
  })
})

test('the person can stop between two steps', async () => {
  const control = new AbortController()
  const counts: string[] = []
  const onStep: Run['onStep'] = ({ done, count }) => {
    counts.push(`${done} of ${count}`)
    control.abort()
  }
  const running = textToImage({ ...run(), signal: control.signal, onStep }, { ...words, size: SIZE })
  await expect(running).rejects.toMatchObject({ code: 'cancelled' })
  expect(counts).toEqual(['1 of 3'])
})

test('what makes no sense is one error that says so', async () => {
  const request = { ...words, picture: waves, hole, strength: 1 }
  const refused = (made: Promise<unknown>, code: string, message: RegExp) =>
    expect(made).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  await refused(textToImage(run(), { ...words, size: { width: 30, height: 24 } }), 'usage', /30 x 24/)
  await refused(textToImage(run(), { ...words, size: { width: 0, height: 24 } }), 'usage', /multiples of 8/)
  await refused(inpaint(run(), { ...request, hole: hole.slice(1) }), 'mask.size', /32 x 24/)
  await refused(inpaint(run(), { ...request, strength: 0.1 }), 'usage', /leaves none of 3 steps/)
  await refused(imageToImage(run(), { ...request, strength: 2 }), 'usage', /strength 2/)
  const broken = { ...waves, data: waves.data.map(() => Number.NaN) }
  await refused(imageToImage(run(), { ...request, picture: broken }), 'model.unreadable', /no numbers/)
  const without = { ...plain, components: plain.components.filter(({ role }) => role !== 'vae') }
  await refused(textToImage(run(without), { ...words, size: SIZE }), 'model.incomplete', /has no vae/)
  await refused(textToImage(run(), { ...words, prompt: 'cat '.repeat(2000), size: SIZE }), 'usage', /windows/)
})

test('a golden run fails where its reference is another', async () => {
  const folder = temporaryFolder()
  symlinkSync(path.join(PIPELINES, 'sd1', 'model'), path.join(folder, 'model'), 'dir')
  mkdirSync(path.join(folder, 'runs'))
  const own = path.join(folder, 'runs', 'own')
  cpSync(path.join(PIPELINES, 'sd1', 'runs', 'inpaint-four-channels'), own, { recursive: true })
  const json = path.join(own, 'run.json')
  const runner = new GraphRunner()
  const outcome = async (change: (text: string) => string) => {
    const text = readFileSync(json, 'utf8')
    writeFileSync(json, change(text))
    const result = await runPipelineCase('own', json, TOKENIZER, runner)
    writeFileSync(json, text)
    return result
  }
  try {
    expect(await outcome((text) => text)).toMatchObject({ outcome: 'passed' })
    expect(await outcome((text) => text.replace(/("guidance_scale": )[\d.]+/, '$16.5'))).toMatchObject({
      outcome: 'failed',
    })
    expect(await outcome((text) => text.replace('draw.01.prepare_latents', 'draw.01.other'))).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('no draw'),
    })
  } finally {
    await runner.close()
  }
})
