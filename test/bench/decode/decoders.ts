/** The asymmetric decoder against the plain one, and decoding around the hole against decoding everything, at 512 x 512. */
import {
  decodeAsymmetric,
  decodePlain,
  decodeRegion,
  encode,
  framed,
} from '../../../src/main/engine/inference/asymmetric-decode.ts'
import { insideHole } from '../../../src/main/engine/inference/evaluate/arms/region.ts'
import { placed, planesOf, unit } from '../../../src/main/engine/inference/evaluate/pictures.ts'
import { Session } from '../../../src/main/engine/inference/session.ts'
import { type Component, componentGraph, type Part } from '../../../src/main/engine/models/index.ts'
import { type BenchModel, middle, NAMES, SIDE, squareHole } from './model.ts'
import { least, type Seconds, shown, timed } from './timing.ts'

const COVERAGES = [0.05, 0.15, 0.4]
const MARGINS = [0, 1, 2, 3, 4, 6]
const RUNS = 4
/** Times the plain decode. */
const MOST_TIMES = 2.5
/** Of 255, on average. */
const MOST_DIFFERENCE = 1

export async function benchDecoders(model: BenchModel, threads: number): Promise<void> {
  const open = (component: Component, part: Part) =>
    Session.open(componentGraph(component, part, { region: true }), { threads })
  const encoder = await open(model.autoencoder, 'encoder')
  const plain = await open(model.autoencoder, 'decoder')
  const asymmetric = await open(model.asymmetricDecoder, 'conditioned-decoder')
  try {
    const size = { width: SIDE, height: SIDE }
    const pictures = []
    for (const name of NAMES) {
      const truth = unit(await middle(name))
      const frame = framed(planesOf(truth, size))
      pictures.push({ truth, frame, latents: await encode(encoder, frame) })
    }
    const { frame, latents } = pictures[0]!
    const times = { plain: [] as Seconds[], whole: [] as Seconds[] }
    for (let run = 0; run < RUNS; run++) {
      times.plain.push((await timed(threads, () => decodePlain(plain, frame, latents)))[1])
      const whole = () => decodeAsymmetric(asymmetric, frame, latents, squareHole(0.15))
      times.whole.push((await timed(threads, whole))[1])
    }
    const [one, other] = [least(times.plain), least(times.whole)]
    const ratio = other.busy / one.busy
    console.log(`\nDecoding 512 x 512 on the CPU, ${threads} threads: processor time divided by the threads`)
    console.log(`  plain ${shown(one)}, asymmetric ${shown(other)}: ${ratio.toFixed(2)} times`)
    console.log(`  limit ${MOST_TIMES} times: ${ratio < MOST_TIMES ? 'PASS' : 'OVER'}`)

    console.log(
      `\nDecoding around the hole: mean (largest) |part - whole| inside the hole in 1/255 over ${NAMES.length} photographs; time of the whole`,
    )
    console.log(`  ${['cells', ...COVERAGES.map((c) => `${100 * c} % hole`)].join('\t')}`)
    const rows = new Map(MARGINS.map((margin) => [margin, [] as string[]]))
    for (const coverage of COVERAGES) {
      const hole = squareHole(coverage)
      const wholes: Float32Array[] = []
      for (const { truth, frame, latents } of pictures)
        wholes.push(placed(truth, await decodeAsymmetric(asymmetric, frame, latents, hole), size))
      for (const margin of MARGINS) {
        const found: ReturnType<typeof insideHole>[] = []
        const parts: Seconds[] = []
        for (const [i, { truth, frame, latents }] of pictures.entries()) {
          const region = decodeRegion(hole, frame, margin)
          const part = () => decodeAsymmetric(asymmetric, frame, latents, hole, region)
          const [decoded, seconds] = await timed(threads, part)
          parts.push(seconds)
          found.push(insideHole(placed(truth, decoded, size), wholes[i]!, hole))
        }
        const mean = found.reduce((sum, one) => sum + one.mean, 0) / found.length
        const largest = Math.max(...found.map((one) => one.largest))
        const share = Math.round((100 * least(parts).busy) / other.busy)
        const verdict = mean < MOST_DIFFERENCE ? '' : ' OVER'
        rows.get(margin)!.push(`${mean.toFixed(4)} (${largest.toFixed(1)})${verdict}, ${share} %`)
      }
    }
    for (const [margin, cells] of rows) console.log(`  ${[margin, ...cells].join('\t')}`)
    if (model.drawn.includes('decoder'))
      console.log('  The decoder has no trained weights here: times count, differences say nothing.')
  } finally {
    for (const session of [encoder, plain, asymmetric]) await session.release()
  }
}
