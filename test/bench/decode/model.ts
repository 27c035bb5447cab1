/** The model that is measured, and the pictures: what it has not is drawn by a rule, which is as fast and worth nothing. */
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { type BuiltInModel, openBuiltIn } from '../../../src/main/engine/models/checkpoint/built-in.ts'
import type { Component } from '../../../src/main/engine/models/index.ts'
import { type DrawnNetwork, drawnModel } from '../../support/drawn-model.ts'

export interface BenchModel {
  readonly folder: string
  readonly autoencoder: Component
  readonly asymmetricDecoder: Component
  /** Networks without trained weights. */
  readonly drawn: readonly DrawnNetwork[]
}

const BUILT_IN = fileURLToPath(new URL('../../../models/built-in', import.meta.url))
const PHOTOS = fileURLToPath(new URL('../../fixtures/photos', import.meta.url))

/** @param folder of the model; the built-in one unless told @param scratch an empty folder */
export async function benchModel(folder = BUILT_IN, scratch: string): Promise<BenchModel> {
  const given = await openBuiltIn(folder, scratch)
  const drawn: DrawnNetwork[] = [
    ...(given.asymmetricDecoder ? [] : (['decoder'] as const)),
    ...(given.denoiser ? [] : (['denoiser'] as const)),
  ]
  const whole =
    drawn.length === 0 ? folder : await drawnModel(folder, path.join(scratch, 'model'), drawn, true)
  const { autoencoder, asymmetricDecoder }: BuiltInModel = await openBuiltIn(whole, scratch)
  return { folder: whole, autoencoder, asymmetricDecoder: asymmetricDecoder!, drawn }
}

export const SIDE = 512
export const NAMES = ['phare-du-petit-minou', 'kitten-on-lawn', 'pink-house'] as const

/** The middle of a photograph: SIDE * SIDE * 3 bytes. */
export async function middle(name: (typeof NAMES)[number]): Promise<Uint8Array> {
  const data = await sharp(path.join(PHOTOS, `${name}.jpg`))
    .resize(SIDE, SIDE, { fit: 'cover' })
    .removeAlpha()
    .raw()
    .toBuffer()
  return new Uint8Array(data)
}

/** A square hole in the middle: SIDE * SIDE bytes. */
export function squareHole(coverage: number): Uint8Array {
  const half = (SIDE * Math.sqrt(coverage)) / 2
  const isIn = (at: number) => Math.abs(at + 0.5 - SIDE / 2) < half
  return Uint8Array.from({ length: SIDE * SIDE }, (_, i) =>
    isIn(i % SIDE) && isIn(Math.floor(i / SIDE)) ? 255 : 0,
  )
}
