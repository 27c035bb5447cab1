/**
 * A small JSON file that survives a crash in the middle of writing.
 *
 * Invariant: the file on disk is always a whole one: it is written beside, flushed and renamed. A file that is missing or
 * does not fit the schema reads as the default; a person's settings are never worth refusing to start.
 */
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { z } from 'zod'

export class JsonFile<T> {
  readonly #path: string
  readonly #schema: z.ZodType<T>
  readonly #initial: T
  #writing: Promise<void> = Promise.resolve()
  #value: Promise<T> | undefined

  constructor(path: string, schema: z.ZodType<T>, initial: T) {
    this.#path = path
    this.#schema = schema
    this.#initial = initial
  }

  read(): Promise<T> {
    this.#value ??= readFile(this.#path, 'utf8').then(
      (text) => this.#parse(text),
      () => this.#initial,
    )
    return this.#value
  }

  /** Writes are done one after the other; the last one wins. */
  write(value: T): Promise<void> {
    this.#value = Promise.resolve(value)
    this.#writing = this.#writing
      .catch(() => {})
      .then(() => this.#replace(`${JSON.stringify(value, null, 2)}\n`))
    return this.#writing
  }

  async change(next: (value: T) => T): Promise<void> {
    await this.write(next(await this.read()))
  }

  #parse(text: string): T {
    try {
      return this.#schema.parse(JSON.parse(text))
    } catch {
      return this.#initial
    }
  }

  async #replace(text: string): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true })
    const beside = `${this.#path}.${process.pid}.new`
    const file = await open(beside, 'w', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(beside, this.#path)
  }
}
