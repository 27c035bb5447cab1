/** The name a model gets where the person gives none. */
import { expect, test } from 'vitest'
import { nameOfModel } from '../../../src/main/engine/models/registry/name.ts'

test.each([
  ['/models/v1-5-pruned-emaonly.safetensors', 'v1-5-pruned-emaonly'],
  ['/models/sd-inpainting/unet/diffusion_pytorch_model.fp16.safetensors', 'sd-inpainting'],
  ['/models/asymmetric-x-2/', 'asymmetric-x-2'],
  ['/cache/models--owner--sd-inpainting/snapshots/0123456789012345678901234567890123456789', 'sd-inpainting'],
  ['/cache/models--owner--sd-inpainting', 'sd-inpainting'],
  ['/data/pipelines/sdxl/model', 'sdxl'],
  ['/models/taesd_encoder.safetensors', 'taesd_encoder'],
  ['/models/--version.safetensors', 'version'],
  ['/models/a\nb\u2028c.safetensors', 'a b c'],
  [`/models/${'x'.repeat(300)}.safetensors`, 'x'.repeat(100)],
  ['/models', 'models'],
  ['/', 'model'],
])('%s is called %s', (place, name) => {
  expect(nameOfModel(place)).toBe(name)
})
