/** Networks of the training recipe with weights that a rule draws; `test/fixtures/built-in/make.py` draws the same. */
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Component } from '../../src/main/engine/models/checkpoint/checkpoint.ts'
import { openCheckpoint } from '../../src/main/engine/models/checkpoint/open.ts'
import { writeSafetensors } from './safetensors-file.ts'

export const BUILT_IN = fileURLToPath(new URL('../fixtures/built-in/', import.meta.url))

/** Numbers in -1..1: a hash of the name, and a multiplicative hash of it with each position. */
export function uniform(name: string, count: number): Float64Array {
  let seed = 2166136261
  for (const byte of new TextEncoder().encode(name)) seed = Math.imul(seed ^ byte, 16777619) >>> 0
  return Float64Array.from({ length: count }, (_, i) => {
    let x = (Math.imul(i + 1, 2654435761) ^ seed) >>> 0
    x = Math.imul(x ^ (x >>> 16), 2246822507) >>> 0
    x = Math.imul(x ^ (x >>> 13), 3266489909) >>> 0
    return ((x ^ (x >>> 16)) >>> 0) / 2 ** 31 - 1
  })
}

function drawn(name: string, shape: readonly number[]): Float32Array {
  const values = uniform(
    name,
    shape.reduce((product, size) => product * size, 1),
  )
  const fan = shape.slice(1).reduce((product, size) => product * size, 1)
  const scale = Math.sqrt(3 / fan)
  const base = name.endsWith('weight') ? 1 : 0
  return Float32Array.from(values, (value) => (shape.length === 1 ? value * 0.1 + base : value * scale))
}

export type ChangeWeights = (name: string, values: Float32Array) => Float32Array

/** Writes one of the fixtures as the recipe's export does (`decoder.safetensors`, config.json), and opens it. */
export async function drawnComponent(
  fixture: 'decoder' | 'denoiser' | 'denoiser-narrow',
  folder: string,
  change: ChangeWeights = (_, values) => values,
): Promise<Component> {
  writeDrawn(fixture, folder, change)
  const { components } = await openCheckpoint(folder)
  return components[0] as Component
}

export function writeDrawn(
  fixture: 'decoder' | 'denoiser' | 'denoiser-narrow',
  folder: string,
  change: ChangeWeights = (_, values) => values,
): void {
  const from = path.join(BUILT_IN, fixture)
  const shapes = JSON.parse(readFileSync(path.join(from, 'shapes.json'), 'utf8')) as Record<string, number[]>
  mkdirSync(folder, { recursive: true })
  copyFileSync(path.join(from, 'config.json'), path.join(folder, 'config.json'))
  const tensors = Object.entries(shapes).map(
    ([name, shape]) => [name, { shape, values: change(name, drawn(name, shape)) }] as const,
  )
  const stem = fixture === 'decoder' ? 'decoder' : 'denoiser'
  writeSafetensors(path.join(folder, `${stem}.safetensors`), Object.fromEntries(tensors))
}
