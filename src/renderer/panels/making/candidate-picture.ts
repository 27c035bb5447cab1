/**
 * A small picture of a candidate where it belongs: the picture around it from a thumbnail, its own pixels from its tiles.
 *
 * Invariant: nothing is drawn after the component is gone. What cannot be had leaves the frame empty: the canvas shows the
 * candidate itself.
 */
import { type RefObject, useEffect, useRef } from 'react'
import type { Document } from '../../../shared/document/model.ts'
import { inflate, intersect, type Rect, rectOf, union } from '../../../shared/geometry.ts'
import type { TileHash } from '../../../shared/ids.ts'
import type { Candidate } from '../../../shared/rpc/contract.ts'
import { mipLevelFor, mipSide, TILE_SIZE, tileKey, tilesIn } from '../../../shared/tiles.ts'
import type { Editor } from '../../editor/editor.ts'
import { useContextOf } from '../../ui/editor-context.ts'

/** Sides of the drawn picture, in its own pixels: sharp on screens with two to the CSS pixel. */
const SIDE = 160
const SURROUNDINGS = 1024

/** One for each state of the document: all candidates of a run lie on the same picture. */
const surroundings = new WeakMap<Document, Promise<ImageBitmap>>()

export function useCandidatePicture(candidate: Candidate): RefObject<HTMLCanvasElement | null> {
  const { editor } = useContextOf()
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    let wanted = true
    void pictureOf(editor, candidate).then(
      (picture) => {
        const element = canvas.current
        if (!wanted || !element || !picture) return
        element.width = picture.width
        element.height = picture.height
        element.getContext('2d')?.drawImage(picture, 0, 0)
      },
      () => {},
    )
    return () => {
      wanted = false
    }
  }, [editor, candidate])
  return canvas
}

/** The part of an area to show: a square around the candidate, with some of what is around it. Pure. */
export function frameOf({ bounds }: Pick<Candidate, 'bounds'>, area: Rect): Rect {
  const { width, height } = bounds
  const side = Math.min(Math.round(Math.max(width, height, 32) * 1.4), Math.max(area.width, area.height))
  const place = (at: number, length: number, from: number, whole: number) => {
    if (side >= whole) return from + Math.round((whole - side) / 2)
    return Math.min(from + whole - side, Math.max(from, Math.round(at + length / 2 - side / 2)))
  }
  return {
    x: place(bounds.x, width, area.x, area.width),
    y: place(bounds.y, height, area.y, area.height),
    width: side,
    height: side,
  }
}

async function pictureOf(editor: Editor, candidate: Candidate): Promise<OffscreenCanvas | null> {
  const document = editor.document?.state.document
  if (!document) return null
  const canvas = rectOf(document.canvas)
  const frame = frameOf(candidate, union(canvas, candidate.bounds))
  const scale = SIDE / frame.width
  const picture = new OffscreenCanvas(SIDE, SIDE)
  const context = picture.getContext('2d')
  if (!context) return null
  const whole = await surroundingsOf(editor, document)
  context.imageSmoothingQuality = 'high'
  context.drawImage(whole, -frame.x * scale, -frame.y * scale, canvas.width * scale, canvas.height * scale)
  const part = intersect(frame, inflate(candidate.bounds, 1))
  const level = mipLevelFor(scale)
  const places = tilesIn(part)
  const hashes = places.flatMap(({ tx, ty }) => candidate.tiles[tileKey(tx, ty)] ?? [])
  const tiles = hashes.length > 0 ? await editor.fetchTiles([...new Set(hashes)], level) : new Map()
  for (const { tx, ty } of places) {
    const hash = candidate.tiles[tileKey(tx, ty)]
    const bitmap = hash && (await tileBitmap(tiles, hash, level))
    if (bitmap)
      context.drawImage(
        bitmap,
        (tx * TILE_SIZE - frame.x) * scale,
        (ty * TILE_SIZE - frame.y) * scale,
        TILE_SIZE * scale,
        TILE_SIZE * scale,
      )
  }
  return picture
}

async function tileBitmap(
  tiles: ReadonlyMap<TileHash, Uint8Array>,
  hash: TileHash,
  level: number,
): Promise<ImageBitmap | null> {
  const bytes = tiles.get(hash)
  const side = mipSide(level)
  return bytes ? createImageBitmap(new ImageData(new Uint8ClampedArray(bytes), side, side)) : null
}

function surroundingsOf({ project, document: client }: Editor, document: Document): Promise<ImageBitmap> {
  const known = surroundings.get(document)
  if (known) return known
  const made = project
    .thumbnail({ session: client!.session, of: 'picture', size: SURROUNDINGS })
    .then(async (png) => createImageBitmap(new Blob([await png.arrayBuffer()], { type: 'image/png' })))
  surroundings.set(document, made)
  return made
}
