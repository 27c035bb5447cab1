/**
 * The files of a folder of golden fixtures: manifests, configurations, inputs and references.
 *
 * Invariant: the folder is only read, and only what the case asks for; a tensor is given as float32 or int64.
 */
import { existsSync } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import path from 'node:path'
import { readSafetensors, type StoredTensor } from '../../models/index.ts'
import type { Tensor } from '../run-graph.ts'

export async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'))
}

/** The whole weights file of a component folder, under the name its library gives it. */
export function weightsFile(folder: string, variant = ''): string {
  const names = ['model', 'diffusion_pytorch_model'].map((stem) => `${stem}${variant}.safetensors`)
  const name = names.find((one) => existsSync(path.join(folder, one)))
  if (name === undefined) throw new Error(`${folder} has neither ${names.join(' nor ')}`)
  return path.join(folder, name)
}

/** The tensors of a file whose names begin with `start`, without it. */
export async function tensorsBelow(file: string, start: string): Promise<Record<string, Tensor>> {
  const { tensors } = await readSafetensors(file)
  const found: Record<string, Tensor> = {}
  for (const [key, stored] of tensors)
    if (key.startsWith(start)) found[key.slice(start.length)] = await load(stored)
  return found
}

async function load(stored: StoredTensor): Promise<Tensor> {
  const bytes = new Uint8Array(stored.length)
  const handle = await open(stored.file, 'r')
  try {
    await handle.read(bytes, 0, stored.length, stored.offset)
  } finally {
    await handle.close()
  }
  const { shape, type } = stored
  if (type === 'I64') return { data: new BigInt64Array(bytes.buffer), shape }
  if (type === 'I32') return { data: BigInt64Array.from(new Int32Array(bytes.buffer), BigInt), shape }
  if (type === 'F16') return { data: Float32Array.from(new Float16Array(bytes.buffer)), shape }
  if (type === 'F32') return { data: new Float32Array(bytes.buffer), shape }
  throw new Error(`a reference of type ${type} cannot be compared`)
}
