/** What the whole inpainting runs on: a checkpoint in diffusers' layout, its tokenizer, a picture and a mask. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import sharp from 'sharp'
import { published, writePipeline } from '../../support/checkpoints.ts'
import { writeRandom } from '../inference/random-weights.ts'

const ASSETS = fileURLToPath(new URL('../../../assets/', import.meta.url))
const PARTS = { unet: 'sd15-inpainting-unet', vae: 'asymmetric-vae-x-2', text_encoder: 'clip-l-text' }
const SCHEDULER = {
  _class_name: 'PNDMScheduler',
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  num_train_timesteps: 1000,
  set_alpha_to_one: false,
  skip_prk_steps: true,
  steps_offset: 1,
}

/** @returns its folder */
export function makeCheckpoint(folder: string): string {
  writePipeline(folder, PARTS, JSON.stringify(SCHEDULER))
  for (const [i, [role, name]] of Object.entries(PARTS).entries()) {
    const file = role === 'text_encoder' ? 'model.safetensors' : 'diffusion_pytorch_model.safetensors'
    writeRandom(path.join(folder, role, file), published(name).tensors, 'F16', i + 1)
  }
  const tokenizer = path.join(folder, 'tokenizer')
  mkdirSync(tokenizer)
  for (const name of ['vocab.json', 'merges.txt'])
    writeFileSync(
      path.join(tokenizer, name),
      gunzipSync(readFileSync(path.join(ASSETS, 'clip-tokenizer', `${name}.gz`))),
    )
  return folder
}

export interface Picture {
  readonly photo: string
  /** A quarter of the picture, in its middle. */
  readonly mask: string
}

export async function makePicture(folder: string): Promise<Picture> {
  const [photo, mask] = [path.join(folder, 'photo.png'), path.join(folder, 'mask.png')]
  const side = 512
  await sharp(path.join(ASSETS, 'samples', 'desert-hike.jpg'))
    .resize(side, side)
    .png()
    .toFile(photo)
  const hole = Uint8Array.from({ length: side * side }, (_, i) => {
    const [x, y] = [i % side, Math.floor(i / side)]
    return x >= 128 && x < 384 && y >= 128 && y < 384 ? 255 : 0
  })
  await sharp(hole, { raw: { width: side, height: side, channels: 1 } })
    .png()
    .toFile(mask)
  return { photo, mask }
}
