/** Models that need few steps, and what they are told instead of guidance: consistency models, their LoRAs, and no words. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { tensorsBelow } from '../../../src/main/engine/inference/golden/files.ts'
import type { Made, Run } from '../../../src/main/engine/inference/pipelines/denoise.ts'
import type { Draws } from '../../../src/main/engine/inference/pipelines/draws.ts'
import { imageToImage } from '../../../src/main/engine/inference/pipelines/image-to-image.ts'
import { Networks } from '../../../src/main/engine/inference/pipelines/networks.ts'
import { textToImage } from '../../../src/main/engine/inference/pipelines/text-to-image.ts'
import {
  createScheduler,
  type SchedulerOptions,
} from '../../../src/main/engine/inference/schedulers/create-scheduler.ts'
import { openCheckpoint } from '../../../src/main/engine/models/checkpoint/open.ts'
import { type Checkpoint, openLora } from '../../../src/main/engine/models/index.ts'
import { editJson } from '../../support/checkpoints.ts'
import { unpacked, unpackedCheckpoint } from '../../support/packed-folders.ts'
import { PIPELINES, picturePlanes, TOKENIZER, tinyRun, tinySessions, WORDS } from '../../support/tiny-runs.ts'

const FOLDER = fileURLToPath(new URL('../../fixtures/few-steps/', import.meta.url))
const sessions = tinySessions()
afterAll(() => sessions.close())

const checkpoint = () => openCheckpoint(unpackedCheckpoint('onnx-folders/sd1/diffusers'))
async function distilled(): Promise<Checkpoint> {
  const plain = await checkpoint()
  const [denoiser] = (await openCheckpoint(unpacked('few-steps/unet-lcm'))).components
  return { ...plain, components: [...plain.components.filter(({ role }) => role !== 'unet'), denoiser!] }
}
const lora = await openLora(path.join(FOLDER, 'lora.safetensors'))
const call = JSON.parse(readFileSync(path.join(FOLDER, 'call.json'), 'utf8')) as {
  prompt: string
  steps: number
  strength: number
  guidance: number
}
const recorded = await tensorsBelow(path.join(FOLDER, 'tensors.safetensors'), '')

/** A run with the reference's draws in their order; `weight` is that of the LoRA. */
function run(name: string, made: Checkpoint, scheduler: SchedulerOptions, weight = 0): Run {
  const loras = weight === 0 ? {} : { loras: [{ lora, weight }] }
  let at = 0
  const draws: Draws = { next: () => recorded[`${name}.draw.${at++}`]!.data as Float32Array }
  const networks = new Networks(
    made,
    { open: (component, wanted) => sessions.open(component, { ...wanted, ...loras }) },
    TOKENIZER,
  )
  return { networks, scheduler: createScheduler(made.scheduler, call.steps, scheduler), draws }
}

async function expectReference(
  name: string,
  make: (told: Pick<Run, 'onStep'>) => Promise<Made>,
): Promise<Made> {
  const steps: Float32Array[] = []
  const made = await make({ onStep: ({ latents }) => steps.push(latents) })
  const far = (values: Float32Array, key: string, at = 0) => {
    const expected = recorded[`${name}.${key}`]!.data as Float32Array
    return values.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[at + i]!)), 0)
  }
  expect(steps).toHaveLength(call.steps)
  for (const [i, step] of steps.entries()) expect(far(step, 'latents', i * step.length)).toBeLessThan(1e-3)
  expect(far(made.picture.data, 'decoded')).toBeLessThan(2e-3)
  return made
}

describe('the reference', () => {
  const words = { prompt: call.prompt, negative: null }
  const size = { width: 64, height: 48 }

  test('makes the same by image-to-image of a consistency model, cut by its own schedule', async () => {
    const picture = await picturePlanes(
      path.join(PIPELINES, 'sd1', 'runs', 'inpaint-four-channels', 'image.png'),
    )
    const options = { name: 'lcm', scheduleStrength: call.strength } as const
    const request = { ...words, guidance: call.guidance, picture, strength: 1 }
    const made = await distilled()
    await expectReference('lcm-image-to-image', (told) =>
      imageToImage({ ...run('lcm-image-to-image', made, options), ...told }, request),
    )
  })

  test.each([
    ['lora-lcm', { name: 'lcm' }],
    ['lora-euler-trailing', { name: 'euler', settings: { timestep_spacing: 'trailing' } }],
  ] as const)('makes the same with a LoRA for few steps, without guidance: %s', async (name, options) => {
    const request = { ...words, guidance: 1, size }
    const plain = await checkpoint()
    const made = await expectReference(name, (told) =>
      textToImage({ ...run(name, plain, options, 1), ...told }, request),
    )
    expect(await textToImage(run(name, plain, options), request)).not.toEqual(made)
  })
})

test('no words at all are zeros for SDXL, or an empty prompt where its checkpoint says so', async () => {
  const folder = unpackedCheckpoint('onnx-folders/sdxl/diffusers')
  const encoded = async (says: boolean | undefined) => {
    editJson(path.join(folder, 'model_index.json'), (index) => {
      index['force_zeros_for_empty_prompt'] = says
    })
    const { networks } = tinyRun(sessions, await openCheckpoint(folder))
    return networks.encodePrompts([{ text: null }, { text: '' }, { text: WORDS.prompt }])
  }
  for (const says of [true, undefined]) {
    const [none, empty] = await encoded(says)
    expect(none!.context.data).toEqual(new Float32Array(empty!.context.data.length))
    expect(none!.pooled!.data).toEqual(new Float32Array(empty!.pooled!.data.length))
    expect(empty!.context.data.some((value) => value !== 0)).toBe(true)
  }
  const [none, empty] = await encoded(false)
  expect(none).toEqual(empty)
})
