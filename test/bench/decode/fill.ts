/** A whole fill by the built-in model as a document asks for it: loading, eight steps, decoding, measuring. */
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { createGenerator } from '../../../src/main/engine/inference/generate/generator.ts'
import { DEFAULT_GENERATION } from '../../../src/shared/generation.ts'
import { type BenchModel, middle, SIDE, squareHole } from './model.ts'
import { shown, timed } from './timing.ts'

const STEPS = 8
const MOST_SECONDS = 10
const TOKENIZER = fileURLToPath(new URL('../../../assets/clip-tokenizer', import.meta.url))

export async function benchFill(model: BenchModel, threads: number, scratch: string): Promise<void> {
  const generator = createGenerator({
    dataFolder: path.join(scratch, 'data'),
    builtInFolder: model.folder,
    tokenizerFolder: TOKENIZER,
    threads,
  })
  const rgb = await middle('kitten-on-lawn')
  console.log(`\nA built-in fill of 512 x 512 in ${STEPS} steps: processor time divided by the threads`)
  try {
    for (const [name, coverage] of [
      ['15 % hole, with loading', 0.15],
      ['15 % hole', 0.15],
      ['40 % hole', 0.4],
    ] as const) {
      const request = { ...DEFAULT_GENERATION, decoder: 'asymmetric', steps: STEPS } as const
      const [, seconds] = await timed(threads, () =>
        generator.generate({
          request,
          candidate: 0,
          place: null,
          size: { width: SIDE, height: SIDE },
          rgb,
          mask: squareHole(coverage),
          alsoPlain: false,
        }),
      )
      const verdict = seconds.busy < MOST_SECONDS ? 'PASS' : 'OVER'
      console.log(`  ${name}: ${shown(seconds)}, limit ${MOST_SECONDS} s: ${verdict}`)
    }
    if (model.drawn.length > 0) console.log(`  Without trained weights: ${model.drawn.join(', ')}.`)
  } finally {
    await generator.close()
  }
}
