/**
 * What identifies a network: its content, so that two checkpoints that hold the same VAE share its session; or, at once and
 * without reading weights, the files it lies in.
 *
 * Invariant: two components with one digest compute the same. Names, shapes, types and bytes of all tensors go into it and
 * the settings that the graph is built from, in a form that does not depend on the layout they were found in. A digest is
 * remembered in the data folder and believed as long as path, size, time and header of its files are the same.
 */
import { createHash, type Hash } from 'node:crypto'
import { mkdir, open, readFile, rename, stat } from 'node:fs/promises'
import path from 'node:path'
import { InlayError, throwIfCancelled } from '../../../../shared/errors.ts'
import { latentDenoiserConfig, smallDecoderConfig } from '../architectures/built-in-config.ts'
import { autoencoderConfig, clipTextConfig, tinyConfig, unetConfig } from '../architectures/config.ts'
import type { StoredTensor } from '../safetensors.ts'
import type { Component } from './checkpoint.ts'

export interface DigestOptions {
  /** Called with the part that has been read, 0..1. */
  readonly onProgress?: (fraction: number) => void
  readonly signal?: AbortSignal
}

const CHUNK = 4 * 2 ** 20

/**
 * SHA-256 in hex of what a component is. Reads all its weights the first time, at the speed of the disk.
 * @param dataFolder where digests are remembered
 * @throws InlayError `cancelled`, `file.missing`, `model.unreadable` (cut short since it was opened)
 */
export async function componentDigest(
  component: Component,
  dataFolder: string,
  { onProgress, signal }: DigestOptions = {},
): Promise<string> {
  const place = path.join(dataFolder, 'digests', await componentStamp(component))
  const known = await readFile(place, 'latin1').catch(() => '')
  if (/^[0-9a-f]{64}$/.test(known)) return known
  const digest = await readAll(component, onProgress ?? (() => {}), signal)
  await remember(place, digest)
  return digest
}

/**
 * Identifies a component by its files as they are now: real paths, sizes, times, and where which tensor lies. Reads nothing.
 * @throws InlayError `file.missing`
 */
export async function componentStamp(component: Component): Promise<string> {
  const hash = createHash('sha256').update(settingsOf(component))
  for (const file of [...new Set([...component.tensors.values()].map((tensor) => tensor.file))].sort()) {
    const found = await stat(file).catch((cause: unknown) => {
      throw new InlayError('file.missing', `${file} is gone; import the model again.`, { cause })
    })
    hash.update(JSON.stringify([file, found.size, found.mtimeMs]))
  }
  for (const [name, { file, type, shape, offset }] of inOrder(component))
    hash.update(JSON.stringify([name, file, type, shape, offset]))
  return hash.digest('hex')
}

/** What a graph is made from, all that its bytes depend on. */
export interface GraphRecipe {
  /** `componentDigest` or `componentStamp`. */
  readonly component: string
  readonly part: string
  readonly precision: string
  /** Digest or path of each LoRA, and its weight. */
  readonly loras?: readonly (readonly [string, number])[]
  /** Of the application: another one may build other graphs. */
  readonly version: string
}

/** A name for a graph: equal recipes, equal names. */
export function graphKey({ component, part, precision, loras = [], version }: GraphRecipe): string {
  return createHash('sha256')
    .update(JSON.stringify([component, part, precision, loras, version]))
    .digest('hex')
}

async function readAll(
  component: Component,
  onProgress: (fraction: number) => void,
  signal: AbortSignal | undefined,
): Promise<string> {
  const hash = createHash('sha256').update(settingsOf(component))
  const tensors = inOrder(component)
  const total = tensors.reduce((sum, [, { length }]) => sum + length, 0)
  let done = 0
  const files = new Map<string, Awaited<ReturnType<typeof open>>>()
  try {
    for (const [name, tensor] of tensors) {
      hash.update(JSON.stringify([name, tensor.type, withoutOnes(tensor.shape)]))
      const handle = files.get(tensor.file) ?? (await open(tensor.file))
      files.set(tensor.file, handle)
      for await (const read of pieces(handle, tensor, hash)) {
        throwIfCancelled(signal)
        done += read
        onProgress(done / total)
      }
    }
  } finally {
    for (const handle of files.values()) await handle.close()
  }
  return hash.digest('hex')
}

async function* pieces(
  handle: Awaited<ReturnType<typeof open>>,
  { file, offset, length }: StoredTensor,
  hash: Hash,
): AsyncGenerator<number> {
  const buffer = new Uint8Array(Math.min(CHUNK, length))
  for (let at = 0; at < length; ) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, length - at), offset + at)
    if (bytesRead === 0)
      throw new InlayError('model.unreadable', `${file} has been cut short since it was opened.`)
    hash.update(buffer.subarray(0, bytesRead))
    at += bytesRead
    yield bytesRead
  }
}

/** The settings the graph is built from: what config.json says besides changes nothing. */
function settingsOf({ architecture, config, source }: Component): string {
  const settings =
    architecture === 'unet'
      ? unetConfig(config, source)
      : architecture === 'clip-text'
        ? clipTextConfig(config, source)
        : architecture === 'tiny-autoencoder'
          ? tinyConfig(config, source)
          : architecture === 'small-asymmetric-decoder'
            ? smallDecoderConfig(config, source)
            : architecture === 'latent-denoiser'
              ? latentDenoiserConfig(config, source)
              : autoencoderConfig(config, source)
  const { force_upcast: upcast = false } = config as { force_upcast?: unknown }
  return JSON.stringify([architecture, upcast, settings])
}

const LEGACY: readonly (readonly [string, string])[] = [
  ['.query.', '.to_q.'],
  ['.key.', '.to_k.'],
  ['.value.', '.to_v.'],
  ['.proj_attn.', '.to_out.0.'],
]

/** By name, whatever order a file has; older names of the same matrices are the newer ones. */
function inOrder({ tensors }: Component): readonly (readonly [string, StoredTensor])[] {
  return [...tensors]
    .map(([name, tensor]) => {
      const legacy = LEGACY.find(([old]) => name.includes(`.attentions.0${old}`))
      return [legacy ? name.replace(legacy[0], legacy[1]) : name, tensor] as const
    })
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

/** A 1x1 convolution and the matrix it is have one form. */
function withoutOnes(shape: readonly number[]): readonly number[] {
  return shape.length === 4 && shape[2] === 1 && shape[3] === 1 ? shape.slice(0, 2) : shape
}

/** Whole or not at all; that it could not be kept only costs time. */
async function remember(place: string, digest: string): Promise<void> {
  const beside = `${place}.${process.pid}.new`
  try {
    await mkdir(path.dirname(place), { recursive: true })
    const file = await open(beside, 'w', 0o600)
    try {
      await file.writeFile(digest)
    } finally {
      await file.close()
    }
    await rename(beside, place)
  } catch {
    // A data folder that cannot be written to is met, and said, where something has to be kept.
  }
}
