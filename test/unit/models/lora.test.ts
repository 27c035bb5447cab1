/** LoRA files of every tool: their names, their alphas, what they fit, and why others are refused. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { Component } from '../../../src/main/engine/models/checkpoint/checkpoint.ts'
import { loraLayerNames } from '../../../src/main/engine/models/lora/layers.ts'
import { loraAdapters, matchLora, openLora } from '../../../src/main/engine/models/lora/lora.ts'
import { temporaryFolder } from '../../support/project-folder.ts'
import { type TensorToWrite, writeSafetensors } from '../../support/safetensors-file.ts'

const zeros = (...shape: readonly number[]): TensorToWrite => ({
  shape,
  values: new Float32Array(shape.reduce((product, size) => product * size, 1)),
})
const number = (value: number, type: TensorToWrite['type'] = 'F16'): TensorToWrite => ({
  shape: [],
  values: [value],
  type: type!,
})

function lora(
  tensors: Readonly<Record<string, TensorToWrite>>,
  metadata: Readonly<Record<string, string>> = {},
) {
  const file = path.join(temporaryFolder(), 'x.safetensors')
  writeSafetensors(file, tensors, metadata)
  return openLora(file)
}

/** Layers named without weights: a pair of factors that is 3 x 2 of rank 1 each. */
function pairs(...stems: readonly string[]) {
  const entries = stems.flatMap((stem) => [
    [`${stem}.lora_down.weight`, zeros(1, 2)],
    [`${stem}.lora_up.weight`, zeros(3, 1)],
  ])
  return lora(Object.fromEntries(entries))
}

/** A denoiser of two levels with one residual block each, with the given layers of 3 x 2. */
function denoiser(...layers: readonly string[]): Component {
  const tensors = layers.map((name) => {
    const tensor = { file: '/x', type: 'F32', shape: [3, 2], offset: 0, length: 24 } as const
    return [`${name}.weight`, tensor] as const
  })
  const config = {
    block_out_channels: [32, 32],
    layers_per_block: 1,
    down_block_types: ['CrossAttnDownBlock2D', 'CrossAttnDownBlock2D'],
    up_block_types: ['CrossAttnUpBlock2D', 'CrossAttnUpBlock2D'],
  }
  return { role: 'unet', architecture: 'unet', config, tensors: new Map(tensors), source: 'the model' }
}

test('reads the names that each tool gives one layer', async () => {
  const factors = { down: zeros(1, 2), up: zeros(3, 1) }
  const layer = async (down: string, up: string) => {
    const { layers } = await lora({ [down]: factors.down, [up]: factors.up })
    return `${layers[0]!.component} ${layers[0]!.flatName}`
  }
  const attention = 'unet.mid.attn1'
  expect(
    await layer(
      `${attention}.processor.to_out_lora.down.weight`,
      `${attention}.processor.to_out_lora.up.weight`,
    ),
  ).toBe('unet mid_attn1_to_out_0')
  const peft = 'base_model.model.down.to_q'
  expect(await layer(`${peft}.lora_A.default.weight`, `${peft}.lora_B.default.weight`)).toBe('unet down_to_q')
  expect(await layer(`unet.${peft}.lora_A.weight`, `unet.${peft}.lora_B.weight`)).toBe('unet down_to_q')
  const kohya = 'lora_te2_text_model_encoder_fc1'
  expect(await layer(`${kohya}.lora_down.weight`, `${kohya}.lora_up.weight`)).toBe(
    'text_encoder_2 encoder_fc1',
  )
  const old = 'text_encoder.text_model.encoder.layers.0.self_attn.to_q_lora'
  expect(await layer(`${old}.down.weight`, `${old}.up.weight`)).toBe(
    'text_encoder encoder_layers_0_self_attn_q_proj',
  )
})

