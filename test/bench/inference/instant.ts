/** How long recognising and graphing a checkpoint for inpainting with a heavy decoder beside it takes, and what it writes. */
import { statSync } from 'node:fs'
import path from 'node:path'
import { published, writeComponent, writePipeline, writeWeights } from '../../support/checkpoints.ts'
import { runChild } from './children.ts'
import type { InstantResult } from './instant-child.ts'

const MOST_SECONDS = 2
const MOST_BYTES = 10e6

/** Their weights are holes in the disk: nobody reads them here. */
export function benchInstant(folder: string): void {
  const pipeline = writePipeline(path.join(folder, 'inpainting'), {
    unet: 'sd15-inpainting-unet',
    vae: 'sd-vae',
    text_encoder: 'clip-l-text',
  })
  const single = path.join(folder, 'sd15-inpainting.safetensors')
  const { tensors, ignored = {} } = published('ldm-sd15-inpainting')
  writeWeights(single, { ...tensors, ...ignored })
  const heavy = path.join(folder, 'x-2')
  writeComponent(heavy, 'asymmetric-vae-x-2', { type: 'F32' })
  console.log(
    '\nFrom files to graphs: SD 1.5 for inpainting (9 channels), with the asymmetric x-2 decoder beside it',
  )
  for (const [what, place] of [
    ['diffusers folder', pipeline],
    ['single file', single],
  ] as const) {
    const before = stateOf([single])
    const results = [1, 2, 3].map(() => runChild<InstantResult>('instant-child', [place, heavy]))
    const seconds = Math.min(...results.map((one) => one.seconds))
    const { graphs, graphBytes, written } = results[0]!
    const kept = seconds <= MOST_SECONDS && !(written > MOST_BYTES) && graphBytes <= MOST_BYTES
    console.log(
      `  ${what.padEnd(17)} ${seconds.toFixed(2)} s (limit ${MOST_SECONDS} s), ${graphs} graphs of ${(graphBytes / 1e6).toFixed(2)} MB, ` +
        `${(written / 1e6).toFixed(2)} MB written (limit ${MOST_BYTES / 1e6} MB), weights ${before === stateOf([single]) ? 'untouched' : 'CHANGED'}  ${kept ? 'PASS' : 'OVER'}`,
    )
  }
}

function stateOf(files: readonly string[]): string {
  return files.map((file) => `${statSync(file).size} ${statSync(file).mtimeMs}`).join()
}
