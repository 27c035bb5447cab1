/**
 * Whole runs of the golden fixtures through the recipes, with the reference's random draws.
 *
 * Invariant: recipes, schedulers and networks are the ones the application runs. Pictures are the ones the reference's
 * networks saw: resized already where it resized. The latents after every step and the decoded picture are compared, and
 * the finished file where nothing was pasted into it.
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { openImage, readMask } from '../../imaging/image-file.ts'
import { componentGraph, openCheckpoint } from '../../models/index.ts'
import type { Made, Run } from '../pipelines/denoise.ts'
import type { Draws, Purpose } from '../pipelines/draws.ts'
import { imageToImage } from '../pipelines/image-to-image.ts'
import { inpaint } from '../pipelines/inpaint.ts'
import { instruct } from '../pipelines/instruct.ts'
import { latentTensor, Networks } from '../pipelines/networks.ts'
import { textToImage } from '../pipelines/text-to-image.ts'
import { type Planes, planesTensor } from '../reflection-padding.ts'
import type { GraphRunner, Tensor } from '../run-graph.ts'
import { createScheduler } from '../schedulers/create-scheduler.ts'
import { roundHalfEven } from '../schedulers/timesteps.ts'
import { compared, type GoldenResult } from './compare.ts'
import { readJson, tensorsBelow } from './files.ts'

interface RunFile {
  readonly pipeline: string
  readonly model: string
  readonly call: {
    readonly prompt: string
    readonly negative_prompt?: string
    readonly num_inference_steps: number
    readonly guidance_scale: number
    readonly image_guidance_scale?: number
    readonly guidance_rescale?: number
    readonly width?: number
    readonly height?: number
    readonly strength?: number
    readonly eta?: number
    readonly original_inference_steps?: number
    /** Height and width; top and left. */
    readonly original_size?: readonly [number, number]
    readonly crops_coords_top_left?: readonly [number, number]
  }
  readonly scheduler: string
  readonly scheduler_config: Readonly<Record<string, unknown>>
  readonly crop_region?: unknown
  readonly random_draws: readonly string[]
  readonly tolerance: { readonly latents_abs: number; readonly decoded_abs: number }
}

type Tensors = Readonly<Record<string, Tensor>>

const PIXEL_TOLERANCE = 2
/** Kept in half precision, at values up to 2. */
const UNCONDITIONED_TOLERANCE = 0.003

/** @param json the run's file @param tokenizer the application's own */
export function runPipelineCase(
  name: string,
  json: string,
  tokenizer: string,
  runner: GraphRunner,
): Promise<GoldenResult> {
  const tolerances: Record<string, number> = {}
  return compared(name, tolerances, async () => {
    const folder = path.dirname(json)
    const file = (await readJson(json)) as RunFile
    const expected: Record<string, Tensor> = await tensorsBelow(path.join(folder, 'tensors.safetensors'), '')
    const networks = new Networks(
      await openCheckpoint(path.join(folder, file.model)),
      {
        open: async (component, wanted) => ({
          run: (inputs) => runner.run(componentGraph(component, wanted.part, wanted), inputs),
        }),
      },
      tokenizer,
    )
    const found: Record<string, Tensor> = {}
    const steps: Float32Array[] = []
    const { latents, picture: decoded } = await made(folder, file, {
      networks,
      scheduler: schedulerOf(file),
      draws: recordedDraws(file, expected),
      onStep: (step) => steps.push(step.latents),
    })
    for (const [i, step] of steps.entries()) found[stepName(i)] = latentTensor(step, decoded)
    for (const key of Object.keys(expected))
      if (key.startsWith('latents.') && key !== 'latents.start') tolerances[key] = file.tolerance.latents_abs
    if (steps.length === 0 || steps.length !== Object.keys(tolerances).length)
      throw new Error(`the run took ${steps.length} evaluations`)
    found['decoded'] = planesTensor(decoded)
    tolerances['decoded'] = file.tolerance.decoded_abs
    if (expected['decoded_unconditioned']) {
      const plain = await networks.decode(latents, decoded)
      found['decoded_unconditioned'] = planesTensor(plain)
      tolerances['decoded_unconditioned'] = UNCONDITIONED_TOLERANCE
    }
    if (file.crop_region === undefined) {
      found['pixels'] = { data: bytesOf(decoded), shape: [] }
      expected['pixels'] = {
        data: Float32Array.from(await rgbOf(path.join(folder, 'result.png'))),
        shape: [],
      }
      tolerances['pixels'] = PIXEL_TOLERANCE
    }
    return { found, expected }
  })
}

