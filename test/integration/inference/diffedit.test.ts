/** DiffEdit on a tiny checkpoint: there and back again, what its mask covers, and what the reference makes of the same. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { tensorsBelow } from '../../../src/main/engine/inference/golden/files.ts'
import type { Step } from '../../../src/main/engine/inference/pipelines/denoise.ts'
import { type DiffEdit, diffEdit } from '../../../src/main/engine/inference/pipelines/diffedit.ts'
import { openCheckpoint } from '../../../src/main/engine/models/checkpoint/open.ts'
import { PIPELINES, picturePlanes, tinyRun, tinySessions } from '../../support/tiny-runs.ts'

const sessions = tinySessions()
afterAll(() => sessions.close())

const checkpoint = await openCheckpoint(path.join(PIPELINES, 'sd1', 'model'))
const run = (steps = 10) => tinyRun(sessions, checkpoint, { steps, scheduler: 'ddim' })
const photo = await picturePlanes(path.join(PIPELINES, 'sd1', 'runs', 'inpaint-four-channels', 'image.png'))
const CELLS = 64
const request: DiffEdit = {
  picture: photo,
  source: 'a bowl of fruit',
  prompt: 'a cat sitting on the old stone wall',
  negative: 'blurry',
  guidance: 4,
  strength: 0.8,
}
const known = await run().networks.encode(photo, run().draws.next('picture', 4 * CELLS))
const everywhere = new Uint8Array(64 * 64).fill(255)

function distance(a: Float32Array, b: Float32Array): number {
  return Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) / a.length)
}

test('denoising what a picture was taken back to gives it again, the nearer the more steps there are', async () => {
  const same = { ...request, prompt: request.source, guidance: 1, hole: everywhere }
  const errors: number[] = []
  for (const steps of [5, 20, 80]) errors.push(distance((await diffEdit(run(steps), same)).latents, known))
  expect(errors[1]).toBeLessThan(0.6 * errors[0]!)
  expect(errors[2]).toBeLessThan(0.6 * errors[1]!)
  expect(errors[2]).toBeLessThan(0.05)
})

test('cells outside the mask end as the picture has them, to the last bit, and the decoder may change one more around', async () => {
  const { latents, mask } = await diffEdit(run(), request)
  const changed = new Set<number>()
  for (const [i, value] of latents.entries()) if (value !== known[i]) changed.add(i % CELLS)
  expect(changed.size).toBeGreaterThan(0)
  const shown = (x: number, y: number) => mask![8 * y * 64 + 8 * x] === 255
  for (let cell = 0; cell < CELLS; cell++) {
    const [x, y] = [cell % 8, Math.floor(cell / 8)]
    const near = [...changed].some(
      (one) => Math.max(Math.abs((one % 8) - x), Math.abs(Math.floor(one / 8) - y)) <= 1,
    )
    expect(shown(x, y), `${x}, ${y}`).toBe(near)
  }
})

test('a drawn mask takes the place of the one that the prompts would give', async () => {
  const hole = everywhere.map((_, i) => (i % 64 < 20 ? 255 : 0))
  const { latents } = await diffEdit(run(4), { ...request, hole })
  for (const [i, value] of latents.entries())
    expect(value === known[i], `cell ${i % CELLS}`).toBe((i % CELLS) % 8 >= 3)
})

test('progress counts maps, steps back and steps forth', async () => {
  const steps: Step[] = []
  await diffEdit({ ...run(), onStep: (step) => steps.push(step) }, request)
  expect(steps.map(({ done }) => done)).toEqual(Array.from({ length: 26 }, (_, i) => i + 1))
  expect(new Set(steps.map(({ count }) => count))).toEqual(new Set([26]))
})

test('prompts that mean the same, empty masks and schedulers that know no way back are one error each', async () => {
  const refused = (changes: Partial<DiffEdit>, code: string, message: RegExp, made = run()) =>
    expect(diffEdit(made, { ...request, ...changes })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
  await refused({ prompt: request.source }, 'mask.empty', /mean the same/)
  await refused({ hole: new Uint8Array(64 * 64) }, 'mask.empty', /is empty/)
  await refused({ hole: new Uint8Array(64) }, 'mask.size', /64 x 64/)
  await refused({ strength: 0.01 }, 'usage', /none of 10 steps/)
  const euler = tinyRun(sessions, checkpoint, { scheduler: 'euler' })
  await refused({}, 'usage', /euler cannot; choose the scheduler ddim/, euler)
  const nine = await openCheckpoint(path.join(PIPELINES, 'sd1-inpaint-asymmetric', 'model'))
  const inpainting = tinyRun(sessions, nine, { scheduler: 'ddim' })
  await refused({}, 'model.unsupported', /only latents/, inpainting)
})

test('the reference makes the same mask, latents and picture', async () => {
  const folder = fileURLToPath(new URL('../../fixtures/diffedit/', import.meta.url))
  const { steps, ...call } = JSON.parse(readFileSync(path.join(folder, 'call.json'), 'utf8')) as DiffEdit & {
    steps: number
  }
  const expected = await tensorsBelow(path.join(folder, 'tensors.safetensors'), '')
  const values = (name: string) => expected[name]!.data as Float32Array
  const made: Float32Array[] = []
  let maps = 0
  const draws = {
    next: (purpose: string) =>
      purpose === 'picture' ? values('posterior') : values('noise').subarray(maps++ * 256, maps * 256),
  }
  const onStep = ({ done, latents }: Step) => {
    if (done > 18) made.push(latents)
  }
  const { latents, picture } = await diffEdit({ ...run(steps), draws, onStep }, { ...request, ...call })
  const difference = (found: Float32Array, name: string, at = 0) =>
    found.reduce((most, value, i) => Math.max(most, Math.abs(value - values(name)[at + i]!)), 0)
  for (const [i, step] of made.entries()) expect(difference(step, 'latents', i * 256)).toBeLessThan(1e-3)
  expect(made).toHaveLength(8)
  expect(latents).toEqual(made.at(-1))
  expect(difference(picture.data, 'decoded')).toBeLessThan(2e-3)
})
