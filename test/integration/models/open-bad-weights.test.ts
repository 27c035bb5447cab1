/** Weights that cannot be opened: each ends in one error that names the file and says why. */
import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { openCheckpoint } from '../../../src/main/engine/models/checkpoint/open.ts'
import { GOLDEN, published, writeTinyPipeline, writeWeights } from '../../support/checkpoints.ts'
import { temporaryFolder } from '../../support/project-folder.ts'
import {
  beginWith,
  both,
  copyFrom,
  cutTo,
  expectRefused,
  linkTo,
  pipe,
  remove,
  type SpoiltCase,
  shapes,
  shapesIn,
  shards,
  write,
} from '../../support/spoilt-checkpoints.ts'

const UNET = 'unet/diffusion_pytorch_model.safetensors'
const VAE = 'vae/diffusion_pytorch_model.safetensors'
const SHARD = 'diffusion_pytorch_model-00001-of-00002.safetensors'
const PICKLE = Uint8Array.of(0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46)
const OTHER = path.join(GOLDEN, 'text_sd1/model.safetensors')
const shardOf = (tensors: Readonly<Record<string, readonly number[]>>) => (folder: string) =>
  writeWeights(path.join(folder, 'vae', SHARD), tensors)

const CASES: readonly SpoiltCase[] = [
  [
    'cut short',
    cutTo(UNET, 200_000),
    'model.unreadable',
    /unet\/diffusion_pytorch_model\.safetensors.*outside the file/,
  ],
  ['without a header', cutTo(UNET, 3), 'model.unreadable', /unet.*too short/],
  ['empty', cutTo(VAE, 0), 'model.unreadable', /vae.*too short/],
  ['a zip under another name', beginWith(UNET, 'PK\u0003\u0004'), 'model.unreadable', /unet.*zip/],
  ['a pickle under another name', beginWith(UNET, PICKLE), 'model.unreadable', /unet.*pickle/],
  ['a pointer to a file', beginWith(UNET, 'version https://git-lfs'), 'model.unreadable', /unet.*LFS/],
  ['a web page', beginWith(UNET, '<!doctype html>'), 'model.unreadable', /unet.*web page/],
  ['none', remove(VAE), 'model.incomplete', /vae has no weights/],
  [
    'a pickle',
    both(remove(VAE), write('vae/model.bin', PICKLE)),
    'model.unsupported',
    /vae\/model\.bin is a pickle.*\.safetensors/,
  ],
  ['a folder', both(remove(VAE), write(`${VAE}/x`, '')), 'model.unreadable', /vae.*is not a file/],
  ['a link to a device', linkTo('/dev/zero', VAE), 'model.unreadable', /vae.*is not a file/],
  ['a named pipe', pipe(VAE), 'model.unreadable', /vae.*is not a file/],
  [
    'a link to a file that is none',
    linkTo('/etc/passwd', VAE),
    'model.unreadable',
    /vae\/diffusion_pytorch_model/,
  ],
  [
    'a link to nothing',
    linkTo('/nowhere', VAE),
    'model.incomplete',
    /vae\/diffusion_pytorch_model.*not there/,
  ],
  ['whole numbers', shapes(UNET, {}, 'I64'), 'model.unreadable', /unet.*whole numbers \(I64\)/],
  ['8-bit floats', shapes(UNET, {}, 'F8_E4M3'), 'model.unsupported', /unet.*F8_E4M3.*float16/],
  [
    'a tensor gone',
    shapes(UNET, { 'mid_block.resnets.1.conv2.bias': null }),
    'model.incomplete',
    /unet lacks the tensor mid_block\.resnets\.1\.conv2\.bias/,
  ],
  [
    'a tensor of another shape',
    shapes(VAE, { 'decoder.conv_out.bias': [4] }),
    'model.unreadable',
    /vae the tensor decoder\.conv_out\.bias is 4 where.*asks for 3/,
  ],
  [
    'a tensor too many',
    shapes(UNET, { 'down_blocks.0.motion.weight': [4] }),
    'model.unsupported',
    /unet holds 1 tensors.*down_blocks\.0\.motion/,
  ],
  [
    'half a VAE',
    (folder) =>
      shapes(
        VAE,
        Object.fromEntries(
          Object.keys(shapesIn(path.join(folder, VAE)))
            .filter((name) => name.startsWith('encoder'))
            .map((name) => [name, null]),
        ),
      )(folder),
    'model.incomplete',
    /vae lacks the tensor encoder/,
  ],
  [
    'those of another network',
    copyFrom(OTHER, VAE),
    'model.unreadable',
    /vae.*another network \(clip-text\)/,
  ],
  [
    'those of no network',
    (folder) => writeWeights(path.join(folder, VAE), { a: [3] }),
    'model.incomplete',
    /vae lacks the tensor/,
  ],
  [
    'shards that climb out',
    shards({ a: `../${UNET}` }),
    'model.unreadable',
    /index\.json.*\.\..*none of its folder/,
  ],
  ['shards at absolute places', shards({ a: OTHER }), 'model.unreadable', /index\.json.*none of its folder/],
  [
    'shards at Windows places',
    shards({ a: 'C:\\m.safetensors' }),
    'model.unreadable',
    /index\.json.*none of its folder/,
  ],
  ['shards without names', shards({ a: 3 }), 'model.unreadable', /index\.json.*none of its folder/],
  ['no shards', shards({}), 'model.unreadable', /index\.json.*lists no tensors/],
  ['a shard gone', shards({ a: SHARD }), 'model.incomplete', /00001-of-00002\.safetensors is missing/],
  [
    'a shard that lacks a tensor',
    both(shards({ a: SHARD, b: SHARD }), shardOf({ a: [1] })),
    'model.incomplete',
    /00001-of-00002\.safetensors lacks b/,
  ],
  [
    'a shard with a tensor too many',
    both(shards({ a: SHARD }), shardOf({ a: [1], b: [1] })),
    'model.unreadable',
    /index\.json.*holds b/,
  ],
]

