/** Runs of the recipes on tiny whole checkpoints: sessions, a picture with waves in it and a hole in its right half. */
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { openImage } from '../../src/main/engine/imaging/image-file.ts'
import type { Run } from '../../src/main/engine/inference/pipelines/denoise.ts'
import { seededDraws } from '../../src/main/engine/inference/pipelines/draws.ts'
import { Networks } from '../../src/main/engine/inference/pipelines/networks.ts'
import type { Planes } from '../../src/main/engine/inference/reflection-padding.ts'
import { createScheduler } from '../../src/main/engine/inference/schedulers/create-scheduler.ts'
import type { SchedulerName } from '../../src/main/engine/inference/schedulers/scheduler.ts'
import { SessionCache } from '../../src/main/engine/inference/session-cache.ts'
import type { Checkpoint } from '../../src/main/engine/models/index.ts'
import type { Size } from '../../src/shared/geometry.ts'
import { temporaryFolder } from './project-folder.ts'

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url))
/** Tiny checkpoints by kind, each in `KIND/model`. */
export const PIPELINES = path.join(REPOSITORY, 'test', 'fixtures', 'golden', 'pipelines')
export const TOKENIZER = path.join(REPOSITORY, 'assets', 'clip-tokenizer')
export const SIZE: Size = { width: 32, height: 24 }
export const WORDS = { prompt: 'a cat on a wall', negative: 'blurry', guidance: 4 }

/** On the CPU with one thread; close it after the tests. */
export function tinySessions(): SessionCache {
  return new SessionCache({ provider: 'cpu', version: 'test', dataFolder: temporaryFolder(), threads: 1 })
}

interface RunOptions {
  readonly seed?: number
  readonly candidate?: number
  readonly steps?: number
  readonly scheduler?: SchedulerName
}

export function tinyRun(
  sessions: SessionCache,
  checkpoint: Checkpoint,
  { seed = 1, candidate = 0, steps = 3, scheduler = 'euler-ancestral' }: RunOptions = {},
): Run {
  return {
    networks: new Networks(checkpoint, sessions, TOKENIZER),
    scheduler: createScheduler(checkpoint.scheduler, steps, { name: scheduler }),
    draws: seededDraws(seed, candidate),
  }
}

export function tinyPicture(value: (x: number, y: number, channel: number) => number, size = SIZE): Planes {
  const { width, height } = size
  const data = Float32Array.from({ length: 3 * width * height }, (_, i) =>
    value(i % width, Math.floor(i / width) % height, Math.floor(i / (width * height))),
  )
  return { channels: 3, width, height, data }
}

export const waves = tinyPicture((x, y, channel) => Math.sin(x / 3 + channel) * Math.cos(y / 4))
/** The right half. */
export const hole = Uint8Array.from({ length: SIZE.width * SIZE.height }, (_, i) =>
  i % SIZE.width < 16 ? 0 : 255,
)

/** The pixels of a picture file as a network sees them. */
export async function picturePlanes(file: string): Promise<Planes> {
  const image = await openImage(file)
  const { width, height } = image
  const rgba = await image.readRgba()
  return tinyPicture((x, y, channel) => rgba[4 * (y * width + x) + channel]! / 127.5 - 1, { width, height })
}
