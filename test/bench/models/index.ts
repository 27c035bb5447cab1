/**
 * Opening full-size checkpoints: recognising their networks and building every graph, in a new process each time, so that
 * nothing is warm but the disk. The files are sparse: header and size are right, and no weights are read anyway.
 *
 * `npm run bench -- models`
 */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type BenchRow, printTable } from '../../support/bench-table.ts'
import { published, writeComponent, writeWeights } from '../../support/checkpoints.ts'

const RUNS = 5
const CHILD = path.join(import.meta.dirname, 'open-child.ts')

interface Measured {
  readonly milliseconds: number
  /** Of all graphs together. */
  readonly graphBytes: number
  /** What the process gave to the disk meanwhile; null where the system does not say. */
  readonly writtenBytes: number | null
}

export async function run(): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'inlay-bench-'))
  try {
    const decoder = path.join(folder, 'asymmetric-x-2')
    writeComponent(decoder, 'asymmetric-vae-x-2', { type: 'F32' })
    const places = [
      ['SD 1.5 inpainting and asymmetric x-2', singleFile(folder, 'ldm-sd15-inpainting'), decoder],
      ['SD 2.1', singleFile(folder, 'ldm-sd21')],
      ['SDXL', singleFile(folder, 'ldm-sdxl')],
    ] as const
    const rows = places.flatMap(([what, ...files]) => rowsOf(what, files))
    printTable('Recognise a checkpoint and build all its graphs', rows)
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

function singleFile(folder: string, name: string): string {
  const file = path.join(folder, `${name}.safetensors`)
  const { tensors, ignored } = published(name)
  writeWeights(file, { ...tensors, ...ignored })
  return file
}

function rowsOf(what: string, files: readonly string[]): readonly BenchRow[] {
  const runs = Array.from({ length: RUNS }, () => measure(files))
  const written = runs.flatMap(({ writtenBytes }) => writtenBytes ?? [])
  return [
    { what, values: runs.map((one) => one.milliseconds), unit: 'ms', limit: { of: 'p95', most: 2000 } },
    {
      what: '  its graphs',
      values: runs.map((one) => one.graphBytes / 1e6),
      unit: 'MB',
      limit: { of: 'p95', most: 10 },
    },
    {
      what: '  written',
      values: written.map((bytes) => bytes / 1e6),
      unit: 'MB',
      limit: { of: 'p95', most: 10 },
    },
  ]
}

function measure(files: readonly string[]): Measured {
  const { stdout, stderr, status } = spawnSync(process.execPath, [CHILD, ...files], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as Measured
}
