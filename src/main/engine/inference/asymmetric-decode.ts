/**
 * A picture through an autoencoder and back, given its hole, or no hole at all.
 *
 * Invariant: the networks see the picture with a reflected rim, and nobody else does. A decode covers the whole picture, or
 * with `cells` only those latent cells (of a session opened with `region`); what it covers comes back with its place. Masks are hard here: above 0 is hole.
 * Pictures are in -1..1; what is decoded is not clamped.
 */
import { inflate, intersect, type Rect, rectOf, type Size } from '../../../shared/geometry.ts'
import { maskBounds } from '../imaging/mask.ts'
import { growHole } from '../imaging/mask-morphology.ts'
import { grownToCells, latentMask } from './latent-mask.ts'
import {
  cropPlanes,
  type Padded,
  type Planes,
  padToMultiple,
  planesTensor,
  tensorPlanes,
} from './reflection-padding.ts'
import type { Tensor } from './tensors.ts'

/** Pixels of a latent cell, and the reflected rim that the decoder was trained with. */
const FACTOR = 8
export const REFLECTED = 8

/** Anything that runs a network: a `Session`. */
export interface Network {
  run(inputs: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>
}

export interface Decoded {
  readonly planes: Planes
  /** Which part of the picture that is. */
  readonly at: Rect
}

/** The picture as the networks see it. */
export function framed(picture: Planes): Padded {
  return padToMultiple(picture, FACTOR, REFLECTED)
}

/** @returns latents (1,L,h,w) of the framed picture */
export async function encode(encoder: Network, { planes }: Padded): Promise<Tensor> {
  const { encoded } = await encoder.run({ image: planesTensor(planes) })
  return encoded!
}

/** Without a picture to look at. @param cells in the framed picture's latents */
export async function decodePlain(
  decoder: Network,
  { planes, at }: Padded,
  latents: Tensor,
  cells: Rect = cellsOf(planes),
): Promise<Decoded> {
  const { decoded } = await decoder.run({ latents, cells: cellsTensor(cells) })
  return cropped(tensorPlanes(decoded!), at, cells)
}

/**
 * Given the picture outside the hole.
 * @param hole a byte a pixel of the picture (not the framed one); grow it first where its edge cannot be trusted
 * @param cells in the framed picture's latents; all unless told
 */
export async function decodeAsymmetric(
  decoder: Network,
  { planes, at }: Padded,
  latents: Tensor,
  hole: Uint8Array,
  cells: Rect = cellsOf(planes),
): Promise<Decoded> {
  const { decoded } = await decoder.run({
    latents,
    image: planesTensor(planes),
    mask: planesTensor(framedHole(hole, at).planes),
    cells: cellsTensor(cells),
  })
  return cropped(tensorPlanes(decoded!), at, cells)
}

/** The hard mask that a decode is given: every pixel within `grow` pixels of one above 0 is hole, 255. */
export async function hardHole(mask: Uint8Array, size: Size, grow: number): Promise<Uint8Array> {
  return (await growHole({ rect: rectOf(size), pixels: mask }, grow)).pixels
}

/** Latent cells in which any pixel is hole: 1 there, 0 elsewhere, of the framed picture. */
export function holeCells(hole: Uint8Array, at: Rect): Float32Array {
  const { width, height, data } = framedHole(hole, at).planes
  const pixels = Uint8Array.from(data, (value) => value * 255)
  return latentMask(grownToCells(pixels, { width, height }, FACTOR), { width, height }, FACTOR)
}

/** The cells around a hole with `margin` cells on every side, as far as there are any. */
export function decodeRegion(hole: Uint8Array, { planes, at }: Padded, margin: number): Rect {
  const { width, height } = cellsOf(planes)
  const pixels = Uint8Array.from(holeCells(hole, at))
  const bounds = maskBounds({ rect: { x: 0, y: 0, width, height }, pixels })
  return intersect(inflate(bounds, margin), { x: 0, y: 0, width, height })
}

function framedHole(hole: Uint8Array, { width, height }: Size): Padded {
  return framed({ channels: 1, width, height, data: Float32Array.from(hole, (value) => (value > 0 ? 1 : 0)) })
}

function cellsOf({ width, height }: Size): Rect {
  return { x: 0, y: 0, width: width / FACTOR, height: height / FACTOR }
}

function pixelsOf({ x, y, width, height }: Rect): Rect {
  return { x: x * FACTOR, y: y * FACTOR, width: width * FACTOR, height: height * FACTOR }
}

/** Top, left, bottom, right. */
function cellsTensor({ x, y, width, height }: Rect): Tensor {
  return { data: BigInt64Array.from([y, x, y + height, x + width], BigInt), shape: [4] }
}

/** Without the rim, and in the picture's own coordinates. */
function cropped(decoded: Planes, picture: Rect, cells: Rect): Decoded {
  const pixels = pixelsOf(cells)
  if (decoded.width !== pixels.width || decoded.height !== pixels.height)
    throw new Error('a decoder that was not opened with `region` decodes the whole picture')
  const kept = intersect(pixels, picture)
  return {
    planes: cropPlanes(decoded, { ...kept, x: kept.x - pixels.x, y: kept.y - pixels.y }),
    at: { ...kept, x: kept.x - picture.x, y: kept.y - picture.y },
  }
}
