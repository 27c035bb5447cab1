/**
 * A whole inpainting from the command line: a full-size Stable Diffusion 1.5 for inpainting (nine channels) with the published
 * asymmetric decoder x-2, at 512 x 512 on the CPU, against diffusers with the same files.
 *
 * Weights are random, float16, in a temporary folder. Each program runs once, in a process of its own that says at its end
 * what it took: by the clock from its start, the processor's time, and its highest memory.
 *
 * `npm run bench -- generate [--steps 2] [--against python]`
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { makeCheckpoint, makePicture } from './checkpoint.ts'
import { checkResult, runDiffusers, runInlay, type Taken } from './programs.ts'

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { steps: { type: 'string', default: '2' }, against: { type: 'string' } },
  })
  const steps = Number(values.steps)
  if (!(steps >= 1) || (values.against ?? 'python') !== 'python')
    throw new Error('--steps takes a number, --against takes python.')
  const folder = mkdtempSync(path.join(tmpdir(), 'inlay-generate-'))
  try {
    const job = { model: makeCheckpoint(path.join(folder, 'model')), ...(await makePicture(folder)), steps }
    console.log(`inlay inpaint, 512 x 512, ${steps} steps, ${availableParallelism()} threads`)
    const own = await runInlay(job, path.join(folder, 'out.png'))
    print('Inlay', own)
    console.log(`  ${await checkResult(job, path.join(folder, 'out.png'))}`)
    const peer = values.against === undefined ? null : await runDiffusers(job, folder)
    if (!peer) return
    print('diffusers', peer)
    const ratio = (of: (taken: Taken) => number) => (of(peer) / of(own)).toFixed(2)
    console.log(
      `  diffusers takes ${ratio((one) => one.busy)} times the processor's time, ${ratio((one) => one.seconds)} times by the clock, ${ratio((one) => one.megabytes)} times the memory`,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function print(name: string, { seconds, busy, megabytes, parts }: Taken): void {
  console.log(
    `  ${name.padEnd(10)} ${seconds.toFixed(1)} s by the clock, ${busy.toFixed(1)} s of the processor, ${megabytes.toFixed(0)} MB at the highest; ${parts}`,
  )
}
