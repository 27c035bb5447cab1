/** LoRA files of every tool: their names, their alphas, the merged weights, and a text encoder run with them. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import {
  mergeLoras,
  parseLora,
  type TensorSource,
  unmatchedLayers,
} from '../../src/main/engine/models/lora.ts'
import { clipText } from '../support/plain-clip-text.ts'
import { readTiny } from '../support/tiny-safetensors.ts'

const golden = fileURLToPath(new URL('../fixtures/golden/components', import.meta.url))
const read = (name: string) => readTiny(path.join(golden, name))
const lora = (name: string) => {
  const { tensors, metadata } = read(`lora/${name}.safetensors`)
  return parseLora(`${name}.safetensors`, tensors, metadata)
}
const source = (shape: readonly number[], ...values: readonly number[]): TensorSource => ({
  shape,
  read: () => Float32Array.from(values),
})
const text = read('text_sd1/model.safetensors').tensors

interface GoldenCase {
  readonly folder: string
  readonly case: string
  readonly outputs: Readonly<Record<string, { readonly tolerance: number }>>
}

test('a text encoder with each file merged gives what the reference gives', () => {
  const { cases } = JSON.parse(readFileSync(path.join(golden, 'manifest.json'), 'utf8')) as {
    cases: GoldenCase[]
  }
  const inputs = read('text_sd1/io.safetensors').tensors
  const outputs = read('lora/io.safetensors').tensors
  const ids = [...inputs.get('short_and_full.in.input_ids')!.read()]
  const wanted = cases.filter(({ folder }) => folder === 'lora')
  expect(wanted).toHaveLength(8)
  for (const { case: name, outputs: expected } of wanted) {
    const [file, weight] = name.split('.scale_') as [string, string]
    const merged = mergeLoras([{ lora: lora(file), weight: Number(weight) }], 'text_encoder', text)
    const weightOf = (key: string) =>
      merged.get(`text_model.${key}`)?.data ?? text.get(`text_model.${key}`)!.read()
    const reference = outputs.get(`${name}.out.text_encoder.last_hidden_state`)!.read()
    const values = [ids.slice(0, 77), ids.slice(77)].flatMap((row) =>
      clipText(weightOf, row, 4, 3).flatMap((r) => [...r]),
    )
    const worst = values.reduce((most, value, i) => Math.max(most, Math.abs(value - reference[i]!)), 0)
    expect(worst, name).toBeLessThanOrEqual(expected['text_encoder.last_hidden_state']!.tolerance)
    expect(unmatchedLayers(lora(file), 'text_encoder', text.keys())).toEqual([])
  }
})

test('adds weight * alpha / rank * up x down, also for convolutions and with a middle factor', () => {
  const weights = new Map([
    ['a.b.weight', source([2, 2], 1, 0, 0, 1)],
    ['conv.weight', source([1, 1, 1, 2], 0, 0)],
    ['kept.weight', source([1], 7)],
  ])
  const file = parseLora(
    'x.safetensors',
    new Map([
      ['lora_unet_a_b.lora_down.weight', source([1, 2], 1, 2)],
      ['lora_unet_a_b.lora_up.weight', source([2, 1], 10, 100)],
      ['lora_unet_a_b.alpha', source([], 0.5)],
      ['lora_unet_conv.lora_down.weight', source([1, 1, 1, 1], 2)],
      ['lora_unet_conv.lora_mid.weight', source([1, 1, 1, 2], 3, 5)],
      ['lora_unet_conv.lora_up.weight', source([1, 1, 1, 1], 1)],
    ]),
    {},
  )
  const merged = mergeLoras([{ lora: file, weight: 2 }], 'unet', weights)
  expect([...merged.keys()]).toEqual(['a.b.weight', 'conv.weight'])
  expect([...merged.get('a.b.weight')!.data]).toEqual([11, 20, 100, 201])
  expect([...merged.get('conv.weight')!.data]).toEqual([12, 20])
  const twice = mergeLoras(
    [1, -1].map((weight) => ({ lora: file, weight })),
    'unet',
    weights,
  )
  expect([...twice.get('a.b.weight')!.data]).toEqual([1, 0, 0, 1])
  expect(mergeLoras([{ lora: file, weight: 1 }], 'text_encoder', weights).size).toBe(0)
})

test('knows the names of old attention processors and of peft', () => {
  const names = [
    'unet.mid.attn1.processor.to_out_lora.down.weight',
    'unet.mid.attn1.processor.to_out_lora.up.weight',
    'base_model.model.down.to_q.lora_A.default.weight',
    'base_model.model.down.to_q.lora_B.default.weight',
    'lora_te2_text_model_encoder_fc1.lora_down.weight',
    'lora_te2_text_model_encoder_fc1.lora_up.weight',
  ]
  const { modules } = parseLora('x', new Map(names.map((name) => [name, source([1, 1], 1)])), {})
  expect(modules.map(({ component, flatName }) => `${component} ${flatName}`)).toEqual([
    'unet mid_attn1_to_out_0',
    'unet down_to_q',
    'text_encoder_2 encoder_fc1',
  ])
})

test('refuses what it cannot merge, with the reason', () => {
  const refuses = (keys: readonly string[], code: string, reason: string): void => {
    const parse = () => parseLora('x.safetensors', new Map(keys.map((key) => [key, source([1], 1)])), {})
    expect(parse).toThrow(expect.objectContaining({ code, message: expect.stringContaining(reason) }))
  }
  refuses([], 'model.unreadable', 'empty')
  refuses(['lora_unet_a.lora_up.weight'], 'model.unreadable', 'half of a')
  refuses(['lora_unet_a.hada_w1_a'], 'model.unsupported', 'LoHa')
  refuses(['unet.a.weight'], 'model.unsupported', 'unet.a.weight')
  const other = new Map([['encoder.layers.0.mlp.fc1.weight', source([3, 3], ...Array(9).fill(0))]])
  expect(() => mergeLoras([{ lora: lora('kohya'), weight: 1 }], 'text_encoder', other)).toThrow(
    /does not fit this model/,
  )
})
