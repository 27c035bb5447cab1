/**
 * The heavy document of the benchmarks: 24 megapixels, ten layers, no two tiles alike.
 *
 * Invariant: no layer hides what is below it, so a pixel on the screen costs ten layers; tiles are compressed as they are
 * after a while of not editing.
 */
import path from 'node:path'
import sharp from 'sharp'
import { importPhoto, type ProjectSession } from '../../src/main/engine/index.ts'
import { type BlendMode, LAYER_DEFAULTS, type RasterLayer } from '../../src/shared/document/model.ts'
import type { LayerId, TileHash } from '../../src/shared/ids.ts'
import { TILE_SIZE, type TileKey, tileBytes, tileKey } from '../../src/shared/tiles.ts'
import { MEGAPIXELS_24, mosaicJpeg, type PictureSize } from './pictures.ts'

/** From the second layer up; the first is the photograph itself. */
const LAYERS: readonly (readonly [BlendMode, number])[] = [
  ['multiply', 0.35],
  ['screen', 0.3],
  ['overlay', 0.4],
  ['soft-light', 0.6],
  ['normal', 0.25],
  ['color', 0.3],
  ['darken', 0.3],
  ['hard-light', 0.2],
  ['normal', 0.3],
]

const COMPRESS_AT_ONCE = 64

/** Makes the heavy document in a folder. @returns its path */
export async function heavyProject(folder: string, size: PictureSize = MEGAPIXELS_24): Promise<string> {
  const file = path.join(folder, 'heavy.inlay')
  const photo = await mosaicJpeg(size)
  const session = await importPhoto(photo, { project: file })
  const { data } = await sharp(photo).ensureAlpha().raw().toBuffer({ resolveWithObject: true })
  for (const [index, [blendMode, opacity]] of LAYERS.entries()) {
    const shift = { x: 97 * (index + 1), y: 61 * (index + 1) }
    addLayer(session, `Layer ${index + 2}`, { blendMode, opacity }, shiftedTiles(session, data, size, shift))
  }
  while (session.tiles.compressSome(COMPRESS_AT_ONCE) === COMPRESS_AT_ONCE);
  session.close()
  return file
}

function addLayer(
  session: ProjectSession,
  name: string,
  look: Pick<RasterLayer, 'blendMode' | 'opacity'>,
  tiles: RasterLayer['tiles'],
): void {
  const id = name.toLowerCase().replaceAll(' ', '-') as LayerId
  const layer: RasterLayer = { ...LAYER_DEFAULTS, ...look, kind: 'raster', id, name, tiles, request: null }
  const place = { parent: null, index: session.document.root.length }
  session.commit({
    label: 'New layer',
    origin: 'layer',
    changes: [{ type: 'layer.insert', v: 1, place, layers: [layer] }],
  })
}

/** The picture moved by some pixels, what leaves on one side coming back on the other. */
function shiftedTiles(
  session: ProjectSession,
  rgba: Uint8Array,
  { width, height }: PictureSize,
  shift: { readonly x: number; readonly y: number },
): RasterLayer['tiles'] {
  const tiles: { [key in TileKey]?: TileHash } = {}
  for (let ty = 0; ty * TILE_SIZE < height; ty++)
    for (let tx = 0; tx * TILE_SIZE < width; tx++) {
      const pixels = new Uint8Array(tileBytes('rgba8'))
      const columns = Math.min(TILE_SIZE, width - tx * TILE_SIZE)
      const rows = Math.min(TILE_SIZE, height - ty * TILE_SIZE)
      const x = (tx * TILE_SIZE + shift.x) % width
      const first = Math.min(columns, width - x)
      for (let y = 0; y < rows; y++) {
        const row = ((ty * TILE_SIZE + y + shift.y) % height) * width
        const at = y * TILE_SIZE * 4
        pixels.set(rgba.subarray((row + x) * 4, (row + x + first) * 4), at)
        pixels.set(rgba.subarray(row * 4, (row + columns - first) * 4), at + first * 4)
      }
      const hash = session.tiles.write('rgba8', pixels)
      if (hash) tiles[tileKey(tx, ty)] = hash
    }
  return tiles
}
