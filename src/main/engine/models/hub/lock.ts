/**
 * One worker at a time on a folder, also among processes.
 *
 * Invariant: the lock is a file that names its process. One whose process is gone is taken over; one that is being worked
 * under is refused at once, not waited for.
 */
import { randomUUID } from 'node:crypto'
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { InlayError } from '../../../../shared/errors.ts'

/** A process writes its lock within this time after making it, milliseconds. */
const WRITING = 5_000
/** Locks of this very process, so that its own number in a file from before a restart does not count. */
const held = new Set<string>()

/** @throws InlayError `download.busy` with this sentence, and whatever the work throws */
export async function withLock<T>(file: string, busy: string, work: () => Promise<T>): Promise<T> {
  if (held.has(file)) throw new InlayError('download.busy', busy)
  held.add(file)
  try {
    await take(file, busy)
    try {
      return await work()
    } finally {
      await rm(file, { force: true })
    }
  } finally {
    held.delete(file)
  }
}

async function take(file: string, busy: string): Promise<void> {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const handle = await open(file, 'wx', 0o600)
      try {
        await handle.writeFile(String(process.pid))
      } finally {
        await handle.close()
      }
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    if (await isWorkedUnder(file)) break
    // Moved away first: of several that find it left behind, only one moves it.
    const aside = `${file}.${randomUUID()}`
    await rename(file, aside).catch(() => {})
    await rm(aside, { force: true })
  }
  throw new InlayError('download.busy', busy)
}

async function isWorkedUnder(file: string): Promise<boolean> {
  const text = await readFile(file, 'utf8').catch(() => null)
  if (text === null) return false
  if (text === '') {
    const made = await stat(file).catch(() => null)
    return made !== null && Date.now() - made.mtimeMs < WRITING
  }
  const pid = Number(text)
  return pid !== process.pid && Number.isInteger(pid) && pid > 0 && isAlive(pid)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
