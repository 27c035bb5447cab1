/** Runs through folders as Optimum writes them: the same pictures as from the checkpoints that they were exported from. */
import { afterAll, describe, expect, test } from 'vitest'
import type { Made } from '../../../src/main/engine/inference/pipelines/denoise.ts'
import { imageToImage } from '../../../src/main/engine/inference/pipelines/image-to-image.ts'
import { inpaint } from '../../../src/main/engine/inference/pipelines/inpaint.ts'
import { Networks } from '../../../src/main/engine/inference/pipelines/networks.ts'
import { textToImage } from '../../../src/main/engine/inference/pipelines/text-to-image.ts'
import { openCheckpoint } from '../../../src/main/engine/models/checkpoint/open.ts'
import type { Checkpoint } from '../../../src/main/engine/models/index.ts'
import { unpackedCheckpoint } from '../../support/packed-folders.ts'
import { TOKENIZER, tinyPicture, tinyRun, tinySessions, WORDS } from '../../support/tiny-runs.ts'

const sessions = tinySessions()
afterAll(() => sessions.close())

/** Latent sides are even, as an exported denoiser needs them. */
const SIZE = { width: 32, height: 48 }
const waves = tinyPicture((x, y, channel) => Math.sin(x / 3 + channel) * Math.cos(y / 4), SIZE)
const hole = Uint8Array.from({ length: 32 * 48 }, (_, i) => (i % 32 < 16 ? 0 : 255))

const open = (name: string) => openCheckpoint(unpackedCheckpoint(`onnx-folders/${name}`))
const run = (checkpoint: Checkpoint) => tinyRun(sessions, checkpoint, { steps: 4, scheduler: 'ddim' })

function expectNear(found: Made, expected: Made): void {
  for (const [a, b] of [
    [found.latents, expected.latents],
    [found.picture.data, expected.picture.data],
  ] as const) {
    expect(a).toHaveLength(b.length)
    expect(a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0)).toBeLessThan(1e-4)
  }
}

describe.each(['sd1', 'sdxl'])('an ONNX folder of %s', (kind) => {
  test('makes what the checkpoint makes, from words, from a picture and around a hole', async () => {
    const [plain, onnx] = await Promise.all([open(`${kind}/diffusers`), open(`${kind}/onnx`)])
    expect(onnx).toMatchObject({ layout: 'onnx', family: kind, missing: [], task: 'text-to-image' })
    const made = async (checkpoint: Checkpoint) => {
      // The older encoder gives latents without a posterior.
      const picture = { ...run(checkpoint), draws: still(run(checkpoint).draws) }
      return [
        await textToImage(run(checkpoint), { ...WORDS, size: SIZE }),
        await imageToImage(picture, { ...WORDS, picture: waves, strength: 0.6 }),
        await inpaint(picture, { ...WORDS, picture: waves, hole, strength: 1 }),
      ]
    }
    const [expected, found] = [await made(plain), await made(onnx)]
    for (const [i, one] of found.entries()) expectNear(one, expected[i]!)
    expect(found[0]!.picture).toMatchObject({ channels: 3, ...SIZE })
  })
})

/** Without noise on what is encoded. */
function still(draws: ReturnType<typeof run>['draws']): typeof draws {
  return {
    next: (purpose, count) => (purpose === 'picture' ? new Float32Array(count) : draws.next(purpose, count)),
  }
}

test('an earlier layer is read where the file gives it, and refused where it does not', async () => {
  const [plain, onnx, xl, xlOnnx] = await Promise.all(
    ['sd1/diffusers', 'sd1/onnx', 'sdxl/diffusers', 'sdxl/onnx'].map(open),
  )
  const skipped = (checkpoint: Checkpoint) =>
    run(checkpoint).networks.encodePrompts([{ text: 'a cat', clipSkip: 1 }])
  expect(await skipped(plain!)).toHaveLength(1)
  await expect(skipped(onnx!)).rejects.toMatchObject({
    code: 'model.unsupported',
    message: expect.stringMatching(/leave clip skip at 0/),
  })
  const [[expected], [found]] = [await skipped(xl!), await skipped(xlOnnx!)]
  const [a, b] = [found!.context.data as Float32Array, expected!.context.data as Float32Array]
  expect(a.every((value, i) => Math.abs(value - b[i]!) < 1e-4)).toBe(true)
})

test('where nothing opens files such a folder is refused in one sentence', async () => {
  const onnx = await open('sd1/onnx')
  const networks = new Networks(onnx, { open: (...wanted) => sessions.open(...wanted) }, TOKENIZER)
  await expect(textToImage({ ...run(onnx), networks }, { ...WORDS, size: SIZE })).rejects.toMatchObject({
    code: 'model.unsupported',
    message: expect.stringMatching(/ONNX folder/),
  })
})