test('takes alpha from a tensor of any float type, from metadata, or from the rank', async () => {
  const two = (name: string) => ({
    [`${name}.lora_A.weight`]: zeros(2, 2),
    [`${name}.lora_B.weight`]: zeros(3, 2),
  })
  const scale = async (tensors: Record<string, TensorToWrite>, settings?: object) => {
    const metadata = settings ? { lora_adapter_metadata: JSON.stringify(settings) } : {}
    const { layers } = await lora({ ...two('unet.a.b'), ...tensors }, metadata)
    return layers[0]!.scale
  }
  expect(await scale({})).toBe(1)
  for (const type of ['F16', 'BF16', 'F32', 'F64'] as const)
    expect(await scale({ 'unet.a.b.alpha': number(3, type) }), type).toBe(1.5)
  expect(await scale({}, { 'unet.lora_alpha': 8 })).toBe(4)
  expect(await scale({}, { 'unet.lora_alpha': 8, 'unet.alpha_pattern': { 'a.b': 5 } })).toBe(2.5)
  expect(await scale({ 'unet.a.b.alpha': number(1) }, { 'unet.lora_alpha': 8 })).toBe(0.5)
  expect(await scale({ 'unet.a.b.alpha': number(0) })).toBe(0)
})

const ORIGINAL: readonly (readonly [string, string])[] = [
  ['input_blocks_0_0', 'conv_in'],
  ['input_blocks_1_0_in_layers_2', 'down_blocks.0.resnets.0.conv1'],
  [
    'input_blocks_1_1_transformer_blocks_0_attn1_to_k',
    'down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_k',
  ],
  ['input_blocks_1_1_proj_in', 'down_blocks.0.attentions.0.proj_in'],
  ['input_blocks_2_0_op', 'down_blocks.0.downsamplers.0.conv'],
  ['input_blocks_3_0_emb_layers_1', 'down_blocks.1.resnets.0.time_emb_proj'],
  [
    'middle_block_1_transformer_blocks_1_ff_net_0_proj',
    'mid_block.attentions.0.transformer_blocks.1.ff.net.0.proj',
  ],
  ['middle_block_2_out_layers_3', 'mid_block.resnets.1.conv2'],
  ['output_blocks_0_0_skip_connection', 'up_blocks.0.resnets.0.conv_shortcut'],
  ['output_blocks_1_2_conv', 'up_blocks.0.upsamplers.0.conv'],
  [
    'output_blocks_3_1_transformer_blocks_0_attn2_to_out_0',
    'up_blocks.1.attentions.1.transformer_blocks.0.attn2.to_out.0',
  ],
  ['time_embed_0', 'time_embedding.linear_1'],
  ['label_emb_0_2', 'add_embedding.linear_2'],
  ['out_2', 'conv_out'],
]

test('finds layers by the names of the original training code', async () => {
  const file = await pairs(...ORIGINAL.map(([name]) => `lora_unet_${name}`))
  const model = denoiser(...ORIGINAL.map(([, name]) => name))
  expect(matchLora(file, [model])).toEqual({ fitting: ORIGINAL.length, unmatched: [], notice: null })
  const names = [...loraAdapters([{ lora: file, weight: 1 }], model).keys()]
  expect(names).toEqual(ORIGINAL.map(([, name]) => `${name}.weight`))
})

const published = (name: string) =>
  JSON.parse(
    gunzipSync(readFileSync(new URL(`../../fixtures/published/${name}.json.gz`, import.meta.url))).toString(),
  ) as { readonly config: unknown; readonly tensors: Readonly<Record<string, readonly number[]>> }

