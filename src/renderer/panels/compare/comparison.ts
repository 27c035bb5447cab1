/**
 * A candidate's context region as it was and as each decoder gives it, with the differences and what they come to.
 *
 * Invariant: all pictures have one size. Numbers are of the pictures as they are shown, 8 bits a channel, before anything is
 * composited; "outside" keeps away from the candidate by a cell of the latents, which decoders are given whole.
 */
import type { Rect } from '../../../shared/geometry.ts'
import type { TileHash } from '../../../shared/ids.ts'
import type { Bytes, Candidate } from '../../../shared/rpc/contract.ts'
import { TILE_SIZE, tileKey, tilesIn } from '../../../shared/tiles.ts'
import type { Editor } from '../../editor/editor.ts'
import { farOutside, heatMap, meanDifference } from './difference.ts'

/** Side of a latent's cell, in pixels of the model. */
const CELL = 8

export interface Decoded {
  readonly decoder: 'asymmetric' | 'plain'
  readonly picture: ImageData
  readonly difference: ImageData
  /** Mean absolute error outside the candidate, 0..1; null where there is no outside. */
  readonly error: number | null
}

export interface Comparison {
  readonly original: ImageData
  /** One for each decoder, the one that was used last. */
  readonly decoded: readonly Decoded[]
  readonly at: Rect
}

/** @throws InlayError as `project.compare` does */
export async function compare(
  editor: Editor,
  candidate: Candidate,
  signal: AbortSignal,
): Promise<Comparison> {
  const { session } = editor.document!
  const answer = await editor.project.compare({ session, candidate: candidate.id }, { signal })
  const { at } = answer
  const original = await pixelsOf(answer.original)
  const outside = await outsideOf(editor, candidate, at, original)
  const decoded = async (png: Bytes, decoder: Decoded['decoder']): Promise<Decoded> => {
    const picture = await pixelsOf(png)
    const difference = new ImageData(heatMap(original, picture), original.width, original.height)
    return { decoder, picture, difference, error: meanDifference(original, picture, outside) }
  }
  const used = candidate.report?.decoder ?? 'plain'
  const plain = answer.plain && used !== 'plain' ? [await decoded(answer.plain, 'plain')] : []
  return { original, decoded: [...plain, await decoded(answer.made, used)], at }
}

/** A PNG's own numbers: no colour management, no premultiplying. */
async function pixelsOf(png: Bytes): Promise<ImageData> {
  const blob = new Blob([await png.arrayBuffer()], { type: 'image/png' })
  const bitmap = await createImageBitmap(blob, { colorSpaceConversion: 'none', premultiplyAlpha: 'none' })
  const { width, height } = bitmap
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!
  context.drawImage(bitmap, 0, 0)
  return context.getImageData(0, 0, width, height)
}

/** 1 for each pixel that is surely outside what the candidate covers. */
async function outsideOf(
  { fetchTiles }: Editor,
  { tiles }: Candidate,
  at: Rect,
  { width, height }: ImageData,
): Promise<Uint8Array> {
  const places = tilesIn(at).flatMap(({ tx, ty }) => {
    const hash = tiles[tileKey(tx, ty)]
    return hash ? [{ tx, ty, hash }] : []
  })
  const hashes = [...new Set(places.map(({ hash }) => hash))]
  const bytes = hashes.length > 0 ? await fetchTiles(hashes, 0) : new Map<TileHash, Uint8Array>()
  const byPlace = new Map(places.map(({ tx, ty, hash }) => [`${tx},${ty}`, bytes.get(hash)]))
  const outside = new Uint8Array(width * height)
  for (let y = 0; y < height; y++) {
    const down = at.y + Math.floor(((y + 0.5) * at.height) / height)
    const ty = Math.floor(down / TILE_SIZE)
    for (let x = 0; x < width; x++) {
      const across = at.x + Math.floor(((x + 0.5) * at.width) / width)
      const tx = Math.floor(across / TILE_SIZE)
      const tile = byPlace.get(`${tx},${ty}`)
      const place = (down - ty * TILE_SIZE) * TILE_SIZE + (across - tx * TILE_SIZE)
      outside[y * width + x] = tile && tile[place * 4 + 3] !== 0 ? 0 : 1
    }
  }
  return farOutside(outside, width, height, CELL)
}
