/**
 * The list of installed models, `models.json` in the user's data folder.
 *
 * Invariant: the file is always a whole list: it is written beside, flushed and renamed. A damaged list is set aside under another
 * name, never overwritten. Changes are made one process at a time, so none is lost. A model that cannot be opened is not
 * added. Removing a model takes it off the list and leaves the user's files alone.
 */
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import path from 'node:path'
import { InlayError } from '../../../../shared/errors.ts'
import { type InstalledModel, ModelList } from '../../../../shared/model-manifest.ts'
import type { OpenOptions } from '../checkpoint/checkpoint.ts'
import { inspectModel } from '../checkpoint/summary.ts'
import { filesOfModel } from './files.ts'
import { alone } from './lock.ts'
import { nameOfModel, requireName } from './name.ts'

const LIST = 'models.json'

export class ModelRegistry {
  readonly #file: string

  constructor(dataFolder: string) {
    this.#file = path.join(dataFolder, LIST)
  }

  /** In the order of their names. */
  async list(): Promise<readonly InstalledModel[]> {
    const text = await readFile(this.#file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw new InlayError('file.denied', `${this.#file} may not be read; check its permissions.`, {
        cause: error,
      })
    })
    if (text === undefined) return []
    const value = parseOr(text)
    const list = ModelList.safeParse(value).data
    if (list) return list.models
    const version = (value as { version?: unknown } | null | undefined)?.version
    if (typeof version === 'number' && version > 1)
      throw new InlayError(
        'model.unsupported',
        `${this.#file} was written by a newer Inlay; use that one, or set INLAY_DATA to another folder.`,
      )
    const aside = `${this.#file}.damaged`
    await rename(this.#file, aside)
    throw new InlayError(
      'model.unreadable',
      `The list of models was damaged and lies in ${aside} now; the list is empty, import your models again.`,
    )
  }

  /** @throws InlayError `model.unknown` */
  async find(name: string): Promise<InstalledModel> {
    const models = await this.list()
    const found = models.find((model) => model.name === name)
    if (found) return found
    const known =
      models.length === 0 ? 'none is installed' : `installed: ${models.map((m) => m.name).join(', ')}`
    throw new InlayError('model.unknown', `There is no model "${name}"; ${known}.`)
  }

  /**
   * Adds what lies at `place`, or renews its entry where that path is on the list.
   * @param name wished for, gets a number where another model has it; by its folder or file where none is given
   * @param stated what its files do not say; kept from before where it is not stated again
   * @throws InlayError `usage` (a name that is none), and as `openCheckpoint` does
   */
  async add(
    place: string,
    name: string = nameOfModel(place),
    stated: Pick<OpenOptions, 'predictionType'> = {},
  ): Promise<InstalledModel> {
    requireName(name)
    const full = path.resolve(place)
    const before = (await this.list()).find((model) => model.path === full)?.statedPrediction ?? null
    const statedPrediction = stated.predictionType ?? before
    const summary = await inspectModel(
      full,
      statedPrediction === null ? {} : { predictionType: statedPrediction },
    )
    const files = await filesOfModel(full)
    return this.#alone(async () => {
      const models = await this.list()
      const known = models.find((model) => model.path === full)
      const others = models.filter((model) => model !== known)
      const model = {
        name: known?.name ?? freeName(name, new Set(others.map((other) => other.name))),
        path: full,
        files: [...files],
        summary,
        statedPrediction,
      }
      await this.#write([...others, model])
      return model
    })
  }

  /** @throws InlayError `model.unknown` */
  async remove(name: string): Promise<InstalledModel> {
    return this.#alone(async () => {
      const found = await this.find(name)
      await this.#write((await this.list()).filter((model) => model.name !== name))
      return found
    })
  }

  /** What has changed since the model was installed, a sentence each; empty when nothing has. @throws InlayError `model.unknown` */
  async changes(name: string): Promise<readonly string[]> {
    const { path: place, files } = await this.find(name)
    const now = new Map((await filesOfModel(place)).map((file) => [file.name, file]))
    const called = (file: string): string => (file === '' ? place : file)
    const changes = files.flatMap((then) => {
      const file = now.get(then.name)
      now.delete(then.name)
      if (!file) return [`${called(then.name)} is gone.`]
      if (file.bytes !== then.bytes)
        return [`${called(then.name)} has ${file.bytes} bytes, it had ${then.bytes}.`]
      if (file.digest !== then.digest) return [`${called(then.name)} has other contents.`]
      return file.modified === then.modified ? [] : [`${called(then.name)} was written again.`]
    })
    return [...changes, ...[...now.keys()].map((file) => `${called(file)} is new.`)]
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    return alone(`${this.#file}.lock`, work)
  }

  async #write(models: readonly InstalledModel[]): Promise<void> {
    const sorted = [...models].sort((a, b) => (a.name < b.name ? -1 : 1))
    const list: ModelList = { version: 1, models: sorted }
    await mkdir(path.dirname(this.#file), { recursive: true })
    const beside = `${this.#file}.${process.pid}.new`
    const file = await open(beside, 'w', 0o600)
    try {
      await file.writeFile(`${JSON.stringify(list, null, 2)}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(beside, this.#file)
  }
}

function parseOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name
  for (let i = 2; taken.has(free); i++) free = `${name}-${i}`
  return free
}
