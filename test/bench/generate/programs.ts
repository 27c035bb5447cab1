/** The two programs that are held against each other, each told to say what it took. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import type { GenerationReport } from '../../../src/shared/generation.ts'
import { repository } from '../../support/inlay-command.ts'
import { python } from '../inference/peers.ts'
import type { Picture } from './checkpoint.ts'

export interface Job extends Picture {
  readonly model: string
  readonly steps: number
}

export interface Taken {
  /** By the clock, from before the process began to after it ended. */
  readonly seconds: number
  /** Seconds of the processor, all threads together. */
  readonly busy: number
  /** The highest resident size. */
  readonly megabytes: number
  /** What the program itself tells. */
  readonly parts: string
}

interface Usage {
  readonly busy: number
  readonly megabytes: number
}

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const PROMPT = 'a lake between the dunes'

export async function runInlay({ model, photo, mask, steps }: Job, output: string): Promise<Taken> {
  const usage = `${output}.usage.json`
  const entry = path.join(repository, 'src/main/cli/inlay.mjs')
  const args = ['inpaint', photo, '--mask', mask, '--model', model, '--prompt', PROMPT, '--steps', `${steps}`]
  // All of the picture is seen, as diffusers sees it.
  const more = ['--padding', '512', '--guidance', '7.5', '--seed', '1', '--json', '-o', output]
  const { seconds, stdout, stderr, status } = await timed(
    process.execPath,
    ['--import', here('usage-child.ts'), entry, ...args, ...more],
    { INLAY_DATA: path.join(path.dirname(output), 'data'), INLAY_BENCH_USAGE: usage },
  )
  if (status !== 0) throw new Error(`inlay inpaint failed: ${stderr}`)
  const { report } = JSON.parse(stdout) as { report: GenerationReport }
  const { busy, megabytes } = JSON.parse(readFileSync(usage, 'utf8')) as Usage
  const { size, decoder, provider, preservation } = report
  const kept = preservation === null ? '' : `, outside the mask ${preservation.square.toPrecision(2)}`
  return {
    seconds,
    busy,
    megabytes,
    parts: `${report.seconds.toFixed(1)} s of it generating ${size.width} x ${size.height} on ${provider}, ${decoder} decoder${kept}`,
  }
}

/** @returns null where this Python cannot, after saying why */
export async function runDiffusers(
  { model, photo, mask, steps }: Job,
  folder: string,
): Promise<Taken | null> {
  const output = path.join(folder, 'diffusers.png')
  const order = JSON.stringify({ model, photo, mask, steps, prompt: PROMPT, output })
  const { seconds, stdout, stderr, status } = await timed(python(), [here('peers.py'), order], {})
  if (status !== 0) {
    const reason = stderr.trim().split('\n').at(-1) ?? 'it did not start'
    console.log(
      `  not in diffusers (${python()}: ${reason}); name a Python that has torch, diffusers and transformers in INLAY_PYTHON.`,
    )
    return null
  }
  const { busy, megabytes, imports, loading, generating } = JSON.parse(
    stdout.trim().split('\n').at(-1)!,
  ) as Usage & Readonly<Record<'imports' | 'loading' | 'generating', number>>
  const parts = `${imports.toFixed(1)} s of it importing, ${loading.toFixed(1)} s loading, ${generating.toFixed(1)} s generating`
  return { seconds, busy, megabytes, parts }
}

/** What came out, in a few words. */
export async function checkResult({ photo, mask }: Job, output: string): Promise<string> {
  const [before, after, hole] = await Promise.all(
    [photo, output, mask].map((file) => sharp(file).toColourspace('srgb').removeAlpha().raw().toBuffer()),
  )
  let outside = 0
  let inside = 0
  for (let i = 0; i < before!.length; i++) if (before![i] !== after![i]) hole![i]! > 0 ? inside++ : outside++
  return `bytes that differ from the photograph: ${outside} outside the mask${outside === 0 ? '' : ' (WRONG)'}, ${inside} inside`
}

async function timed(program: string, args: readonly string[], environment: NodeJS.ProcessEnv) {
  const began = performance.now()
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  })
  const status = new Promise<number | null>((resolve) => {
    child.once('close', resolve)
    child.once('error', () => resolve(null))
  })
  const [stdout, stderr] = await Promise.all(
    [child.stdout, child.stderr].map(async (stream) => {
      let text = ''
      for await (const chunk of stream.setEncoding('utf8')) text += chunk
      return text
    }),
  )
  return {
    status: await status,
    stdout: stdout!,
    stderr: stderr!,
    seconds: (performance.now() - began) / 1000,
  }
}
