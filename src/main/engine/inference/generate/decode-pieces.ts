/**
 * Decoding a part of a picture in as many pieces as memory needs, and putting what was decoded into the picture.
 *
 * Invariant: pieces overlap by a margin that is cut off again, and every decode has the statistics of the whole picture, so
 * where two meet nothing is seen. Pieces are made only when memory ran short, down to a size at which they do not help.
 */
import { inflate, intersect, type Rect } from '../../../../shared/geometry.ts'
import { type Decoded, REFLECTED } from '../asymmetric-decode.ts'
import { FACTOR } from '../pipelines/latents.ts'
import { cropPlanes, type Planes } from '../reflection-padding.ts'
import { isAllocationFailure } from './allocation.ts'
import type { Job } from './job.ts'

/** Cells around a piece that are decoded with it. */
const MARGIN = 4
/** Cells of a side that is not cut any more. */
const LEAST = 24

/**
 * @param cells of the framed picture's latents
 * @param decode some cells; `last` where they will not be cut further, so that whatever else helps is to be tried
 */
export async function decodeInPieces(
  job: Job,
  cells: Rect,
  decode: (cells: Rect, last: boolean) => Promise<Decoded>,
): Promise<Decoded> {
  const isLast = Math.max(cells.width, cells.height) < 2 * LEAST
  try {
    return await decode(cells, isLast)
  } catch (error) {
    if (isLast || !isAllocationFailure(error)) throw error
  }
  job.announce('Memory ran short, so the picture is decoded in smaller parts.')
  const pieces: Decoded[] = []
  for (const half of halves(cells)) {
    const piece = await decodeInPieces(job, intersect(inflate(half, MARGIN), cells), decode)
    pieces.push(cut(piece, pixelsOf(half)))
  }
  return joined(pieces)
}

/** The picture with what was decoded of it. */
export function pasteDecoded(picture: Planes, { planes, at }: Decoded): Planes {
  const out = Float32Array.from(picture.data)
  for (let c = 0; c < 3; c++)
    for (let y = 0; y < at.height; y++) {
      const from = (c * at.height + y) * at.width
      const to = (c * picture.height + at.y + y) * picture.width + at.x
      out.set(planes.data.subarray(from, from + at.width), to)
    }
  return { ...picture, data: out }
}

function halves({ x, y, width, height }: Rect): readonly [Rect, Rect] {
  const [across, down] = width >= height ? [Math.ceil(width / 2), height] : [width, Math.ceil(height / 2)]
  return width >= height
    ? [
        { x, y, width: across, height },
        { x: x + across, y, width: width - across, height },
      ]
    : [
        { x, y, width, height: down },
        { x, y: y + down, width, height: height - down },
      ]
}

/** In the picture's own coordinates, the frame's rim being outside of it. */
function pixelsOf({ x, y, width, height }: Rect): Rect {
  return {
    x: x * FACTOR - REFLECTED,
    y: y * FACTOR - REFLECTED,
    width: width * FACTOR,
    height: height * FACTOR,
  }
}

function cut({ planes, at }: Decoded, wanted: Rect): Decoded {
  const kept = intersect(at, wanted)
  return { planes: cropPlanes(planes, { ...kept, x: kept.x - at.x, y: kept.y - at.y }), at: kept }
}

function joined(pieces: readonly Decoded[]): Decoded {
  const left = Math.min(...pieces.map(({ at }) => at.x))
  const top = Math.min(...pieces.map(({ at }) => at.y))
  const width = Math.max(...pieces.map(({ at }) => at.x + at.width)) - left
  const height = Math.max(...pieces.map(({ at }) => at.y + at.height)) - top
  const whole: Planes = { channels: 3, width, height, data: new Float32Array(3 * width * height) }
  const planes = pieces.reduce(
    (sum, { planes: part, at }) =>
      pasteDecoded(sum, { planes: part, at: { ...at, x: at.x - left, y: at.y - top } }),
    whole,
  )
  return { planes, at: { x: left, y: top, width, height } }
}
