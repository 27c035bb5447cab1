/** Generations that tiny whole checkpoints can do: a picture with waves in it, a round mask with a soft rim, few steps. */
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { GenerationTask } from '../../src/main/engine/inference/generate/task.ts'
import { DEFAULT_GENERATION, type GenerationRequest } from '../../src/shared/generation.ts'
import { PIPELINES } from './tiny-runs.ts'

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url))
export const SIZE = { width: 64, height: 48 }
const AREA = SIZE.width * SIZE.height

/** Tiny checkpoints by what their denoisers are for. */
export const PLAIN = path.join(PIPELINES, 'sd1', 'model')
export const INPAINTING = path.join(PIPELINES, 'sd1-inpaint-asymmetric', 'model')
export const INSTRUCTED = path.join(PIPELINES, 'instruct-pix2pix', 'model')

export const PICTURE = Uint8Array.from({ length: AREA * 3 }, (_, i) => {
  const [x, y] = [Math.floor(i / 3) % SIZE.width, Math.floor(i / 3 / SIZE.width)]
  return 128 + 60 * Math.sin(x / 7 + (i % 3)) + 40 * Math.cos(y / 5)
})
/** 255 within 8 pixels of the middle, less up to 12, 0 beyond. */
export const MASK = Uint8Array.from({ length: AREA }, (_, i) => {
  const far = Math.hypot((i % SIZE.width) - 32, Math.floor(i / SIZE.width) - 24)
  return Math.round(255 * Math.min(1, Math.max(0, (12 - far) / 4)))
})

interface Wanted extends Partial<Omit<GenerationTask, 'request'>> {
  readonly request?: Partial<GenerationRequest>
}

/** Inpainting by the nine-channel checkpoint, unless told otherwise. */
export function tinyTask({ request, ...others }: Wanted = {}): GenerationTask {
  return {
    request: {
      ...DEFAULT_GENERATION,
      model: 'tiny',
      prompt: 'a cat on a wall',
      seed: 7,
      steps: 3,
      ...request,
    },
    candidate: 0,
    place: INPAINTING,
    size: SIZE,
    rgb: PICTURE,
    mask: MASK,
    ...others,
  }
}
