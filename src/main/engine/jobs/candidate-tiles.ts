/**
 * The tiles of a result, in document coordinates.
 *
 * Invariant: `shown` is the fill with the compositing mask as alpha, to look at; `filled` (opaque in the hole) and `mask`
 * are what the layer gets. All three are empty outside the hole.
 */
import { intersect, type Rect } from '../../../shared/geometry.ts'
import type { TileHash } from '../../../shared/ids.ts'
import { type TileKey, type TileMap, tileKey, tileRect, tilesIn } from '../../../shared/tiles.ts'
import { cropMask, type Mask, maskBounds } from '../imaging/mask.ts'
import type { Pace } from '../imaging/pace.ts'
import type { TileWriter } from '../imaging/tile-access.ts'

export interface CandidateTiles {
  readonly shown: TileMap
  readonly filled: TileMap
  readonly mask: TileMap
}

type OpenTileMap = { [key in TileKey]?: TileHash }

/**
 * @param fill width * height * 3 bytes over `rect`
 * @param discard called with what was written when it could not be finished
 */
export async function writeCandidateTiles(
  fill: { readonly rect: Rect; readonly rgb: Uint8Array },
  masks: { readonly hole: Mask; readonly compositing: Mask },
  writer: TileWriter,
  pace: Pace,
  discard: (maps: readonly TileMap[]) => void,
): Promise<CandidateTiles> {
  const shown: OpenTileMap = {}
  const filled: OpenTileMap = {}
  const mask: OpenTileMap = {}
  try {
    for (const { tx, ty } of tilesIn(maskBounds(masks.hole))) {
      if (pace.due()) await pace.rest()
      const square = tileRect(tx, ty)
      const soft = cropMask(masks.compositing, square).pixels
      const hole = cropMask(masks.hole, square).pixels
      const key = tileKey(tx, ty)
      put(shown, key, writer.write('rgba8', colourTile(fill, square, soft)))
      put(filled, key, writer.write('rgba8', colourTile(fill, square, hole)))
      put(mask, key, writer.write('gray8', soft))
    }
    return { shown, filled, mask }
  } catch (error) {
    discard([shown, filled, mask])
    throw error
  }
}

function put(map: OpenTileMap, key: TileKey, hash: TileHash | null): void {
  if (hash) map[key] = hash
}

/** A tile of the fill's colours with the given alpha; what is transparent has no colour. */
function colourTile(
  { rect, rgb }: { readonly rect: Rect; readonly rgb: Uint8Array },
  square: Rect,
  alpha: Uint8Array,
): Uint8Array {
  const out = new Uint8Array(square.width * square.height * 4)
  const common = intersect(rect, square)
  for (let y = common.y; y < common.y + common.height; y++)
    for (let x = common.x; x < common.x + common.width; x++) {
      const to = (y - square.y) * square.width + x - square.x
      if (alpha[to] === 0) continue
      const from = ((y - rect.y) * rect.width + x - rect.x) * 3
      out[4 * to] = rgb[from]!
      out[4 * to + 1] = rgb[from + 1]!
      out[4 * to + 2] = rgb[from + 2]!
      out[4 * to + 3] = alpha[to]!
    }
  return out
}
