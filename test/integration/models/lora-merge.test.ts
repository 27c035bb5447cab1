/** Weights with LoRA factors added when the graph is loaded, against the formula, and that no file is changed. */
import { mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { GraphRunner } from '../../../src/main/engine/inference/run-graph.ts'
import type { Component } from '../../../src/main/engine/models/checkpoint/checkpoint.ts'
import { loraAdapters, openLora } from '../../../src/main/engine/models/lora/lora.ts'
import type { Paths } from '../../../src/main/engine/models/onnx/external-data.ts'
import { Graph, type Precision } from '../../../src/main/engine/models/onnx/graph.ts'
import { readSafetensors } from '../../../src/main/engine/models/safetensors.ts'
import { temporaryFolder } from '../../support/project-folder.ts'
import { type TensorToWrite, writeSafetensors } from '../../support/safetensors-file.ts'

const runner = new GraphRunner()
afterAll(() => runner.close())

/** Numbers that float16 and bfloat16 hold exactly: small whole ones, told by a seed. */
function draw(
  seed: number,
  ...shape: readonly number[]
): TensorToWrite & { readonly values: readonly number[] } {
  const count = shape.reduce((product, size) => product * size, 1)
  const values = Array.from({ length: count }, (_, i) => ((i * 7919 + seed * 104729) % 9) - 4)
  return { shape, values }
}

/** The weight named after merging, as it is in the session. */
async function merged(
  weight: { readonly name: string; readonly tensor: TensorToWrite },
  files: readonly { readonly tensors: Readonly<Record<string, TensorToWrite>>; readonly at: number }[],
  precision: Precision = 'float32',
  paths: Paths = path,
): Promise<readonly number[]> {
  const folder = temporaryFolder()
  for (const name of ['checkpoints', 'loras']) mkdirSync(path.join(folder, name))
  const checkpoint = path.join(folder, 'checkpoints', 'model.safetensors')
  writeSafetensors(checkpoint, { [weight.name]: weight.tensor })
  const before = readFileSync(checkpoint)
  const { tensors } = await readSafetensors(checkpoint)
  const component: Component = {
    role: 'text_encoder',
    architecture: 'clip-text',
    config: {},
    tensors,
    source: checkpoint,
  }
  const loras = []
  for (const [i, file] of files.entries()) {
    const place = path.join(folder, 'loras', `${i}.safetensors`)
    writeSafetensors(place, file.tensors)
    loras.push({ lora: await openLora(place), weight: file.at })
  }
  const graph = new Graph({ precision, adapters: loraAdapters(loras, component) })
  const { shape } = weight.tensor
  graph.output('weight', graph.weight(weight.name, tensors.get(weight.name)!, shape), shape)
  const { weight: result } = await runner.run(graph.build(paths), {})
  expect(readFileSync(checkpoint).equals(before)).toBe(true)
  expect(result!.shape).toEqual(shape)
  return Array.from(result!.data, Number)
}

/** W + sum of scale x up x down, the factors as matrices. */
function byHand(
  weight: readonly number[],
  rows: number,
  ...terms: readonly { up: readonly number[]; down: readonly number[]; rank: number; scale: number }[]
): readonly number[] {
  const columns = weight.length / rows
  return weight.map((value, i) => {
    const [o, c] = [Math.floor(i / columns), i % columns]
    let sum = value
    for (const { up, down, rank, scale } of terms)
      for (let k = 0; k < rank; k++) sum += scale * up[o * rank + k]! * down[k * columns + c]!
    return sum
  })
}

const name = 'text_model.encoder.fc1.weight'
const stem = 'lora_te_text_model_encoder_fc1'
const factors = (down: TensorToWrite, up: TensorToWrite, alpha?: number) => ({
  [`${stem}.lora_down.weight`]: down,
  [`${stem}.lora_up.weight`]: up,
  ...(alpha === undefined ? {} : { [`${stem}.alpha`]: { shape: [], values: [alpha] } }),
})

test.each(['F32', 'F16', 'BF16', 'F64'] as const)('a matrix and factors stored as %s', async (type) => {
  const [weight, down, up] = [draw(1, 5, 4), draw(2, 3, 4), draw(3, 5, 3)]
  const all = [weight, down, up].map((tensor) => ({ ...tensor, type })) as [
    TensorToWrite,
    TensorToWrite,
    TensorToWrite,
  ]
  const tensors = factors(all[1], all[2], 6)
  const expected = byHand(weight.values, 5, { up: up.values, down: down.values, rank: 3, scale: -0.5 * 2 })
  expect(await merged({ name, tensor: all[0] }, [{ tensors, at: -0.5 }])).toEqual(expected)
  expect(await merged({ name, tensor: all[0] }, [{ tensors, at: -0.5 }], 'float16')).toEqual(expected)
  expect(await merged({ name, tensor: all[0] }, [{ tensors, at: 0 }])).toEqual(weight.values)
})

test('factors on another drive travel in the graph', async () => {
  const [weight, down, up] = [draw(20, 5, 4), draw(21, 1, 4), draw(22, 5, 1)]
  const term = { up: up.values, down: down.values, rank: 1, scale: 1 }
  const drives: Paths = {
    ...path,
    parse: (file) => ({ ...path.parse(file), root: file.includes('loras') ? 'D:' : 'C:' }),
  }
  const file = { tensors: factors(down, up), at: 1 }
  expect(await merged({ name, tensor: weight }, [file], 'float32', drives)).toEqual(
    byHand(weight.values, 5, term),
  )
})

test('two files of different ranks on one layer, and one of them twice', async () => {
  const weight = draw(4, 5, 4)
  const [down, up, down2, up2] = [draw(5, 3, 4), draw(6, 5, 3), draw(7, 1, 4), draw(8, 5, 1)]
  const first = { up: up.values, down: down.values, rank: 3 }
  const second = { up: up2.values, down: down2.values, rank: 1 }
  const [a, b] = [factors(down, up), factors(down2, up2, 0.5)]
  const files = [
    { tensors: a, at: 1 },
    { tensors: b, at: 4 },
    { tensors: a, at: 2 },
  ]
  const expected = byHand(weight.values, 5, { ...first, scale: 3 }, { ...second, scale: 2 })
  expect(await merged({ name, tensor: weight }, files)).toEqual(expected)
})

test('convolutions: the kernel in the first factor, in a middle one, and 1x1 as a matrix either way', async () => {
  const weight = draw(9, 4, 3, 3, 3)
  const [down, up] = [draw(10, 2, 3, 3, 3), draw(11, 4, 2, 1, 1)]
  const plain = byHand(weight.values, 4, { up: up.values, down: down.values, rank: 2, scale: 1 })
  expect(await merged({ name, tensor: weight }, [{ tensors: factors(down, up), at: 1 }])).toEqual(plain)

  const [first, mid] = [draw(12, 2, 3, 1, 1), draw(13, 2, 2, 3, 3)]
  const joined = Array.from({ length: 2 * 3 * 9 }, (_, at) => {
    const [a, i, k] = [Math.floor(at / 27), Math.floor(at / 9) % 3, at % 9]
    return [0, 1].reduce((sum, b) => sum + mid.values[(a * 2 + b) * 9 + k]! * first.values[b * 3 + i]!, 0)
  })
  const tensors = { ...factors(first, up), [`${stem}.lora_mid.weight`]: mid }
  const decomposed = byHand(weight.values, 4, { up: up.values, down: joined, rank: 2, scale: 1 })
  expect(await merged({ name, tensor: weight }, [{ tensors, at: 1 }])).toEqual(decomposed)

  const [point, flatDown, flatUp] = [draw(14, 4, 3, 1, 1), draw(15, 2, 3), draw(16, 4, 2)]
  const term = { up: flatUp.values, down: flatDown.values, rank: 2, scale: 1 }
  const flat = { tensors: factors(flatDown, flatUp), at: 1 }
  expect(await merged({ name, tensor: point }, [flat])).toEqual(byHand(point.values, 4, term))
  const matrix = { shape: [4, 3], values: point.values }
  const kernels = factors({ ...flatDown, shape: [2, 3, 1, 1] }, { ...flatUp, shape: [4, 2, 1, 1] })
  expect(await merged({ name, tensor: matrix }, [{ tensors: kernels, at: 1 }])).toEqual(
    byHand(point.values, 4, term),
  )
})

test('a projection that is stored the other way round', async () => {
  const weight = draw(17, 4, 5)
  const [down, up] = [draw(18, 2, 4), draw(19, 5, 2)]
  const tensors = {
    'lora_te_text_projection.lora_down.weight': down,
    'lora_te_text_projection.lora_up.weight': up,
  }
  const turned = (values: readonly number[], rows: number) => {
    const columns = values.length / rows
    return values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!)
  }
  const expected = byHand(turned(weight.values, 4), 5, {
    up: up.values,
    down: down.values,
    rank: 2,
    scale: 1,
  })
  const found = await merged({ name: 'text_projection.transposed', tensor: weight }, [{ tensors, at: 1 }])
  expect(turned(found, 4)).toEqual(expected)
})
