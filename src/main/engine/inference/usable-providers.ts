/**
 * Which execution providers pictures are made on: those that a person named, or all that ran a small model, the fastest first.
 *
 * Invariant: the CPU is always among them. A driver may take the process down while it is asked, so it is written down that it
 * is being asked; found again by a later process, that provider is left alone for a day.
 */
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { InlayError } from '../../../shared/errors.ts'
import { probeProvider } from './execution-providers.ts'
import type { Provider } from './session.ts'

const ORDER = ['cuda', 'dml', 'coreml', 'webgpu', 'cpu'] as const satisfies readonly Provider[]
const DAY = 24 * 60 * 60_000

/**
 * The environment variable `INLAY_PROVIDERS` names them in a person's order: `webgpu,cpu`.
 * @throws InlayError `usage` for a name that there is none of
 */
export async function usableProviders(dataFolder: string): Promise<readonly Provider[]> {
  const named = process.env['INLAY_PROVIDERS']
  if (named) return named.split(',').map((name) => providerOf(name.trim().toLowerCase()))
  const usable: Provider[] = []
  for (const provider of ORDER) if (await answers(provider, dataFolder)) usable.push(provider)
  return usable
}

function providerOf(name: string): Provider {
  const found = ORDER.find((one) => one === name)
  if (found) return found
  throw new InlayError('usage', `INLAY_PROVIDERS names ${name}; there are ${ORDER.join(', ')}.`)
}

async function answers(provider: Provider, dataFolder: string): Promise<boolean> {
  if (provider === 'cpu') return true
  const mark = path.join(dataFolder, 'probes', provider)
  if (await endedAProcess(mark)) return false
  await mkdir(path.dirname(mark), { recursive: true }).catch(() => {})
  await writeFile(mark, String(process.pid)).catch(() => {})
  const { available } = await probeProvider(provider)
  await rm(mark, { force: true }).catch(() => {})
  return available
}

/** A mark that nobody took away, of a process that is gone. */
async function endedAProcess(mark: string): Promise<boolean> {
  const pid = Number(await readFile(mark, 'utf8').catch(() => ''))
  if (!(pid > 0) || Date.now() - (await stat(mark)).mtimeMs > DAY) return false
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}