async function made(folder: string, { pipeline, call }: RunFile, run: Run): Promise<Made> {
  const words = {
    prompt: call.prompt,
    negative: call.negative_prompt ?? null,
    guidance: call.guidance_scale,
    ...(call.guidance_rescale === undefined ? {} : { guidanceRescale: call.guidance_rescale }),
  }
  const strength = call.strength ?? 1
  switch (pipeline) {
    case 'StableDiffusionPipeline':
    case 'StableDiffusionXLPipeline':
    case 'LatentConsistencyModelPipeline': {
      const size = { width: call.width!, height: call.height! }
      return textToImage(run, { ...words, ...originOf(call, size), size })
    }
    case 'StableDiffusionImg2ImgPipeline':
      return imageToImage(run, { ...words, picture: await pictureOf(folder), strength })
    case 'StableDiffusionInpaintPipeline':
    case 'StableDiffusionXLInpaintPipeline': {
      const { data: hole } = await readMask(fitted(folder, 'mask.png', 'mask_resized_binarised.png'))
      return inpaint(run, { ...words, picture: await pictureOf(folder), hole, strength, cells: 'top-left' })
    }
    case 'StableDiffusionInstructPix2PixPipeline':
      return instruct(run, {
        ...words,
        picture: await pictureOf(folder),
        pictureGuidance: call.image_guidance_scale!,
      })
    default:
      throw new Error(`no recipe is called ${pipeline}`)
  }
}

function originOf(call: RunFile['call'], size: { readonly width: number; readonly height: number }) {
  if (!call.original_size && !call.crops_coords_top_left) return {}
  const [height, width] = call.original_size ?? [size.height, size.width]
  const [top, left] = call.crops_coords_top_left ?? [0, 0]
  return { origin: { size: { width, height }, left, top } }
}

function schedulerOf({ scheduler, scheduler_config, call }: RunFile) {
  const { eta, original_inference_steps: originalInferenceSteps } = call
  return createScheduler({ _class_name: scheduler, ...scheduler_config }, call.num_inference_steps, {
    ...(eta === undefined ? {} : { eta }),
    ...(originalInferenceSteps === undefined ? {} : { originalInferenceSteps }),
  })
}

/** Where the reference asks for each draw. */
const PLACES: Readonly<Record<Purpose, string>> = {
  start: 'prepare_latents',
  picture: 'prepare_latents.posterior',
  'masked-picture': 'prepare_mask_latents.posterior',
  step: 'step',
  map: 'map',
}

/** Each draw once, in the recorded order of its place. */
function recordedDraws({ random_draws }: RunFile, tensors: Tensors): Draws {
  const left = [...random_draws]
  return {
    next(purpose, count) {
      const at = left.findIndex((name) => name.replace(/^draw\.\d+\./, '') === PLACES[purpose])
      const [name = purpose] = at < 0 ? [] : left.splice(at, 1)
      const data = tensors[name]?.data
      if (!(data instanceof Float32Array) || data.length !== count)
        throw new Error(`no draw of ${count} values is recorded for ${name}`)
      return data
    },
  }
}

function fitted(folder: string, name: string, resized: string): string {
  const file = path.join(folder, resized)
  return existsSync(file) ? file : path.join(folder, name)
}

async function pictureOf(folder: string): Promise<Planes> {
  const { width, height } = await openImage(fitted(folder, 'image.png', 'image_resized.png'))
  const bytes = await rgbOf(fitted(folder, 'image.png', 'image_resized.png'))
  return { channels: 3, width, height, data: Float32Array.from(bytes, (value) => (value / 255) * 2 - 1) }
}

/** Red, then green, then blue. */
async function rgbOf(file: string): Promise<Uint8Array> {
  const rgba = await (await openImage(file)).readRgba()
  const count = rgba.length / 4
  return Uint8Array.from({ length: 3 * count }, (_, i) => rgba[(i % count) * 4 + Math.floor(i / count)]!)
}

function bytesOf({ data }: Planes): Float32Array {
  return data.map((value) => roundHalfEven(255 * Math.min(1, Math.max(0, value / 2 + 0.5))))
}

function stepName(index: number): string {
  return `latents.${String(index).padStart(2, '0')}`
}
