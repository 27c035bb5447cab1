/**
 * Loads and times one network in a process of its own, and prints one line of JSON.
 * Arguments: the case as JSON, with the file of its weights, the number of threads and a folder for the profile.
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { Session } from '../../../src/main/engine/inference/session.ts'
import type { Tensor } from '../../../src/main/engine/inference/tensors.ts'
import {
  type Component,
  componentGraph,
  type Part,
  readSafetensors,
} from '../../../src/main/engine/models/index.ts'
import { held, resetPeak } from '../../support/bench-memory.ts'
import { matrixCeiling } from './ceiling.ts'
import { type OperatorTime, operatorTimes } from './profile.ts'

export interface CaseOrder {
  readonly file: string
  readonly component: Pick<Component, 'role' | 'architecture' | 'config'>
  readonly part: Part
  readonly inputs: Readonly<Record<string, readonly number[]>>
  readonly runs: number
  readonly threads: number
  readonly folder: string
}

export interface CaseResult {
  /** Milliseconds from the open file to the graph, and from the graph to a session that can run. */
  readonly graph: number
  readonly load: number
  /** Seconds of processor time that loading takes. */
  readonly loadBusy: number
  /** Seconds of each run. */
  readonly seconds: readonly number[]
  /** Seconds of processor time in each run, divided by the threads: what a run takes on a machine at rest. */
  readonly busy: readonly number[]
  /** GFLOP/s, before and after. */
  readonly ceilings: readonly [number, number]
  /** Megabytes above those of the process before: the highest while loading, and while running. */
  readonly loadPeak: number
  readonly runPeak: number
  /** Megabytes of the weights in float32. */
  readonly weights: number
  readonly operators: readonly OperatorTime[]
}

const order = JSON.parse(process.argv[2] ?? '') as CaseOrder
console.log(JSON.stringify(await measure(order)))

async function measure({
  file,
  component,
  part,
  inputs,
  runs,
  threads,
  folder,
}: CaseOrder): Promise<CaseResult> {
  const before = await matrixCeiling(threads)
  const { tensors } = await readSafetensors(file)
  const idle = held([process.pid]).settled
  resetPeak([process.pid])
  const started = performance.now()
  const built = componentGraph({ ...component, tensors, source: file }, part)
  const graphed = performance.now()
  const loadCpu = process.cpuUsage()
  const session = await Session.open(built, { threads, profile: path.join(folder, 'profile') })
  const loaded = performance.now()
  const loadUsage = process.cpuUsage(loadCpu)
  const loadPeak = held([process.pid]).peak - idle
  const given = Object.fromEntries(Object.entries(inputs).map(([name, shape]) => [name, random(name, shape)]))
  const seconds: number[] = []
  const busy: number[] = []
  for (let run = 0; run <= runs; run++) {
    const [start, cpu] = [performance.now(), process.cpuUsage()]
    await session.run(given)
    const { user, system } = process.cpuUsage(cpu)
    seconds.push((performance.now() - start) / 1000)
    busy.push((user + system) / 1e6 / threads)
  }
  const runPeak = held([process.pid]).peak - idle
  session.endProfile()
  await session.release()
  const profile = readdirSync(folder).find((name) => name.startsWith('profile'))!
  return {
    graph: graphed - started,
    load: loaded - graphed,
    loadBusy: (loadUsage.user + loadUsage.system) / 1e6,
    seconds,
    busy,
    ceilings: [before, await matrixCeiling(threads)],
    loadPeak,
    runPeak,
    weights:
      [...tensors.values()].reduce((sum, { shape }) => sum + 4 * shape.reduce((a, b) => a * b, 1), 0) /
      2 ** 20,
    operators: operatorTimes(readFileSync(path.join(folder, profile), 'utf8')),
  }
}

/** Latents and pictures of noise, ids from the vocabulary, a mask with a hole in the middle. */
function random(name: string, shape: readonly number[]): Tensor {
  const count = shape.reduce((product, side) => product * side, 1)
  if (name === 'input_ids')
    return { data: BigInt64Array.from({ length: count }, (_, i) => BigInt(i * 577)), shape }
  if (name === 'pooled_place') return { data: new BigInt64Array(count).fill(76n), shape }
  if (name === 'timestep') return { data: new Float32Array(count).fill(500), shape }
  const side = shape.at(-1)!
  const middle = (i: number) => Math.abs((i % side) - side / 2) < side / 4
  if (name === 'mask')
    return {
      data: Float32Array.from({ length: count }, (_, i) => (middle(i) && middle(i / side) ? 1 : 0)),
      shape,
    }
  let state = 1
  const data = Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return state / 2 ** 31
  })
  return { data, shape }
}
