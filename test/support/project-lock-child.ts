/**
 * Takes and gives back a lock many times: `node project-lock-child.ts <file> <log> <times>`. While it holds the lock it
 * writes a line when it enters and one when it leaves; appending is atomic, so the log shows who was inside when.
 */
import fs from 'node:fs'
import { acquireLock } from '../../src/main/engine/project/project-lock.ts'

const [file, log, times] = process.argv.slice(2) as [string, string, string]
for (let left = Number(times); left > 0; ) {
  const lock = acquireLock(file)
  if (typeof lock === 'string') continue
  fs.appendFileSync(log, `in ${process.pid}\n`)
  fs.appendFileSync(log, `out ${process.pid}\n`)
  lock.release()
  left--
}
