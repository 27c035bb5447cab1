/** Tiny checkpoints of the fixtures whose weights lie there packed. */
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { temporaryFolder } from './project-folder.ts'
import { PIPELINES } from './tiny-runs.ts'

const FIXTURES = fileURLToPath(new URL('../fixtures/', import.meta.url))

/** A copy of a folder of the fixtures with its weights unpacked. */
export function unpacked(name: string): string {
  const folder = path.join(temporaryFolder(), path.basename(name))
  fs.cpSync(path.join(FIXTURES, name), folder, { recursive: true })
  for (const place of fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = path.join(folder, place)
    if (!file.endsWith('.gz')) continue
    fs.writeFileSync(file.slice(0, -3), gunzipSync(fs.readFileSync(file)))
    fs.rmSync(file)
  }
  return folder
}

/** The same with a tokenizer for each text encoder. */
export function unpackedCheckpoint(name: string): string {
  const folder = unpacked(name)
  for (const own of ['tokenizer', 'tokenizer_2'])
    fs.cpSync(path.join(PIPELINES, 'sd1', 'model', 'tokenizer'), path.join(folder, own), { recursive: true })
  return folder
}
