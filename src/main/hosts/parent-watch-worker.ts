/**
 * Ends this process when its parent is gone. A thread of its own, because the main thread may be blocked for seconds
 * inside a model or a file and would not see the parent's channel close. The main thread gets a while to close its files.
 */
import { workerData } from 'node:worker_threads'

const GRACE = 10_000
const parent = workerData as number

setInterval(() => {
  if (parentAlive()) return
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE)
}, 1_000)

function parentAlive(): boolean {
  // Orphans get another parent on POSIX systems; Windows keeps the number, so it is asked for.
  if (process.ppid !== parent) return false
  try {
    process.kill(parent, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
