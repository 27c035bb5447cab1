/**
 * Which execution providers this machine has, found out by running a small model on each.
 *
 * Invariant: a provider is available only when it ran the model itself (falling back to the CPU is forbidden for the probe)
 * and the numbers were right. A probe that fails says why in one sentence and harms nothing; a driver that takes the process
 * down takes the inference host down, which is why this runs there.
 */
import os from 'node:os'
import type { ProviderReport } from '../../../shared/rpc/contract.ts'
import { probeModel, SIDE } from './probe-model.ts'
import { ort } from './runtime.ts'

const NAMES = ['cpu', 'webgpu', 'cuda', 'dml', 'coreml'] as const
type Name = (typeof NAMES)[number]

const TITLES: Readonly<Record<Name, string>> = {
  cpu: 'the processor',
  webgpu: 'WebGPU',
  cuda: 'CUDA',
  dml: 'DirectML',
  coreml: 'Core ML',
}

/** Asks every provider, one after the other. Never rejects. */
export async function probeProviders(): Promise<readonly ProviderReport[]> {
  const reports: ProviderReport[] = []
  for (const name of NAMES) reports.push(await probeProvider(name))
  return reports
}

/** Asks one. Never rejects. */
export async function probeProvider(name: Name): Promise<ProviderReport> {
  // What a missing driver makes ONNX Runtime print is in the report already.
  ort.env.logLevel = 'fatal'
  // Asked first: a provider that is not in the build is otherwise dropped with a line on the console.
  if (!ort.listSupportedBackends().some((backend) => backend.name === name))
    return failed(name, `The ONNX Runtime for this system comes without ${TITLES[name]}.`)
  let session: ort.InferenceSession | undefined
  try {
    session = await ort.InferenceSession.create(probeModel(), {
      executionProviders: [name],
      logSeverityLevel: 4,
      ...(name === 'cpu' ? {} : { extra: { session: { disable_cpu_ep_fallback: '1' } } }),
    })
    const feeds = { A: ramp(1), B: ramp(7) }
    await session.run(feeds)
    const started = performance.now()
    const { Y } = await session.run(feeds)
    const milliseconds = performance.now() - started
    const wrong = deviation(Y?.data as Float32Array)
    if (!(wrong < 1e-3))
      return failed(name, `${capital(TITLES[name])} ran a small model and got wrong numbers.`)
    return { name, available: true, detail: describe(name), milliseconds }
  } catch (error) {
    return failed(name, `${capital(TITLES[name])} cannot be used: ${sentenceOf(error)}`)
  } finally {
    await session?.release().catch(() => {})
  }
}

/** A matrix with values in -1..1 that differ from row to row and from column to column. */
function ramp(step: number): ort.Tensor {
  const values = Float32Array.from({ length: SIDE * SIDE }, (_, i) => (((i * step) % 31) - 15) / 15)
  return new ort.Tensor('float32', values, [SIDE, SIDE])
}

/** The largest difference from the product computed here. */
function deviation(result: Float32Array): number {
  const a = ramp(1).data as Float32Array
  const b = ramp(7).data as Float32Array
  let worst = 0
  for (let row = 0; row < SIDE; row++)
    for (let column = 0; column < SIDE; column++) {
      let sum = 0
      for (let k = 0; k < SIDE; k++) sum += a[row * SIDE + k]! * b[k * SIDE + column]!
      worst = Math.max(worst, Math.abs(sum - (result[row * SIDE + column] ?? Number.NaN)))
    }
  return worst
}

function describe(name: Name): string {
  if (name !== 'cpu') return `${capital(TITLES[name])} ran a small model.`
  const cores = os.cpus()
  return `${cores[0]?.model.trim() || 'The processor'}, ${os.availableParallelism()} cores.`
}

function failed(name: Name, detail: string): ProviderReport {
  return { name, available: false, detail, milliseconds: null }
}

/** What a native error says, without the condition in the source that failed. */
function sentenceOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const line = text.split('\n')[0]?.replace(/^.* was false\. |^Ort\w+: /, '') ?? ''
  const short = line.length > 200 ? `${line.slice(0, 199)}…` : line
  return /[.!…]$/.test(short) ? short : `${short}.`
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}
