/** Folders as Optimum writes them: listed and run as they are, and refused where their data is not to be trusted. */
import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { tensorsBelow } from '../../../src/main/engine/inference/golden/files.ts'
import { Session } from '../../../src/main/engine/inference/session.ts'
import type { Component } from '../../../src/main/engine/models/checkpoint/checkpoint.ts'
import { readOnnxFile } from '../../../src/main/engine/models/checkpoint/onnx-file.ts'
import { openCheckpoint } from '../../../src/main/engine/models/checkpoint/open.ts'
import { componentGraph, type Part } from '../../../src/main/engine/models/index.ts'
import { InlayError } from '../../../src/shared/errors.ts'
import { editJson, GOLDEN } from '../../support/checkpoints.ts'
import { temporaryFolder } from '../../support/project-folder.ts'
import { expectRefused } from '../../support/spoilt-checkpoints.ts'

const WEIGHTS = 'diffusion_pytorch_model.safetensors'
/** Data as exporters name it, in names of the same length, so that they can be put into a graph that is made. */
const DATA = 'diffusion_pytorch_model_x.onnx_data'
const TEXT_DATA = 'model_x.onnx_data'
const PARTS = {
  unet: ['unet_sd1_inpaint', WEIGHTS, DATA, 'denoiser'],
  vae_encoder: ['vae_sd', WEIGHTS, DATA, 'encoder'],
  vae_decoder: ['vae_sd', WEIGHTS, DATA, 'decoder'],
  text_encoder: ['text_sd1', 'model.safetensors', TEXT_DATA, 'text'],
} as const satisfies Record<string, readonly [string, string, string, Part]>

/** Puts the data at another place of the same length. */
function moveData(file: string, from: string, to: string): void {
  const bytes = fs.readFileSync(file)
  for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + 1)) bytes.write(to, at)
  fs.writeFileSync(file, bytes)
}

/** Tiny real graphs, with their weights as data beside them. */
async function writeOnnx(className = 'ORTStableDiffusionInpaintPipeline'): Promise<string> {
  const folder = temporaryFolder()
  const index: Record<string, unknown> = { _class_name: className, safety_checker: [null, null] }
  for (const [role, [name, weights, data, part]] of Object.entries(PARTS)) {
    const own = path.join(folder, role)
    fs.mkdirSync(own)
    const [component] = (await openCheckpoint(path.join(GOLDEN, name))).components as Component[]
    fs.writeFileSync(path.join(own, 'model.onnx'), componentGraph(component!, part).bytes)
    moveData(path.join(own, 'model.onnx'), weights, data)
    fs.copyFileSync(path.join(GOLDEN, name, weights), path.join(own, data))
    index[role] = ['optimum.onnxruntime.modeling_diffusion', 'ORTModel']
  }
  fs.copyFileSync(path.join(GOLDEN, 'unet_sd1_inpaint/config.json'), path.join(folder, 'unet/config.json'))
  fs.writeFileSync(path.join(folder, 'model_index.json'), JSON.stringify(index))
  return folder
}

test.each([
  'ORTStableDiffusionInpaintPipeline',
  'OnnxStableDiffusionInpaintPipeline',
  'StableDiffusionPipeline',
])('an ONNX folder of %s lists its graphs as they are', async (className) => {
  const folder = await writeOnnx(className)
  const found = await openCheckpoint(folder)
  const sizes = Object.entries(PARTS).flatMap(([role, [, , data]]) =>
    ['model.onnx', data].map((name) => fs.statSync(path.join(folder, role, name)).size),
  )
  expect(found).toMatchObject({
    layout: 'onnx',
    family: 'sd1',
    task: 'inpaint',
    predictionType: 'epsilon',
    dtypes: [],
    bytes: sizes.reduce((sum, one) => sum + one, 0),
    missing: [],
    tokenizers: [{ role: 'tokenizer', folder: null, pad: null }],
  })
  expect(found.components).toMatchObject(
    Object.keys(PARTS).map((role) => ({
      role,
      architecture: 'onnx',
      file: fs.realpathSync(path.join(folder, role, 'model.onnx')),
    })),
  )
})

test('says by its inputs what it is where it has no config.json, and runs', async () => {
  const folder = await writeOnnx()
  fs.rmSync(path.join(folder, 'unet/config.json'))
  const found = await openCheckpoint(folder)
  expect(found).toMatchObject({ family: 'sd1', task: 'inpaint' })
  expect(found.notices).toEqual([expect.stringContaining('no scheduler_config.json')])
  const decoder = found.components.find(({ role }) => role === 'vae_decoder')
  if (decoder?.architecture !== 'onnx') throw new Error('no decoder')
  const session = await Session.open(decoder, { threads: 1 })
  const io = path.join(GOLDEN, 'vae_sd/io.safetensors')
  const outputs = await session.run(await tensorsBelow(io, 'square.in.'))
  await session.release()
  const { decoded } = await tensorsBelow(io, 'square.out.')
  const wanted = decoded!.data as Float32Array
  const values = Array.from(outputs['decoded']!.data as Float32Array, (value, i) =>
    Math.abs(value - wanted[i]!),
  )
  expect(Math.max(...values)).toBeLessThan(1e-4)
})

