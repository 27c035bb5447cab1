/**
 * A photograph becomes a project.
 *
 * Invariant: the picture is decoded once and held once while its tiles are cut; the file's own bytes go into the project
 * untouched before that and are let go. When anything fails, no project file is left behind.
 */

import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { LAYER_DEFAULTS, type RasterLayer } from '../../../shared/document/model.ts'
import { InlayError, throwIfCancelled } from '../../../shared/errors.ts'
import { LayerId, type TileHash } from '../../../shared/ids.ts'
import { MAX_PIXELS, MAX_SIDE } from '../../../shared/pixels.ts'
import { TILE_SIZE, type TileKey, tileBytes, tileKey } from '../../../shared/tiles.ts'
import { openImage } from '../imaging/image-file.ts'
import { newDraftPath } from './drafts.ts'
import { blobHash, type Original } from './project-records.ts'
import { ProjectSession } from './project-session.ts'
import { SIDECARS } from './sidecars.ts'

/** SQLite keeps no longer row. */
const LARGEST_ORIGINAL = 1_000_000_000

export interface ImportOptions {
  /** Where the project goes; a new draft when not given. */
  readonly project?: string
  readonly signal?: AbortSignal
}

/**
 * Imports a picture as the one layer of a new project, named after the file.
 * @throws InlayError those of `openImage`, `file.exists`, `disk.full`, `cancelled`
 */
export async function importPhoto(photo: string, options: ImportOptions = {}): Promise<ProjectSession> {
  const image = await openImage(photo)
  throwIfCancelled(options.signal)
  const fileName = path.basename(photo)
  const name = path.parse(fileName).name || fileName
  const original = readOriginal(photo, fileName, image.byteLength)
  const notices = original
    ? image.notices
    : [...image.notices, 'The original file is too large to be kept inside the project.']
  const session = ProjectSession.create(options.project ?? newDraftPath(), {
    canvas: { width: image.width, height: image.height },
    profile: { name: image.profileName, hash: image.icc ? blobHash(image.icc) : null },
    name,
    notices,
    original,
    profileBytes: image.icc,
  })
  return finishOrRemove(session, async () => {
    const pixels = await image.readPixels()
    const tiles: { [key in TileKey]?: TileHash } = {}
    for (let ty = 0; ty * TILE_SIZE < image.height; ty++) {
      for (let tx = 0; tx * TILE_SIZE < image.width; tx++) {
        const hash = session.tiles.write('rgba8', pixels.tile(tx, ty))
        if (hash) tiles[tileKey(tx, ty)] = hash
      }
      await new Promise(setImmediate)
      throwIfCancelled(options.signal)
    }
    commitFirst(session, 'Import', 'import', { ...newLayer(name), tiles })
  })
}

/**
 * A new project with one layer, transparent or white.
 * @throws InlayError `image.too-large`, `file.exists`, `disk.full`
 */
export async function createBlank(
  canvas: { readonly width: number; readonly height: number },
  background: 'transparent' | 'white',
  project = newDraftPath(),
): Promise<ProjectSession> {
  const { width, height } = canvas
  if (width > MAX_SIDE || height > MAX_SIDE || width * height > MAX_PIXELS)
    throw new InlayError(
      'image.too-large',
      `A canvas of ${width} × ${height} pixels is more than Inlay opens; stay within 100 megapixels.`,
    )
  const session = ProjectSession.create(project, {
    canvas,
    profile: { name: 'sRGB', hash: null },
    name: 'Untitled',
  })
  return finishOrRemove(session, async () => {
    const tiles = background === 'white' ? whiteTiles(session, width, height) : {}
    const layer = newLayer(background === 'white' ? 'Background' : 'Layer 1')
    commitFirst(session, 'New canvas', 'new', { ...layer, tiles })
  })
}

function readOriginal(photo: string, name: string, bytes: number): Original | null {
  return bytes > LARGEST_ORIGINAL ? null : { name, bytes: fs.readFileSync(photo) }
}

async function finishOrRemove(session: ProjectSession, work: () => Promise<void>): Promise<ProjectSession> {
  try {
    await work()
    return session
  } catch (error) {
    const file = session.path
    session.close()
    for (const suffix of ['', ...SIDECARS]) fs.rmSync(file + suffix, { force: true })
    throw error
  }
}

function newLayer(name: string): RasterLayer {
  return {
    ...LAYER_DEFAULTS,
    kind: 'raster',
    id: LayerId.parse(randomUUID()),
    name: name.slice(0, 200),
    tiles: {},
    request: null,
  }
}

function commitFirst(session: ProjectSession, label: string, origin: string, layer: RasterLayer): void {
  session.commit({
    label,
    origin,
    changes: [{ type: 'layer.insert', v: 1, place: { parent: null, index: 0 }, layers: [layer] }],
  })
}

/** White inside the canvas, nothing outside. */
function whiteTiles(session: ProjectSession, width: number, height: number): RasterLayer['tiles'] {
  const tiles: { [key in TileKey]?: TileHash } = {}
  for (let ty = 0; ty * TILE_SIZE < height; ty++)
    for (let tx = 0; tx * TILE_SIZE < width; tx++) {
      const pixels = new Uint8Array(tileBytes('rgba8'))
      const columns = Math.min(TILE_SIZE, width - tx * TILE_SIZE)
      const rows = Math.min(TILE_SIZE, height - ty * TILE_SIZE)
      for (let y = 0; y < rows; y++) pixels.fill(255, y * TILE_SIZE * 4, (y * TILE_SIZE + columns) * 4)
      const hash = session.tiles.write('rgba8', pixels)
      if (hash) tiles[tileKey(tx, ty)] = hash
    }
  return tiles
}
