/** Configurations and places that cannot be opened: each ends in one error that names the file and says why, in no time. */
import fs from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openCheckpoint } from '../../../src/main/engine/models/checkpoint/open.ts'
import { InlayError } from '../../../src/shared/errors.ts'
import { editJson, GOLDEN, published, writeTinyPipeline, writeWeights } from '../../support/checkpoints.ts'
import { temporaryFolder } from '../../support/project-folder.ts'
import {
  both,
  copyFrom,
  cutTo,
  expectRefused,
  pipe,
  remove,
  type SpoiltCase,
  setting,
  shapes,
  write,
} from '../../support/spoilt-checkpoints.ts'

const INDEX = 'model_index.json'
const [UNET, VAE, TEXT] = ['unet/config.json', 'vae/config.json', 'text_encoder/config.json']
const SCHEDULER = 'scheduler/scheduler_config.json'
const FLUX = {
  unet: undefined,
  transformer: ['diffusers', 'FluxTransformer2DModel'],
  _class_name: 'FluxPipeline',
}
const WEIGHTS = 'unet/diffusion_pytorch_model.safetensors'

const CASES: readonly SpoiltCase[] = [
  ['no index', remove(INDEX), 'model.incomplete', /lacks model_index\.json/],
  [
    'an index that is no JSON',
    write(INDEX, '{"unet": '),
    'model.unreadable',
    /model_index\.json.*no sound JSON/,
  ],
  ['an index that is a list', write(INDEX, '[1]'), 'model.unreadable', /model_index\.json.*no JSON object/],
  ['an index that is null', write(INDEX, 'null'), 'model.unreadable', /model_index\.json.*no JSON object/],
  [
    'an index of another kind of model',
    setting(INDEX, FLUX),
    'model.unsupported',
    /FluxPipeline.*Stable Diffusion/,
  ],
  [
    'a class Inlay has not',
    setting(INDEX, { text_encoder: ['transformers', 'T5EncoderModel'] }),
    'model.unsupported',
    /T5EncoderModel as text_encoder/,
  ],
  [
    'a class in the wrong place',
    setting(INDEX, { vae: ['diffusers', 'UNet2DConditionModel'] }),
    'model.unsupported',
    /UNet2DConditionModel as vae/,
  ],
  ['two components gone', remove('vae', 'unet'), 'model.incomplete', /lacks.*unet.*vae/],
  [
    'a file where a component is a folder',
    both(remove('vae'), write('vae', 'x')),
    'model.incomplete',
    /vae\/config\.json is missing/,
  ],
  ['no configuration', remove(VAE), 'model.incomplete', /vae\/config\.json is missing/],
  ['a named pipe', pipe(VAE), 'model.unreadable', /vae\/config\.json.*is not a file/],
  ['bytes', write(VAE, Uint8Array.of(0xff, 0xfe, 0)), 'model.unreadable', /vae\/config\.json.*UTF-8/],
  ['2 GB', cutTo(VAE, 2 ** 31), 'model.unreadable', /vae\/config\.json.*2147483648 bytes/],
  [
    'nested without end',
    write(VAE, `{"a":${'['.repeat(1e6)}`),
    'model.unreadable',
    /vae\/config\.json.*nested too deeply/,
  ],
  [
    'the same name twice',
    write(VAE, '{"a": 1, "a": 2}'),
    'model.unreadable',
    /vae\/config\.json.*stands there twice/,
  ],
  [
    'another class',
    setting(VAE, { _class_name: 'VQModel' }),
    'model.unsupported',
    /vae\/config\.json describes VQModel/,
  ],
  [
    'a million channels',
    setting(UNET, { block_out_channels: [1e6, 1e6, 1e6, 1e6] }),
    'model.unsupported',
    /unet.*block_out_channels/,
  ],
  [
    'a million blocks',
    setting(UNET, { layers_per_block: 1e6 }),
    'model.unsupported',
    /unet.*layers_per_block/,
  ],
  [
    'a thousand blocks',
    setting(UNET, { layers_per_block: 1000 }),
    'model.incomplete',
    /unet lacks the tensor down_blocks\.0\.resnets\.2/,
  ],
  [
    'a million levels',
    setting(VAE, { block_out_channels: Array(1e6).fill(4) }),
    'model.unsupported',
    /vae.*block_out_channels/,
  ],
  [
    'a million text layers',
    setting(TEXT, { num_hidden_layers: 1e6 }),
    'model.unsupported',
    /text_encoder.*num_hidden_layers/,
  ],
  ['negative channels', setting(UNET, { in_channels: -4 }), 'model.unsupported', /unet.*in_channels/],
  ['a fraction of a channel', setting(UNET, { in_channels: 8.5 }), 'model.unsupported', /unet.*in_channels/],
  [
    'a text for a number',
    setting(VAE, { latent_channels: '4' }),
    'model.unsupported',
    /vae.*latent_channels/,
  ],
  [
    'a denoiser for depth',
    both(setting(UNET, { in_channels: 5 }), shapes(WEIGHTS, { 'conv_in.weight': [8, 5, 3, 3] })),
    'model.unsupported',
    /unet takes 5 channels/,
  ],
  [
    'text that does not fit',
    copyFrom(path.join(GOLDEN, 'text_sd2'), 'text_encoder'),
    'model.unreadable',
    /do not fit together.*24 wide.*32/,
  ],
  [
    'latents that do not fit',
    both(remove('vae'), copyFrom(path.join(GOLDEN, 'vae_bare'), 'vae')),
    'model.unreadable',
    /do not fit together.*8 wide.*4/,
  ],
  [
    'a prediction nobody knows',
    write(SCHEDULER, '{"prediction_type": "sample"}'),
    'model.unsupported',
    /scheduler_config\.json says prediction_type "sample"/,
  ],
  [
    'a schedule for other models',
    write(SCHEDULER, '{"_class_name": "FlowMatchEulerDiscreteScheduler"}'),
    'model.unsupported',
    /FlowMatchEuler/,
  ],
]

