/** `inlay models inspect --lora` as a person runs it. */
import path from 'node:path'
import { expect, test } from 'vitest'
import { GOLDEN } from '../../support/checkpoints.ts'
import { inlay } from '../../support/inlay-command.ts'

const lora = (name: string) => path.join(GOLDEN, 'lora', `${name}.safetensors`)

test('says how many layers of each file a model has, and names those it lacks', async () => {
  const found = await inlay(
    'models',
    'inspect',
    path.join(GOLDEN, 'text_sd1'),
    '--lora',
    lora('kohya'),
    lora('peft'),
  )
  expect(found.status).toBe(0)
  expect(found.stdout.trimEnd().split('\n').slice(-2)).toEqual([
    'lora        kohya.safetensors, 18 of 90 layers',
    'lora        peft.safetensors, 12 of 93 layers',
  ])
  expect(found.stderr).toMatch(
    /kohya\.safetensors adapts 90 layers, of which this model lacks 72: \w+, \w+, \w+ and 69 more\./,
  )
  const { stdout } = await inlay(
    'models',
    'inspect',
    path.join(GOLDEN, 'unet_sd1'),
    '--json',
    '--lora',
    lora('kohya'),
  )
  expect(JSON.parse(stdout)).toMatchObject({ loras: [{ file: lora('kohya'), layers: 90, fitting: 72 }] })
  const plain = await inlay('models', 'inspect', path.join(GOLDEN, 'unet_sd1'), '--json')
  expect(JSON.parse(plain.stdout)).not.toHaveProperty('loras')
})

test('a file for another family, one that is none and one that is not there are refused', async () => {
  const refused = async (model: string, file: string) =>
    (await inlay('models', 'inspect', path.join(GOLDEN, model), '--lora', file)).stderr
  expect(await refused('unet_sdxl', lora('kohya'))).toMatch(
    /another family of models.*\n\(model\.unsupported\)/,
  )
  expect(await refused('vae_sd', lora('kohya'))).toMatch(
    /is for another family of models: this one has none of its layers/,
  )
  const weights = path.join(GOLDEN, 'vae_sd', 'diffusion_pytorch_model.safetensors')
  expect(await refused('unet_sd1', weights)).toMatch(/is no LoRA file that Inlay knows: it has a key/)
  expect(await refused('unet_sd1', lora('gone'))).toMatch(/\(file\.missing\)/)
})
