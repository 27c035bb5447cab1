/** Ways to spoil a model on disk, and what opening a spoilt one has to end in. */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import { openCheckpoint } from '../../src/main/engine/models/checkpoint/open.ts'
import { type ErrorCode, InlayError } from '../../src/shared/errors.ts'
import { editJson, writeWeights } from './checkpoints.ts'

/** Opening ends in an error of this code that says this in one line, with the names in it. */
export async function expectRefused(place: string, code: ErrorCode, message: RegExp): Promise<void> {
  const error = await openCheckpoint(place).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(InlayError)
  expect(error).toMatchObject({ code, message: expect.stringMatching(message) })
  expect((error as Error).message).not.toMatch(/\n|\[object|undefined/)
}

export type Spoil = (folder: string) => void

/** A row of a table of tests: its name, what is done to a whole pipeline, and what opening it then says. */
export type SpoiltCase = readonly [string, Spoil, ErrorCode, RegExp]

export const remove =
  (...names: readonly string[]): Spoil =>
  (folder) => {
    for (const name of names) fs.rmSync(path.join(folder, name), { recursive: true })
  }

export const cutTo =
  (name: string, bytes: number): Spoil =>
  (folder) =>
    fs.truncateSync(path.join(folder, name), bytes)

/** Overwrites the beginning of a file. */
export const beginWith =
  (name: string, bytes: string | Uint8Array): Spoil =>
  (folder) => {
    const handle = fs.openSync(path.join(folder, name), 'r+')
    fs.writeSync(handle, Buffer.from(bytes), 0)
    fs.closeSync(handle)
  }

export const write =
  (name: string, content: string | Uint8Array): Spoil =>
  (folder) => {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    fs.writeFileSync(path.join(folder, name), content)
  }

export const copyFrom =
  (from: string, name: string): Spoil =>
  (folder) =>
    fs.cpSync(from, path.join(folder, name), { recursive: true })

export const linkTo =
  (target: string, name: string): Spoil =>
  (folder) => {
    remove(name)(folder)
    fs.symlinkSync(target, path.join(folder, name))
  }

export const pipe =
  (name: string): Spoil =>
  (folder) => {
    remove(name)(folder)
    expect(spawnSync('mkfifo', [path.join(folder, name)]).status).toBe(0)
  }

export const setting =
  (name: string, settings: Readonly<Record<string, unknown>>): Spoil =>
  (folder) =>
    editJson(path.join(folder, name), (json) => {
      Object.assign(json, settings)
    })

/** Weights with the same names and shapes but for some (null: gone), or of another type. */
export const shapes =
  (name: string, change: Readonly<Record<string, readonly number[] | null>>, type = 'F16'): Spoil =>
  (folder) => {
    const all: Record<string, readonly number[] | null> = { ...shapesIn(path.join(folder, name)), ...change }
    const kept = Object.entries(all).filter(
      (entry): entry is [string, readonly number[]] => entry[1] !== null,
    )
    writeWeights(path.join(folder, name), Object.fromEntries(kept), { type })
  }

/** The VAE's weights as shards: the list, and nothing that it lists. */
export const shards =
  (map: Readonly<Record<string, unknown>>): Spoil =>
  (folder) => {
    remove('vae/diffusion_pytorch_model.safetensors')(folder)
    const list = JSON.stringify({ metadata: { total_size: 1 }, weight_map: map })
    write('vae/diffusion_pytorch_model.safetensors.index.json', list)(folder)
  }

export const both =
  (...all: readonly Spoil[]): Spoil =>
  (folder) => {
    for (const spoil of all) spoil(folder)
  }

/** Names and shapes in a sound weights file. */
export function shapesIn(file: string): Readonly<Record<string, readonly number[]>> {
  const bytes = fs.readFileSync(file)
  const json = JSON.parse(bytes.toString('utf8', 8, 8 + Number(bytes.readBigUInt64LE()))) as Record<
    string,
    { readonly shape: readonly number[] }
  >
  const { __metadata__: _, ...tensors } = json
  return Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape]))
}