test.each(CASES)('configuration: %s', async (_name, spoil, code, message) => {
  const folder = writeTinyPipeline(temporaryFolder())
  spoil(folder)
  await expectRefused(folder, code, message)
})

test('places that hold no one model say what can be named', async () => {
  const folder = temporaryFolder()
  await expectRefused(folder, 'model.unreadable', /holds no model/)
  await expectRefused(path.join(folder, 'none'), 'file.missing', /There is no .*none/)
  for (const name of ['a', 'b'])
    writeWeights(path.join(folder, `${name}.safetensors`), published('sd-vae').tensors)
  await expectRefused(
    folder,
    'model.unsupported',
    /several models; name one of them: a\.safetensors, b\.safetensors/,
  )
  const pickles = temporaryFolder()
  for (const name of ['model.ckpt', 'model.pt', 'model.bin', 'model.pth']) {
    fs.writeFileSync(path.join(pickles, name), Uint8Array.of(0x80, 2))
    await expectRefused(path.join(pickles, name), 'model.unsupported', /is a pickle.*\.safetensors/)
  }
  await expectRefused(pickles, 'model.unsupported', /is a pickle/)
  for (const name of ['kohya', 'peft'])
    await expectRefused(path.join(GOLDEN, 'lora', `${name}.safetensors`), 'model.unsupported', /is a LoRA/)
  const control = path.join(temporaryFolder(), 'control.safetensors')
  const hint = { 'controlnet_cond_embedding.conv_in.weight': [16, 3, 3, 3] }
  writeWeights(control, { ...published('sd15-unet').tensors, ...hint })
  await expectRefused(control, 'model.unsupported', /is a ControlNet/)
  const refiner = path.join(temporaryFolder(), 'refiner.safetensors')
  const text = { 'conditioner.embedders.0.model.token_embedding.weight': [49408, 1280] }
  writeWeights(refiner, { 'model.diffusion_model.input_blocks.0.0.weight': [384, 4, 3, 3], ...text })
  await expectRefused(refiner, 'model.unsupported', /is SDXL's refiner/)
  await expectRefused(path.join(GOLDEN, 'text_sd1/config.json'), 'model.unreadable', /config\.json/)
  fs.writeFileSync(path.join(folder, 'model.onnx'), 'x')
  await expectRefused(path.join(folder, 'model.onnx'), 'model.unsupported', /name the folder/)
})

test('of several revisions in a hub cache, the one that its branch names', async () => {
  const cache = path.join(temporaryFolder(), 'models--owner--tiny')
  for (const revision of ['aaaa', 'bbbb']) writeTinyPipeline(path.join(cache, 'snapshots', revision))
  setting('snapshots/aaaa/unet/config.json', { in_channels: 8.5 })(cache)
  await expectRefused(cache, 'model.unsupported', /several revisions.*snapshots\/aaaa, snapshots\/bbbb/)
  write('refs/main', 'bbbb\n')(cache)
  expect((await openCheckpoint(cache)).components[0]?.source).toBe(path.join(cache, 'snapshots/bbbb/unet'))
})

const SEED = Number(process.env['INLAY_SEED'] ?? Date.now() % 2 ** 31)

test(`files changed at random are refused in one sentence, or open (INLAY_SEED=${SEED})`, async () => {
  const folder = writeTinyPipeline(temporaryFolder())
  const files = [INDEX, UNET, VAE, TEXT].map((name) => {
    const file = path.join(folder, name)
    return [file, JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, unknown>] as const
  })
  const change = fc.record({
    which: fc.nat(files.length - 1),
    key: fc.nat(),
    value: fc.jsonValue({ maxDepth: 2 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
      for (const [file, json] of files) fs.writeFileSync(file, JSON.stringify(json))
      for (const { which, key, value } of changes) {
        const [file, json] = files[which]!
        const names = Object.keys(json)
        editJson(file, (own) => Object.assign(own, { [names[key % names.length]!]: value }))
      }
      const outcome = await openCheckpoint(folder).catch((error: unknown) => error)
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(InlayError)
    }),
    { seed: SEED, numRuns: 60 },
  )
})
