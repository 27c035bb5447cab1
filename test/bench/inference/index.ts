/**
 * Running full-size networks: how fast, against what this machine's matrix products reach, how long loading takes and how
 * much memory it needs.
 *
 * Weights are random, of the published names and shapes, in a temporary folder. Each network is loaded and timed in a
 * process of its own. Beside the time by the clock stands the processor's time divided by the threads: on a machine that is
 * busy with something else that is what to read, on one at rest both are the same.
 *
 * `npm run bench -- inference [unet unet-f32 text vae base x-1-5 x-2 instant] [--threads 2] [--against python]`
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import type { CaseResult } from './case-child.ts'
import { type Case, cases } from './cases.ts'
import { runChild } from './children.ts'
import { benchInstant } from './instant.ts'
import { type PeerTime, runPeer } from './peers.ts'
import { writeRandom } from './random-weights.ts'
import { printOperators, printPeers, printResults, type Row } from './results.ts'

export async function run(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { threads: { type: 'string' }, against: { type: 'string' } },
  })
  const threads = values.threads === undefined ? availableParallelism() : Number(values.threads)
  const all = cases()
  const names = [...all.map(({ name }) => name), 'instant']
  const unknown = positionals.find((name) => !names.includes(name))
  if (unknown !== undefined || (values.against ?? 'python') !== 'python')
    throw new Error(
      `There is no ${unknown ?? `--against ${values.against}`}. Cases: ${names.join(', ')}; --against python.`,
    )
  const wanted = (name: string) => positionals.length === 0 || positionals.includes(name)
  const folder = mkdtempSync(path.join(tmpdir(), 'inlay-inference-'))
  try {
    if (wanted('instant')) benchInstant(folder)
    const rows: Row[] = []
    const peers: { readonly name: string; readonly own: CaseResult; readonly peer: PeerTime }[] = []
    for (const one of all.filter(({ name }) => wanted(name))) {
      const file = path.join(folder, 'weights.safetensors')
      writeRandom(file, one.tensors, one.type, 1)
      const result = measure(one, file, threads, folder)
      rows.push({ ...one, result })
      if (one.name === 'unet' || positionals.length > 0) printOperators(one.what, result)
      const peer = values.against === undefined ? null : runPeer(one, file, threads)
      if (peer) peers.push({ name: one.what, own: result, peer })
      rmSync(file)
    }
    if (rows.length > 0) printResults(rows, threads)
    if (peers.length > 0) printPeers(peers)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function measure(one: Case, file: string, threads: number, folder: string): CaseResult {
  const { role, architecture, config, part, inputs, runs, name } = one
  const own = path.join(folder, `profile-${name}`)
  mkdirSync(own)
  const order = { file, component: { role, architecture, config }, part, inputs, runs, threads, folder: own }
  const result = runChild<CaseResult>('case-child', [JSON.stringify(order)])
  rmSync(own, { recursive: true })
  return result
}
