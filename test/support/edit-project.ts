/**
 * Real projects in a temporary folder, for testing edits: made, edited, looked at and taken away.
 */
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach } from 'vitest'
import { composeRect } from '../../src/main/engine/imaging/composite.ts'
import { CandidateStore } from '../../src/main/engine/jobs/candidate-store.ts'
import { perform } from '../../src/main/engine/project/edits/perform.ts'
import { ProjectSession } from '../../src/main/engine/project/project-session.ts'
import type { Command } from '../../src/shared/document/commands.ts'
import { LAYER_DEFAULTS, type RasterLayer } from '../../src/shared/document/model.ts'
import { type Rect, rectOf, type Size } from '../../src/shared/geometry.ts'
import type { FileToken, LayerId, TileHash } from '../../src/shared/ids.ts'
import type { Intent } from '../../src/shared/intents.ts'
import { TILE_SIZE, type TileKey, type TileMap, tileKey } from '../../src/shared/tiles.ts'

const folders: string[] = []
const sessions: ProjectSession[] = []

afterEach(() => {
  for (const session of sessions.splice(0)) session.close()
  for (const folder of folders.splice(0)) fs.rmSync(folder, { recursive: true, force: true })
})

export interface EditProject {
  readonly session: ProjectSession
  readonly candidates: CandidateStore
  /** Performs an intent; files are named by their path. */
  edit(intent: Intent): Promise<Command | null>
  /** The composed picture, or a part of it. */
  picture(rect?: Rect): Uint8Array
  layer(id: string): RasterLayer
}

export function newProject(
  canvas: Size,
  profile: { name: string; bytes: Uint8Array } | null = null,
): EditProject {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'inlay-edits-'))
  folders.push(folder)
  const session = ProjectSession.create(path.join(folder, 'test.inlay'), {
    canvas,
    profile: profile ? { name: profile.name, hash: sha256(profile.bytes) } : { name: 'sRGB', hash: null },
    profileBytes: profile?.bytes ?? null,
    name: 'test',
  })
  sessions.push(session)
  const candidates = new CandidateStore(session)
  return {
    session,
    candidates,
    edit: (intent) => perform(session, intent, { candidates, fileBytes: (token) => files.get(token)! }),
    picture: (rect = rectOf(session.document.canvas)) => composeRect(session.document, session.tiles, rect),
    layer: (id) => session.document.layers[id as LayerId] as RasterLayer,
  }
}

const files = new Map<FileToken, Uint8Array | string>()

/** Gives a file a token, as the shell would. */
export function grant(file: Uint8Array | string): FileToken {
  const token = `file-${files.size}` as FileToken
  files.set(token, file)
  return token
}

/** Cuts straight rgba8 pixels of a picture into tiles. */
export function tilesOf(session: ProjectSession, rgba: Uint8Array, { width, height }: Size): TileMap {
  const tiles: { [key in TileKey]?: TileHash } = {}
  for (let ty = 0; ty * TILE_SIZE < height; ty++)
    for (let tx = 0; tx * TILE_SIZE < width; tx++) {
      const tile = new Uint8Array(TILE_SIZE * TILE_SIZE * 4)
      for (let y = 0; y < Math.min(TILE_SIZE, height - ty * TILE_SIZE); y++) {
        const from = ((ty * TILE_SIZE + y) * width + tx * TILE_SIZE) * 4
        const length = Math.min(TILE_SIZE, width - tx * TILE_SIZE) * 4
        tile.set(rgba.subarray(from, from + length), y * TILE_SIZE * 4)
      }
      const hash = session.tiles.write('rgba8', tile)
      if (hash) tiles[tileKey(tx, ty)] = hash
    }
  return tiles
}

/** Puts a layer on top. */
export function addLayer(
  { session }: EditProject,
  id: string,
  tiles: TileMap,
  change: Partial<RasterLayer> = {},
): LayerId {
  const layer: RasterLayer = {
    ...LAYER_DEFAULTS,
    kind: 'raster',
    id: id as LayerId,
    name: id,
    tiles,
    request: null,
    ...change,
  }
  const place = { parent: null, index: session.document.root.length }
  session.commit({
    label: 'New layer',
    origin: 'layer',
    changes: [{ type: 'layer.insert', v: 1, place, layers: [layer] }],
  })
  return layer.id
}

/** A smooth coloured picture with some grain; alpha 255, or waving between 0 and 255. */
export function scenery(size: Size, seed: number, translucent = false): Uint8Array {
  const rgba = new Uint8Array(size.width * size.height * 4)
  for (let y = 0, i = 0; y < size.height; y++)
    for (let x = 0; x < size.width; x++, i += 4) {
      const grain = ((x * 7919 + y * 104729 + seed * 31) % 23) - 11
      rgba[i] = 128 + 90 * Math.sin(x / 37 + seed) + grain
      rgba[i + 1] = 128 + 90 * Math.sin(y / 29 + seed * 2) + grain
      rgba[i + 2] = 128 + 90 * Math.sin((x + y) / 53) + grain
      rgba[i + 3] = translucent
        ? Math.min(255, Math.max(0, 150 + 200 * Math.sin(x / 41) * Math.cos(y / 47)))
        : 255
    }
  return rgba
}

/** The largest difference of two pictures, colour weighted by alpha as the eye sees it on black and on white. */
export function farthest(a: Uint8Array, b: Uint8Array): number {
  let most = 0
  for (let i = 0; i < a.length; i += 4) {
    most = Math.max(most, Math.abs(a[i + 3]! - b[i + 3]!))
    for (let c = i; c < i + 3; c++)
      most = Math.max(most, Math.abs((a[c]! * a[i + 3]!) / 255 - (b[c]! * b[i + 3]!) / 255))
  }
  return most
}

function sha256(bytes: Uint8Array): never {
  return createHash('sha256').update(bytes).digest('hex') as never
}
