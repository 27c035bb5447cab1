import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { checkpointComponents, type StoredTensor } from '../../../src/main/engine/models/index.ts'

interface Published {
  readonly tensors: Readonly<Record<string, readonly number[]>>
}

const SIZES = { unetBlocks: 2, vaeLevels: 4 }
const CASES = [
  [
    'ldm-sd15-inpainting',
    { ...SIZES, unetLevels: 4, openClipLayers: 0 },
    ['sd15-inpainting-unet', 'sd-vae', 'clip-l-text', null],
  ],
  [
    'ldm-sd21',
    { ...SIZES, unetLevels: 4, openClipLayers: 23 },
    ['sd21-unet', 'sd-vae', 'openclip-h-text', null],
  ],
  [
    'ldm-sdxl',
    { ...SIZES, unetLevels: 3, openClipLayers: 32 },
    ['sdxl-unet', 'sdxl-vae', 'clip-l-text', 'openclip-bigg-text'],
  ],
] as const

function read(name: string): Published['tensors'] {
  const file = fileURLToPath(new URL(`../../fixtures/published/${name}.json.gz`, import.meta.url))
  return (JSON.parse(gunzipSync(readFileSync(file)).toString()) as Published).tensors
}

test.each(CASES)('%s holds the very tensors of the published components', (name, sizes, components) => {
  const tensors = new Map(
    Object.entries(read(name)).map(([key, shape]): [string, StoredTensor] => [
      key,
      { file: 'model.safetensors', type: 'F16', shape, offset: 0, length: 6 },
    ]),
  )
  const { unet, vae, text_encoder, text_encoder_2 } = checkpointComponents(tensors, sizes)
  for (const [i, found] of [unet, vae, text_encoder, text_encoder_2].entries()) {
    const expected = components[i] === null ? {} : read(components[i]!)
    const shapes = [...found].map(([key, { shape }]) => {
      if (key === 'text_projection.transposed')
        return ['text_projection.weight', [...shape].reverse()] as const
      return [key, shape.length === 4 && expected[key]?.length === 2 ? shape.slice(0, 2) : shape] as const
    })
    expect(Object.fromEntries(shapes)).toEqual(expected)
  }
})

test.each([[[]], [[7]], [[10, 24]]])(
  'three matrices in one of shape %j are refused, naming the tensor',
  (shape) => {
    const name = 'cond_stage_model.model.transformer.resblocks.0.attn.in_proj_weight'
    const tensor: StoredTensor = { file: 'model.safetensors', type: 'F16', shape, offset: 8, length: 480 }
    const sizes = { ...SIZES, unetLevels: 4, openClipLayers: 2 }
    expect(() => checkpointComponents(new Map([[name, tensor]]), sizes)).toThrow(
      expect.objectContaining({
        code: 'model.unreadable',
        message: expect.stringContaining('resblocks.0.attn.in_proj_weight'),
      }),
    )
  },
)
