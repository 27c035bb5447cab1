/**
 * One writer at a time to the list of models, also among processes: each waits for the one before it.
 *
 * Invariant: the lock is a file that names its process. It is held for moments, so one whose process is gone, or that is
 * far older than any writing takes, was left behind and is taken away; only who holds the second lock takes it away, so that
 * nobody takes away a new one.
 */
import { mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { InlayError } from '../../../../shared/errors.ts'

/** Milliseconds. */
const RETRY = 20
const LEFT_BEHIND = 10_000
const PATIENCE = 30_000

/** @throws InlayError `file.denied`, and whatever the work throws */
export async function alone<T>(file: string, work: () => Promise<T>): Promise<T> {
  const until = Date.now() + PATIENCE
  await mkdir(path.dirname(file), { recursive: true })
  while (!(await take(file))) {
    if (await isLeftBehind(file)) await takeAway(file)
    else if (Date.now() > until)
      throw new InlayError(
        'file.denied',
        `Another process keeps ${file}; end it, or delete that file, and try again.`,
      )
    else await sleep(RETRY)
  }
  try {
    return await work()
  } finally {
    await rm(file, { force: true })
  }
}

async function take(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600)
    try {
      await handle.writeFile(`${process.pid}\n`)
    } finally {
      await handle.close()
    }
    return true
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw new InlayError(
      'file.denied',
      `${path.dirname(file)} cannot be written to; check its permissions.`,
      { cause },
    )
  }
}

/** A file without a number is one that is being written, or whose writer died within that moment. */
async function isLeftBehind(file: string): Promise<boolean> {
  try {
    const [text, { mtimeMs }] = [await readFile(file, 'utf8'), await stat(file)]
    if (Date.now() - mtimeMs > LEFT_BEHIND) return true
    return text.endsWith('\n') && !isAlive(Number(text))
  } catch {
    return false
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function takeAway(file: string): Promise<void> {
  const second = `${file}.second`
  if (await take(second)) {
    if (await isLeftBehind(file)) await rm(file, { force: true })
    await rm(second, { force: true })
  } else if (await isLeftBehind(second)) await rm(second, { force: true })
}