test.each([
  [
    'one level up',
    `../${'x'.repeat(WEIGHTS.length - 3)}`,
    'model.unreadable',
    /model\.onnx names its data at \.\.\/x+, which lies outside/,
  ],
  [
    'at the root',
    `/${'x'.repeat(WEIGHTS.length - 1)}`,
    'model.unreadable',
    /names its data at \/x+, which lies outside/,
  ],
  ['on a Windows disk', `C:\\${'x'.repeat(WEIGHTS.length - 3)}`, 'model.unreadable', /which lies outside/],
  ['nowhere', 'x'.repeat(WEIGHTS.length), 'model.incomplete', /vae_decoder\/x+ is missing/],
] as const)('data %s', async (_name, place, code, message) => {
  const folder = await writeOnnx()
  moveData(path.join(folder, 'vae_decoder/model.onnx'), DATA, place)
  await expectRefused(folder, code, message)
})

test('an ONNX folder with parts missing, cut short or linked from elsewhere', async () => {
  const folder = await writeOnnx()
  const data = path.join(folder, 'vae_decoder', DATA)
  const whole = fs.readFileSync(data)
  fs.truncateSync(data, 1000)
  await expectRefused(
    folder,
    'model.unreadable',
    /vae_decoder\/diffusion_pytorch_model_x\.onnx_data is cut short/,
  )
  const elsewhere = path.join(temporaryFolder(), 'data')
  fs.writeFileSync(elsewhere, whole)
  fs.rmSync(data)
  fs.symlinkSync(elsewhere, data)
  await expectRefused(folder, 'model.unsupported', /is a link to another place/)
  fs.rmSync(data)
  fs.mkdirSync(data)
  await expectRefused(folder, 'model.unreadable', /is not a file/)
  fs.rmdirSync(data)
  fs.writeFileSync(data, whole)

  const graph = path.join(folder, 'unet/model.onnx')
  const bytes = fs.readFileSync(graph)
  for (const [spoilt, message] of [
    [bytes.subarray(0, 3), /unet\/model\.onnx is no sound ONNX file/],
    [bytes.subarray(0, bytes.length - 100), /unet\/model\.onnx is no sound ONNX file: it is cut short/],
    [Buffer.from('PK\u0003\u0004 and so on'), /unet\/model\.onnx is no sound ONNX file/],
    [Buffer.alloc(0), /unet\/model\.onnx is no sound ONNX file: it holds no graph/],
  ] as const) {
    fs.writeFileSync(graph, spoilt)
    await expectRefused(folder, 'model.unreadable', message)
  }
  fs.rmSync(graph)
  fs.symlinkSync('/dev/zero', graph)
  await expectRefused(folder, 'model.unreadable', /unet\/model\.onnx is not a file/)
  fs.rmSync(graph)
  await expectRefused(folder, 'model.incomplete', /lacks unet\/model\.onnx/)
  fs.writeFileSync(graph, bytes)
  fs.rmSync(path.join(folder, 'vae_encoder'), { recursive: true })
  await expectRefused(folder, 'model.incomplete', /lacks vae_encoder\/model\.onnx/)
  editJson(path.join(folder, 'model_index.json'), (json) => {
    delete json['vae_encoder']
  })
  expect((await openCheckpoint(folder)).missing).toEqual(['vae_encoder'])
})

const SEED = Number(process.env['INLAY_SEED'] ?? Date.now() % 2 ** 31)

test(`1000 ONNX files with bytes changed are read or refused (INLAY_SEED=${SEED})`, async () => {
  const folder = await writeOnnx()
  const whole = fs.readFileSync(path.join(folder, 'text_encoder/model.onnx'))
  const file = path.join(folder, 'changed.onnx')
  let state = SEED
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state % below
  }
  for (let i = 0; i < 1000; i++) {
    const bytes = Buffer.from(whole.subarray(0, random(4) === 0 ? random(whole.length) : whole.length))
    for (let n = random(8); n > 0 && bytes.length > 0; n--) bytes[random(bytes.length)] = random(256)
    fs.writeFileSync(file, bytes)
    const outcome = await readOnnxFile(file).catch((error: unknown) => error)
    if (outcome instanceof Error) expect(outcome).toBeInstanceOf(InlayError)
  }
})
