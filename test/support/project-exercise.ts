/** Projects to test with: small real ones, made and edited at random through the session. */

import { ProjectSession } from '../../src/main/engine/project/project-session.ts'
import { LAYER_DEFAULTS, type RasterLayer } from '../../src/shared/document/model.ts'
import { InlayError } from '../../src/shared/errors.ts'
import type { LayerId, TileHash } from '../../src/shared/ids.ts'
import type { PixelFormat } from '../../src/shared/pixels.ts'
import { tileBytes } from '../../src/shared/tiles.ts'
import { type Random, RandomEdits } from './project-random.ts'

export const BACKGROUND = 'background' as LayerId

/** Pixels that differ from all others and compress a little, like a photograph. */
export function randomPixels(random: Random, format: PixelFormat): Uint8Array {
  const pixels = new Uint8Array(tileBytes(format))
  pixels.fill(random.int(1, 254))
  for (let i = 0; i < 3000; i++) pixels[random.int(0, pixels.length - 1)] = random.int(0, 255)
  return pixels
}

export function writeTile(session: ProjectSession, random: Random, format: PixelFormat = 'rgba8'): TileHash {
  const hash = session.tiles.write(format, randomPixels(random, format))
  if (!hash) throw new Error('a random tile came out empty')
  return hash
}

export function backgroundLayer(tiles: RasterLayer['tiles']): RasterLayer {
  return { ...LAYER_DEFAULTS, kind: 'raster', id: BACKGROUND, name: 'Background', tiles, request: null }
}

/** A new project of one layer, imported as its first history entry. */
export function newProject(file: string, random: Random, name = 'holiday'): ProjectSession {
  const session = ProjectSession.create(file, {
    canvas: { width: 500, height: 400 },
    profile: { name: 'sRGB', hash: null },
    name,
  })
  session.commit({
    label: 'Import',
    origin: 'import',
    changes: [
      {
        type: 'layer.insert',
        v: 1,
        place: { parent: null, index: 0 },
        layers: [backgroundLayer({ '0,0': writeTile(session, random), '1,0': writeTile(session, random) })],
      },
    ],
  })
  return session
}

/** One brush stroke on the background: replaces its first tile. */
export function stroke(session: ProjectSession, random: Random): TileHash {
  const layer = session.document.layers[BACKGROUND] as RasterLayer
  const hash = writeTile(session, random)
  session.commit({
    label: 'Brush stroke',
    origin: 'brush',
    changes: [
      {
        type: 'pixels.patch',
        v: 1,
        id: BACKGROUND,
        plane: 'pixels',
        tiles: { '0,0': [layer.tiles['0,0'] ?? null, hash] },
      },
    ],
  })
  return hash
}

/** Does what a person does, at random: edits of every kind, undo, redo, jumps. */
export function exercise(session: ProjectSession, random: Random, steps: number): void {
  const edits = new RandomEdits(random, (format) => writeTile(session, random, format))
  for (let i = 0; i < steps; i++) {
    const choice = random.next()
    if (choice < 0.6) session.commit(edits.command(session.document))
    else if (choice < 0.75) quietly(() => session.undo())
    else if (choice < 0.85) quietly(() => session.redo())
    else if (choice < 0.9) session.jump(random.pick(session.history.entries).id)
    else quietly(() => session.dispatch(edits.command(session.document)))
  }
}

/** Runs what may be refused: nothing to undo, a locked layer. */
function quietly(body: () => void): void {
  try {
    body()
  } catch (error) {
    if (!(error instanceof InlayError) || error.code !== 'document.conflict') throw error
  }
}
