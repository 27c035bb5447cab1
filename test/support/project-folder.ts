/** A folder for project files that is removed after the test, and what the tests ask of the files in it. */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach } from 'vitest'

const made: string[] = []

afterEach(() => {
  for (const folder of made.splice(0)) {
    fs.chmodSync(folder, 0o700)
    fs.rmSync(folder, { recursive: true, force: true })
  }
})

/** A new empty folder, removed after the test. */
export function temporaryFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'inlay-test-'))
  made.push(folder)
  return folder
}

/** Names in a folder, in order. */
export function namesIn(folder: string): string[] {
  return fs.readdirSync(folder).sort()
}