test.each(CASES)('weights: %s', async (_name, spoil, code, message) => {
  const folder = writeTinyPipeline(temporaryFolder())
  spoil(folder)
  await expectRefused(folder, code, message)
})

test('the pipeline that those are made from is whole', async () => {
  const found = await openCheckpoint(writeTinyPipeline(temporaryFolder()))
  expect(found).toMatchObject({ family: 'sd1', task: 'inpaint', predictionType: 'epsilon', missing: [] })
  expect(found.notices).toEqual([expect.stringContaining('no scheduler_config.json')])
  expect(found.tokenizers).toEqual([{ role: 'tokenizer', folder: null, pad: null }])
})

test('a variant that is damaged gives way to one that is whole, and that is said', async () => {
  const folder = writeTinyPipeline(temporaryFolder())
  const half = 'diffusion_pytorch_model.fp16.safetensors'
  both(copyFrom(path.join(GOLDEN, 'vae_sd', half), `vae/${half}`), cutTo(VAE, 100_000))(folder)
  const { notices, components } = await openCheckpoint(folder)
  expect(notices.join()).toMatch(
    /vae\/diffusion_pytorch_model\.fp16\.safetensors is used.*not whole.*cut short/,
  )
  expect(components).toHaveLength(3)
})

test('shards are one network, also in the folders of a hub, where every file is a link', async () => {
  const root = temporaryFolder()
  const repository = path.join(root, 'models--owner--tiny')
  const snapshot = path.join(repository, 'snapshots', '0123456789'.repeat(4))
  const pipeline = writeTinyPipeline(temporaryFolder())
  const names = Object.entries(shapesIn(path.join(pipeline, VAE)))
  const map: Record<string, string> = {}
  for (const [i, own] of [names.slice(0, 100), names.slice(100)].entries()) {
    const file = `diffusion_pytorch_model-0000${i + 1}-of-00002.safetensors`
    writeWeights(path.join(pipeline, 'vae', file), Object.fromEntries(own))
    for (const [name] of own) map[name] = file
  }
  shards(map)(pipeline)
  fs.mkdirSync(path.join(repository, 'blobs'), { recursive: true })
  const entries = fs.readdirSync(pipeline, { recursive: true, withFileTypes: true })
  for (const [i, entry] of entries.filter((one) => one.isFile()).entries()) {
    const from = path.join(entry.parentPath, entry.name)
    const link = path.join(snapshot, path.relative(pipeline, from))
    const blob = path.join(repository, 'blobs', `${i}`)
    fs.mkdirSync(path.dirname(link), { recursive: true })
    fs.renameSync(from, blob)
    fs.symlinkSync(path.relative(path.dirname(link), blob), link)
  }
  for (const place of [snapshot, repository]) {
    const { components, missing } = await openCheckpoint(place)
    expect(missing).toEqual([])
    const [, vae] = components
    const found = vae?.architecture === 'autoencoder' ? [...vae.tensors.keys()] : []
    expect(found.sort()).toEqual(names.map(([name]) => name).sort())
  }
})

test.each([
  ['model.diffusion_model.time_embed.0.weight', 'time_embedding.linear_1.weight'],
  ['model.diffusion_model.input_blocks.0.0.weight', 'conv_in.weight'],
  ['model.diffusion_model.output_blocks.11.1.proj_out.bias', 'up_blocks.3.attentions.2.proj_out.bias'],
  ['first_stage_model.decoder.conv_in.weight', 'decoder.conv_in.weight'],
  ['first_stage_model.encoder.down.0.block.0.conv1.weight', 'encoder.down_blocks.0.resnets.0.conv1.weight'],
  ['cond_stage_model.transformer.text_model.embeddings.token_embedding.weight', 'token_embedding.weight'],
  ['cond_stage_model.transformer.text_model.encoder.layers.7.mlp.fc2.bias', 'layers.7.mlp.fc2.bias'],
])('a single file without %s', async (name, said) => {
  const file = path.join(temporaryFolder(), 'sd15.safetensors')
  const { [name]: gone, ...rest } = published('ldm-sd15-inpainting').tensors
  expect(gone).toBeDefined()
  writeWeights(file, rest)
  await expectRefused(file, 'model.incomplete', new RegExp(`sd15\\.safetensors lacks the tensor .*${said}`))
})
