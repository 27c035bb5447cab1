/** Files whose headers are sound and whose tensors are not those of any network: refused in one sentence, or whole after all. */
import fs from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openCheckpoint } from '../../../src/main/engine/models/checkpoint/open.ts'
import { InlayError } from '../../../src/shared/errors.ts'
import { GOLDEN, published, writeWeights } from '../../support/checkpoints.ts'
import { temporaryFolder } from '../../support/project-folder.ts'
import { shapesIn } from '../../support/spoilt-checkpoints.ts'

type Shapes = Readonly<Record<string, readonly number[]>>

const SEED = Number(process.env['INLAY_SEED'] ?? Date.now() % 2 ** 31)
const RUNS = Number(process.env['INLAY_RUNS'] ?? 300)

/** A TAESD half as it is published, and networks of all kinds in the names of both worlds. */
const SOURCES: readonly Shapes[] = [
  ...['sd1_inpaint', 'sd2', 'sdxl'].map((name) =>
    shapesIn(path.join(GOLDEN, 'checkpoints', name, 'model.safetensors')),
  ),
  ...['unet_sdxl', 'vae_sd', 'asym_x_2', 'tiny_vae'].map((name) =>
    shapesIn(path.join(GOLDEN, name, 'diffusion_pytorch_model.safetensors')),
  ),
  shapesIn(path.join(GOLDEN, 'text_sdxl_2', 'model.safetensors')),
  Object.fromEntries(
    Object.entries(published('taesd').tensors).flatMap(([name, shape]) =>
      name.startsWith('encoder') ? [[name.replace('encoder.layers.', ''), shape]] : [],
    ),
  ),
]

const dimension = fc.oneof(fc.nat(9), fc.constantFrom(32, 77, 320))
interface Edit {
  readonly kind: 'delete' | 'rename' | 'reshape' | 'move' | 'keep-some'
  readonly at: number
  readonly to: number
  readonly shape: readonly number[]
}
const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom(
    'delete' as const,
    'rename' as const,
    'reshape' as const,
    'move' as const,
    'keep-some' as const,
  ),
  at: fc.nat(),
  to: fc.nat(),
  shape: fc.array(dimension, { maxLength: 4 }),
})

function edited(source: Shapes, edits: readonly Edit[]): Shapes {
  let entries = Object.entries(source)
  for (const { kind, at, to, shape } of edits) {
    const i = at % Math.max(1, entries.length)
    const [name, own] = entries[i] ?? ['x', [1]]
    const other = entries[to % Math.max(1, entries.length)]?.[0] ?? 'y'
    if (kind === 'delete') entries.splice(i, 1)
    else if (kind === 'rename') entries[i] = [`${other}.${to % 9}`, own]
    else if (kind === 'reshape') entries[i] = [name, shape]
    else if (kind === 'move') entries[i] = [name.replace(/\d+/, String(to % 20)), own]
    else entries = entries.filter(([, kept]) => kept.length > to % 3)
  }
  return Object.fromEntries(entries)
}

test(`${RUNS} files with tensors gone, renamed and reshaped at random (INLAY_SEED=${SEED})`, async () => {
  const file = path.join(temporaryFolder(), 'model.safetensors')
  const tally = { opened: 0, refused: 0 }
  await fc.assert(
    fc.asyncProperty(fc.nat(SOURCES.length - 1), fc.array(edit, { maxLength: 4 }), async (which, edits) => {
      fs.rmSync(file, { force: true })
      writeWeights(file, edited(SOURCES[which]!, edits))
      const outcome = await openCheckpoint(file).catch((error: unknown) => error)
      if (outcome instanceof Error) {
        expect(outcome).toBeInstanceOf(InlayError)
        expect(outcome.message).not.toMatch(/undefined|NaN|\[object|\n/)
        tally.refused++
      } else tally.opened++
    }),
    { seed: SEED, numRuns: RUNS },
  )
  // Both ends are met, or the edits would prove nothing.
  expect(tally.opened).toBeGreaterThan(RUNS / 50)
  expect(tally.refused).toBeGreaterThan(RUNS / 10)
})
