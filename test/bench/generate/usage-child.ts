/** Loaded before a program that is measured: at its end it writes what the process took. */
import { writeFileSync } from 'node:fs'

process.once('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  const usage = { busy: (userCPUTime + systemCPUTime) / 1e6, megabytes: maxRSS / 1024 }
  writeFileSync(process.env['INLAY_BENCH_USAGE']!, JSON.stringify(usage))
})
