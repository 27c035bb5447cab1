/** What the recipes change and what they keep: soft masks, thin ones, and those inferred for edits that have none. */
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { grownToCells, latentMask } from '../../../src/main/engine/inference/latent-mask.ts'
import { imageToImage } from '../../../src/main/engine/inference/pipelines/image-to-image.ts'
import { type Inpaint, inpaint } from '../../../src/main/engine/inference/pipelines/inpaint.ts'
import { instruct } from '../../../src/main/engine/inference/pipelines/instruct.ts'
import { openCheckpoint } from '../../../src/main/engine/models/checkpoint/open.ts'
import type { Checkpoint } from '../../../src/main/engine/models/index.ts'
import {
  hole,
  PIPELINES,
  SIZE,
  tinyPicture,
  tinyRun,
  tinySessions,
  WORDS,
  waves,
} from '../../support/tiny-runs.ts'

const sessions = tinySessions()
afterAll(() => sessions.close())

const open = (kind: string) => openCheckpoint(path.join(PIPELINES, kind, 'model'))
const [plain, nine, instructed] = await Promise.all(
  ['sd1', 'sd1-inpaint-asymmetric', 'instruct-pix2pix'].map(open),
)

/** The same with the asymmetric decoder. */
function asymmetric(checkpoint: Checkpoint): Checkpoint {
  const others = checkpoint.components.filter(({ role }) => role !== 'vae')
  return { ...checkpoint, components: [...others, ...nine!.components.filter(({ role }) => role === 'vae')] }
}

const request: Inpaint = { ...WORDS, picture: waves, hole, strength: 1 }
/** Four columns and three rows of cells. */
const CELLS = 12
const everyCell = (latents: Float32Array, cell: number) => latents.filter((_, i) => i % CELLS === cell)

describe.each([
  ['four', plain!],
  ['nine', nine!],
])('a soft mask and a denoiser of %s channels', (_, checkpoint) => {
  const run = () => tinyRun(sessions, checkpoint, { steps: 4, scheduler: 'euler' })

  test.each([1, 0.5])(
    'with nothing soft in it makes what the hard one makes, at strength %d',
    async (strength) => {
      const ragged = hole.map((value, i) => (i % SIZE.width === 21 ? 0 : value))
      const soft = latentMask(grownToCells(ragged, SIZE, 8), SIZE, 8)
      const hard = await inpaint(run(), { ...request, hole: ragged, strength })
      expect(await inpaint(run(), { ...request, hole: ragged, strength, soft })).toEqual(hard)
    },
  )

  test('never changes a cell of 0, and releases the others in their order, each for good', async () => {
    const soft = Float32Array.from({ length: CELLS }, (_, cell) => [0, 0.25, 0.5, 1][cell % 4]!)
    const { networks, scheduler, draws } = run()
    const known = await networks.encode(waves, draws.next('picture', 4 * CELLS))
    const noise = draws.next('start', 4 * CELLS)
    const held: number[][] = []
    const { latents, mask } = await inpaint(
      {
        ...run(),
        onStep: ({ done, latents }) => {
          const noisy = scheduler.addNoise(known, noise, done)
          const same = (cell: number) => String(everyCell(latents, cell)) === String(everyCell(noisy, cell))
          held.push(Array.from({ length: CELLS }, (_, cell) => cell).filter(same))
        },
      },
      { ...request, soft },
    )
    const columns = (...wanted: number[]) =>
      Array.from({ length: CELLS }, (_, cell) => cell).filter((cell) => wanted.includes(cell % 4))
    // A share of 1/2 is two of four steps, and one of 1/4 the last.
    expect(held).toEqual([columns(0, 1, 2), columns(0, 1, 2), columns(0, 1), columns(0)])
    for (const cell of columns(0)) expect(everyCell(latents, cell)).toEqual(everyCell(known, cell))
    expect(mask).toEqual(hole.map((_, i) => (i % SIZE.width < 8 ? 0 : 255)))
  })
})

test('a thin hole changes the cells that it touches, and whole ones are shown to the decoder as new', async () => {
  const thin = hole.map((_, i) => (i % SIZE.width === 12 ? 255 : 0))
  const run = () => tinyRun(sessions, plain!, { scheduler: 'euler' })
  const known = await run().networks.encode(waves, run().draws.next('picture', 4 * CELLS))
  const { latents, mask } = await inpaint(run(), { ...request, hole: thin })
  for (let cell = 0; cell < CELLS; cell++)
    if (cell % 4 === 1) expect(everyCell(latents, cell)).not.toEqual(everyCell(known, cell))
    else expect(everyCell(latents, cell)).toEqual(everyCell(known, cell))
  expect(mask).toEqual(hole.map((_, i) => (i % SIZE.width >= 8 && i % SIZE.width < 16 ? 255 : 0)))
  const reference = await inpaint(run(), { ...request, hole: thin, cells: 'top-left' })
  expect(reference.latents).toEqual(known)
  expect(reference.mask).toEqual(thin)
})

describe('an edit without a mask', () => {
  test('has one inferred, outside of which an asymmetric decoder keeps to the picture', async () => {
    const size = { width: 64, height: 48 }
    const picture = tinyPicture(
      (x, y, channel) => (x < 32 ? 0.2 : Math.sin(x / 3 + channel)) * Math.cos(y / 4),
      size,
    )
    const run = tinyRun(sessions, asymmetric(plain!), { steps: 10, scheduler: 'ddim' })
    const { latents, picture: made, mask } = await imageToImage(run, { ...WORDS, picture, strength: 0.3 })
    const kept = mask!.filter((value) => value === 0).length
    expect(kept).toBeGreaterThan(500)
    expect(kept).toBeLessThan(2500)
    expect(made).toEqual(await run.networks.decode(latents, size, { picture, hole: mask! }))
    const unseen = await run.networks.decode(latents, size)
    const error = (data: Float32Array) =>
      data.reduce(
        (sum, value, i) => sum + (mask![i % mask!.length] ? 0 : Math.abs(value - picture.data[i]!)),
        0,
      )
    expect(error(made.data)).toBeLessThan(0.8 * error(unseen.data))
  })

  test('by an instruction has one as well', async () => {
    const run = tinyRun(sessions, asymmetric(instructed!), { steps: 4, scheduler: 'euler' })
    const { latents, picture, mask } = await instruct(run, { ...WORDS, picture: waves, pictureGuidance: 1.5 })
    // The tiny model keeps nothing of such a small picture.
    expect(mask).toEqual(new Uint8Array(SIZE.width * SIZE.height).fill(255))
    expect(picture).toEqual(await run.networks.decode(latents, SIZE))
  })

  test('by an instruction changes only the cells of a drawn mask', async () => {
    const run = () => tinyRun(sessions, instructed!, { steps: 4, scheduler: 'euler' })
    const asked = { ...WORDS, picture: waves, pictureGuidance: 1.5, hole }
    const { latents, mask } = await instruct(run(), asked)
    const known = run().networks.scaled(await run().networks.encodeMode(waves))
    for (let cell = 0; cell < CELLS; cell++)
      if (cell % 4 >= 2) expect(everyCell(latents, cell)).not.toEqual(everyCell(known, cell))
      else expect(everyCell(latents, cell)).toEqual(everyCell(known, cell))
    expect(mask).toEqual(hole)
  })
})
