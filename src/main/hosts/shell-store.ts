/**
 * What a shell remembers between launches: settings and the files used lately.
 *
 * Invariant: recent files are absolute paths, newest first, each once; files that are gone are left out when listed but kept
 * in the list, for a disk that is not plugged in today.
 */
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { DEFAULT_SETTINGS, Settings } from '../../shared/rpc/shell-contract.ts'
import { JsonFile } from './json-file.ts'

const KEPT = 30

const Recent = z.array(z.object({ path: z.string(), time: z.number() }))
export type RecentFile = z.infer<typeof Recent>[number]

export class ShellStore {
  readonly #settings: JsonFile<Settings>
  readonly #recent: JsonFile<RecentFile[]>

  constructor(dataFolder: string) {
    this.#settings = new JsonFile(path.join(dataFolder, 'settings.json'), Settings, DEFAULT_SETTINGS)
    this.#recent = new JsonFile(path.join(dataFolder, 'recent.json'), Recent, [])
  }

  settings(): Promise<Settings> {
    return this.#settings.read()
  }

  saveSettings(settings: Settings): Promise<void> {
    return this.#settings.write(settings)
  }

  async remember(file: string): Promise<void> {
    const entry = { path: path.resolve(file), time: Date.now() }
    await this.#recent.change((list) =>
      [entry, ...list.filter((other) => other.path !== entry.path)].slice(0, KEPT),
    )
  }

  forgetAll(): Promise<void> {
    return this.#recent.write([])
  }

  /** The files that are there now, at most `limit`. */
  async recent(limit = 12): Promise<RecentFile[]> {
    const list = await this.#recent.read()
    const there = await Promise.all(
      list.map((entry) =>
        stat(entry.path).then(
          (info) => info.isFile(),
          () => false,
        ),
      ),
    )
    return list.filter((_, index) => there[index]).slice(0, limit)
  }
}
