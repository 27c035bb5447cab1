/**
 * The same weights in PyTorch, where Python has it with diffusers and transformers.
 *
 * Invariant: it reads the very files that were measured here and gets as many threads. Without it there are no figures, and
 * that is said with the reason.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Case } from './cases.ts'

export interface PeerTime {
  /** Seconds of each run, and of processor time divided by the threads; by memory format. */
  readonly [format: string]: { readonly seconds: readonly number[]; readonly busy: readonly number[] }
}

const SCRIPT = fileURLToPath(new URL('peers.py', import.meta.url))

export function python(): string {
  return process.env['INLAY_PYTHON'] ?? 'python3'
}

/** @returns null where this Python cannot, after saying why */
export function runPeer(one: Case, file: string, threads: number): PeerTime | null {
  const order = JSON.stringify({
    name: one.name,
    config: one.config,
    inputs: one.inputs,
    runs: one.runs,
    file,
    threads,
  })
  const { stdout, stderr, status } = spawnSync(python(), [SCRIPT], {
    input: order,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
  if (status === 0) return JSON.parse(stdout.trim().split('\n').at(-1)!) as PeerTime
  const reason = stderr?.trim().split('\n').at(-1) ?? 'it did not start'
  console.log(
    `  not in PyTorch (${python()}: ${reason}); name a Python that has torch, diffusers and transformers in INLAY_PYTHON.`,
  )
  return null
}
