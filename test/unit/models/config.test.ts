/** Every setting of a configuration is understood or refused; no number, however absurd, costs time. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  autoencoderConfig,
  clipTextConfig,
  tinyConfig,
  unetConfig,
} from '../../../src/main/engine/models/index.ts'
import { InlayError } from '../../../src/shared/errors.ts'
import { published } from '../../support/checkpoints.ts'

const sdxl = published('sdxl-unet').config

test.each([
  ['up_block_types', ['UpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D']],
  ['up_block_types', ['CrossAttnUpBlock2D', 'UpBlock2D']],
  ['up_block_types', ['CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'AttnUpBlock2D']],
  ['down_block_types', ['DownBlock2D', 'CrossAttnDownBlock2D', 'SimpleCrossAttnDownBlock2D']],
  ['mid_block_type', 'UNetMidBlock2DSimpleCrossAttn'],
  ['mid_block_type', null],
  ['center_input_sample', true],
  ['only_cross_attention', true],
  ['only_cross_attention', [false, true, false]],
  ['mid_block_only_cross_attention', true],
  ['dual_cross_attention', true],
  ['cross_attention_norm', 'layer_norm'],
  ['attention_type', 'gated'],
  ['downsample_padding', 0],
  ['mid_block_scale_factor', 1.4],
  ['conv_in_kernel', 1],
  ['conv_out_kernel', 5],
  ['class_embed_type', 'timestep'],
  ['num_class_embeds', 1000],
  ['class_embeddings_concat', true],
  ['encoder_hid_dim', 4096],
  ['encoder_hid_dim_type', 'text_proj'],
  ['addition_embed_type', 'text_image'],
  ['addition_time_embed_dim', null],
  ['projection_class_embeddings_input_dim', 1536],
  ['time_embedding_type', 'fourier'],
  ['time_embedding_dim', 512],
  ['time_embedding_act_fn', 'silu'],
  ['timestep_post_act', 'silu'],
  ['resnet_time_scale_shift', 'scale_shift'],
  ['resnet_skip_time_act', true],
  ['resnet_out_scale_factor', 1.4],
  ['reverse_transformer_layers_per_block', [10, 2, 1]],
  ['transformer_layers_per_block', [[1], [2], [10]]],
  ['transformer_layers_per_block', [1, 2]],
  ['cross_attention_dim', [1024, 2048, 2048]],
  ['act_fn', 'gelu'],
  ['norm_num_groups', null],
  ['norm_num_groups', 7],
  ['attention_head_dim', [5, 10, 7]],
  ['norm_eps', 0],
  ['freq_shift', 160],
])('a denoiser with %s %j is refused, naming the setting or its effect', (name, value) => {
  expect(() => unetConfig({ ...sdxl, [name]: value }, 'unet/config.json')).toThrow(
    expect.objectContaining({
      code: 'model.unsupported',
      message: expect.stringMatching(/^Inlay cannot run the network that unet\/config\.json describes: ./),
    }),
  )
})

test.each([
  ['up_block_types', undefined],
  ['only_cross_attention', [false, false, false]],
  ['use_linear_projection', false],
  ['cross_attention_dim', [2048, 2048, 2048]],
  ['layers_per_block', [2, 2, 2]],
  ['attention_type', 'default'],
  ['num_attention_heads', [5, 10, 20]],
  ['dropout', 0.1],
  ['sample_size', null],
])('a denoiser with %s %j is the same network', (name, value) => {
  expect(unetConfig({ ...sdxl, [name]: value }, 'x')).toEqual(unetConfig(sdxl, 'x'))
})

test.each([
  ['sd-vae', autoencoderConfig, { up_block_types: ['UpDecoderBlock2D', 'AttnUpDecoderBlock2D'] }],
  ['sd-vae', autoencoderConfig, { down_block_types: ['DownEncoderBlock2D'] }],
  ['sd-vae', autoencoderConfig, { out_channels: 4 }],
  ['sd-vae', autoencoderConfig, { norm_num_groups: 48 }],
  ['sd-vae', autoencoderConfig, { block_out_channels: [] }],
  ['sd-vae', autoencoderConfig, { block_out_channels: undefined }],
  ['taesd', tinyConfig, { upsample_fn: 'bilinear' }],
  ['taesd', tinyConfig, { num_encoder_blocks: [1, 3] }],
  ['taesd', tinyConfig, { act_fn: 'gelu' }],
  ['clip-l-text', clipTextConfig, { num_attention_heads: 7 }],
  ['clip-l-text', clipTextConfig, { hidden_act: 'relu' }],
  ['clip-l-text', clipTextConfig, { model_type: 't5' }],
] as const)('%s changed is refused', (name, read, change) => {
  expect(() => read({ ...published(name).config, ...change }, 'config.json')).toThrow(
    expect.objectContaining({ code: 'model.unsupported', message: expect.stringContaining('config.json') }),
  )
})

const SEED = Number(process.env['INLAY_SEED'] ?? Date.now() % 2 ** 31)

test(`20000 configurations changed at random are read or refused (INLAY_SEED=${SEED})`, () => {
  const readers = [
    ['sdxl-unet', unetConfig],
    ['sd-vae', autoencoderConfig],
    ['asymmetric-vae-x-2', autoencoderConfig],
    ['taesd', tinyConfig],
    ['openclip-bigg-text', clipTextConfig],
  ] as const
  const configs = readers.map(([name, read]) => [published(name).config, read] as const)
  const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.integer(), fc.array(fc.nat()), fc.double())
  fc.assert(
    fc.property(
      fc.nat(configs.length - 1),
      fc.array(fc.tuple(fc.nat(), value), { minLength: 1, maxLength: 4 }),
      (which, changes) => {
        const [config, read] = configs[which]!
        const names = Object.keys(config)
        const changed = Object.fromEntries(changes.map(([key, to]) => [names[key % names.length]!, to]))
        try {
          read({ ...config, ...changed }, 'config.json')
        } catch (error) {
          expect(error).toBeInstanceOf(InlayError)
        }
      },
    ),
    { seed: SEED, numRuns: 20_000 },
  )
})