test.each([
  ['ldm-sdxl', 'sdxl-unet'],
  ['ldm-sd21', 'sd21-unet'],
  ['ldm-sd15-inpainting', 'sd15-inpainting-unet'],
])('%s: each original layer name is one layer of %s, and no two are the same', (original, denoiser) => {
  const { config, tensors } = published(denoiser)
  const stored = Object.entries(tensors).map(([name, shape]) => {
    const tensor = { file: '/x', type: 'F16', shape, offset: 0, length: 2 } as const
    return [name, tensor] as const
  })
  const nameOf = loraLayerNames({
    role: 'unet',
    architecture: 'unet',
    config,
    tensors: new Map(stored),
    source: denoiser,
  })
  const layers = Object.keys(published(original).tensors).flatMap(
    (key) => /^model\.diffusion_model\.(.*)\.weight$/.exec(key)?.[1] ?? [],
  )
  const found = layers.map((layer) => nameOf(layer.replaceAll('.', '_')))
  const all = Object.keys(tensors).filter((name) => name.endsWith('.weight'))
  expect(found.toSorted()).toEqual(all.toSorted())
})

test('says which layers a model lacks, and refuses a file of which it has none', async () => {
  const layers = ['a', 'b', 'c', 'd', 'e'].map((name) => `lora_unet_${name}`)
  const some = matchLora(await pairs(...layers), [denoiser('b')])
  expect(some).toMatchObject({ fitting: 1, unmatched: ['a', 'c', 'd', 'e'] })
  expect(some.notice).toMatch(/adapts 5 layers, of which this model lacks 4: a, c, d and 1 more/)
  const other = await pairs('lora_te_text_model_layers_0_fc1', 'lora_unet_z')
  expect(() => matchLora(other, [denoiser('b')])).toThrow(/another family .*layers_0_fc1, z/)
})

test('adds nothing at weight 0, and each file apart', async () => {
  const file = await pairs('lora_unet_a')
  const at = (...weights: readonly number[]) =>
    [
      ...loraAdapters(
        weights.map((weight) => ({ lora: file, weight })),
        denoiser('a'),
      ).values(),
    ].map((adapters) => adapters.map(({ name, scale }) => `${name} ${scale}`))
  expect(at(0)).toEqual([])
  expect(at(0.5, 0, -2)).toEqual([['lora_0.a 0.5', 'lora_2.a -2']])
  expect(() => at(Number.NaN)).toThrow(expect.objectContaining({ code: 'usage' }))
})

test('refuses what it cannot merge, with the reason', async () => {
  const refuses = async (names: readonly string[], code: string, reason: string) => {
    const error: unknown = await lora(Object.fromEntries(names.map((name) => [name, zeros(1)]))).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({ code, message: expect.stringContaining(reason) })
  }
  await refuses([], 'model.unreadable', 'empty')
  await refuses(['lora_unet_a.lora_up.weight'], 'model.unreadable', 'half of a')
  await refuses(['lora_unet_a.hada_w1_a'], 'model.unsupported', 'LoHa')
  await refuses(['lora_unet_a.dora_scale'], 'model.unsupported', 'DoRA')
  await refuses(
    ['transformer.single_transformer_blocks.0.attn.to_q.lora_A.weight'],
    'model.unsupported',
    'transformer',
  )
  await refuses(['unet.a.weight'], 'model.unsupported', 'unet.a.weight')
  const twice = ['lora_unet_a_b.lora_up.weight', 'unet.a.b.lora_B.weight']
  await refuses(twice, 'model.unreadable', 'says twice')
  const half = { 'lora_unet_a.lora_down.weight': zeros(1, 2), 'lora_unet_a.lora_up.weight': zeros(3, 1) }
  await expect(lora({ ...half, 'lora_unet_a.alpha': zeros(2) })).rejects.toThrow(/alpha for a that cannot be/)
  await expect(lora({ ...half, 'lora_unet_a.alpha': number(Number.NaN) })).rejects.toThrow(/alpha for a/)
  await expect(lora({ ...half, 'lora_unet_a.lora_down.weight': zeros(0, 2) })).rejects.toThrow(/rank/)
  const wide = await lora({ ...half, 'lora_unet_a.lora_down.weight': zeros(1, 5) })
  expect(() => matchLora(wide, [denoiser('a')])).toThrow(
    /another family of models: for a it has \[3, 1\] x \[1, 5\]/,
  )
})
