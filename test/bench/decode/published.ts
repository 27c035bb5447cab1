/**
 * The published large decoders with random weights: everything at 512 x 512 against a part of 256 x 256.
 *
 * Only time and memory can be measured so; how much a part differs from the whole depends on the weights.
 */
import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { CaseResult } from '../inference/case-child.ts'
import { cases } from '../inference/cases.ts'
import { runChild } from '../inference/children.ts'
import { writeRandom } from '../inference/random-weights.ts'

const PART = { latents: [1, 4, 32, 32], image: [1, 3, 256, 256], mask: [1, 1, 256, 256] }

export function benchPublished(names: readonly string[], threads: number, scratch: string): void {
  console.log(
    `\nPublished decoders, random weights, ${threads} threads: processor time divided by the threads, and the highest memory`,
  )
  for (const { name, what, tensors, type, role, architecture, config, part, inputs } of cases()) {
    if (!names.includes(name)) continue
    const file = path.join(scratch, 'weights.safetensors')
    writeRandom(file, tensors, type, 1)
    const [small, whole] = [PART, inputs].map((given) => {
      const folder = path.join(scratch, 'profile')
      mkdirSync(folder)
      const order = {
        file,
        component: { role, architecture, config },
        part,
        inputs: given,
        runs: 0,
        threads,
        folder,
      }
      const result = runChild<CaseResult>('case-child', [JSON.stringify(order)])
      rmSync(folder, { recursive: true })
      return { busy: result.busy[0]!, clock: result.seconds[0]!, memory: result.runPeak }
    }) as [Measured, Measured]
    rmSync(file)
    const row = ({ busy, clock, memory }: Measured) =>
      `${busy.toFixed(1)} s (${clock.toFixed(1)} s by the clock), ${memory.toFixed(0)} MB`
    console.log(
      `  ${what}: whole ${row(whole)}; part ${row(small)}: ${Math.round((100 * small.busy) / whole.busy)} %`,
    )
  }
}

interface Measured {
  readonly busy: number
  readonly clock: number
  readonly memory: number
}
