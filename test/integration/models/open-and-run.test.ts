/** What opens also runs, from wherever its weights lie: the outputs are those of the references. */
import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { tensorsBelow } from '../../../src/main/engine/inference/golden/files.ts'
import { GraphRunner, type Tensor } from '../../../src/main/engine/inference/run-graph.ts'
import type { Component } from '../../../src/main/engine/models/checkpoint/checkpoint.ts'
import { openCheckpoint } from '../../../src/main/engine/models/checkpoint/open.ts'
import { componentGraph, type Part } from '../../../src/main/engine/models/index.ts'
import { GOLDEN } from '../../support/checkpoints.ts'
import { temporaryFolder } from '../../support/project-folder.ts'

type Tensors = Readonly<Record<string, Tensor>>

async function run(component: Component, part: Part, inputs: Tensors): Promise<Tensors> {
  const runner = new GraphRunner()
  try {
    return await runner.run(componentGraph(component, part), inputs)
  } finally {
    await runner.close()
  }
}

/** The furthest that two tensors lie apart. */
function apart(found: Tensor | undefined, wanted: Tensor | undefined): number {
  const values = wanted!.data as Float32Array
  return Math.max(...Array.from(found!.data as Float32Array, (value, i) => Math.abs(value - values[i]!)))
}

/** Two shards of a weights file, with their list, among the links of a hub's cache. */
function shardedInCache(from: string, config: string): string {
  const bytes = fs.readFileSync(from)
  const start = 8 + Number(bytes.readBigUInt64LE())
  const { __metadata__: _, ...header } = JSON.parse(bytes.toString('utf8', 8, start)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >
  const root = path.join(temporaryFolder(), 'models--owner--vae')
  const snapshot = path.join(root, 'snapshots', 'abcdef0123'.repeat(4))
  for (const folder of [snapshot, path.join(root, 'blobs')]) fs.mkdirSync(folder, { recursive: true })
  const put = (name: string, content: string | Buffer) => {
    const blob = `blob${fs.readdirSync(path.join(root, 'blobs')).length}`
    fs.writeFileSync(path.join(root, 'blobs', blob), content)
    fs.symlinkSync(`../../blobs/${blob}`, path.join(snapshot, name))
  }
  const map: Record<string, string> = {}
  for (const half of [0, 1]) {
    const file = `diffusion_pytorch_model-0000${half + 1}-of-00002.safetensors`
    let at = 0
    const own: Record<string, unknown> = {}
    const data: Buffer[] = []
    for (const [i, [name, { dtype, shape, data_offsets: span }]] of Object.entries(header).entries()) {
      if (i % 2 !== half) continue
      own[name] = { dtype, shape, data_offsets: [at, at + span[1] - span[0]] }
      at += span[1] - span[0]
      data.push(bytes.subarray(start + span[0], start + span[1]))
      map[name] = file
    }
    const json = Buffer.from(JSON.stringify(own))
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(BigInt(json.length))
    put(file, Buffer.concat([length, json, ...data]))
  }
  put('diffusion_pytorch_model.safetensors.index.json', JSON.stringify({ weight_map: map }))
  put('config.json', fs.readFileSync(config))
  return root
}

test('shards among the links of a hub cache', async () => {
  const folder = path.join(GOLDEN, 'vae_sd')
  const place = shardedInCache(
    path.join(folder, 'diffusion_pytorch_model.safetensors'),
    path.join(folder, 'config.json'),
  )
  const [vae] = (await openCheckpoint(place)).components as Component[]
  const io = path.join(folder, 'io.safetensors')
  const { decoded } = await run(vae!, 'decoder', await tensorsBelow(io, 'square.in.'))
  expect(apart(decoded, (await tensorsBelow(io, 'square.out.'))['decoded'])).toBeLessThan(1e-4)
})

test('a single file, by its names and the configurations beside it', async () => {
  const file = path.join(temporaryFolder(), 'tiny.safetensors')
  fs.copyFileSync(path.join(GOLDEN, 'checkpoints/sd1_inpaint/model.safetensors'), file)
  for (const [role, name] of Object.entries({
    unet: 'unet_sd1_inpaint',
    vae: 'vae_sd',
    text_encoder: 'text_sd1',
  })) {
    fs.mkdirSync(path.join(path.dirname(file), role))
    fs.copyFileSync(
      path.join(GOLDEN, name, 'config.json'),
      path.join(path.dirname(file), role, 'config.json'),
    )
  }
  const { components, missing } = await openCheckpoint(file)
  expect(missing).toEqual([])
  const wanted = await tensorsBelow(path.join(GOLDEN, 'checkpoints/sd1_inpaint/io.safetensors'), '')
  const inputs = (name: string) => tensorsBelow(path.join(GOLDEN, name, 'io.safetensors'), 'square.in.')
  const vae = components.find(({ role }) => role === 'vae') as Component
  const { decoded } = await run(vae, 'decoder', await inputs('vae_sd'))
  expect(apart(decoded, wanted['vae.out.decoded'])).toBeLessThan(1e-4)
  const unet = components.find(({ role }) => role === 'unet') as Component
  const { noise } = await run(unet, 'denoiser', await inputs('unet_sd1_inpaint'))
  expect(apart(noise, wanted['unet.out.sample'])).toBeLessThan(1e-4)
})
