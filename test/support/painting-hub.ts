/** A model as hubs keep one: what is wanted of it, and what lies beside that is not. */
import type { ModelDownloadOptions } from '../../src/main/engine/models/hub/download.ts'
import type { HubRequest } from '../../src/shared/model-download.ts'

export const REPO = 'makers/painting'
export const random = (bytes: number, seed: number): Buffer =>
  Buffer.from(Uint32Array.from({ length: bytes / 4 }, (_, i) => (i * 2_654_435_761 + seed) >>> 0).buffer)
export const UNET = random(400_000, 1)
export const FILES = {
  'README.md': '---\nlicense: creativeml-openrail-m\n---\n# Painting\n',
  'LICENSE.md': 'Terms.',
  'model_index.json': '{"_class_name":"StableDiffusionInpaintPipeline"}',
  'unet/config.json': '{}',
  'unet/diffusion_pytorch_model.safetensors': UNET,
  'unet/diffusion_pytorch_model.fp16.safetensors': random(200_000, 2),
  'unet/diffusion_pytorch_model.bin': random(400_000, 3),
  'vae/config.json': '{}',
  'vae/diffusion_pytorch_model.safetensors': random(80_000, 4),
  'text_encoder/config.json': '{}',
  'text_encoder/model.safetensors': random(40_000, 5),
  'tokenizer/vocab.json': '{}',
  'tokenizer/merges.txt': '#version: 0.2\n',
  'scheduler/scheduler_config.json': '{}',
  'safety_checker/model.safetensors': random(8_000, 6),
  'painting.safetensors': random(40_000, 7),
  'example.png': 'not wanted',
}
export const WANTED = [
  'LICENSE.md',
  'README.md',
  'model_index.json',
  'scheduler/scheduler_config.json',
  'text_encoder/config.json',
  'text_encoder/model.safetensors',
  'tokenizer/merges.txt',
  'tokenizer/vocab.json',
  'unet/config.json',
  'unet/diffusion_pytorch_model.safetensors',
  'vae/config.json',
  'vae/diffusion_pytorch_model.safetensors',
]
export const REQUEST: HubRequest = { repo: REPO, revision: null, variant: null, file: null }
export const QUICK: ModelDownloadOptions = { pause: 1, attempts: 2 }
