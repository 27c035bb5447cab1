/**
 * Photographs with holes whose content is known.
 *
 * Invariant: the same photographs give the same cases on every machine; holes take 5 to 12 % of the picture, by turns a
 * rectangle and a few brush strokes.
 */
import { readdirSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import sharp from 'sharp'
import { randomFrom } from '../../../src/main/engine/imaging/patch-fill/random.ts'

export const WIDTH = 768
export const HEIGHT = 512
const EDGE = 24

export interface Case {
  readonly name: string
  readonly shape: 'rectangle' | 'strokes'
  /** WIDTH * HEIGHT * 3 bytes: the truth. */
  readonly rgb: Uint8Array
  /** WIDTH * HEIGHT bytes, 255 in the hole. */
  readonly hole: Uint8Array
}

/** At most `limit` pictures of these folders, evenly taken. */
export function listPhotos(folders: readonly string[], limit: number): readonly string[] {
  const all = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => ['.jpg', '.jpeg', '.png', '.webp'].includes(extname(name).toLowerCase()))
      .filter((name) => !name.includes('mask'))
      .sort()
      .map((name) => join(folder, name)),
  )
  const step = Math.max(1, all.length / limit)
  return Array.from({ length: Math.min(limit, all.length) }, (_, i) => all[Math.floor(i * step)]!)
}

export async function makeCase(path: string, index: number): Promise<Case> {
  const rgb = await sharp(path)
    .autoOrient()
    .resize(WIDTH, HEIGHT, { fit: 'cover' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer()
  const random = randomFrom(1_000_003 * (index + 1))
  const shape = index % 2 === 0 ? 'rectangle' : 'strokes'
  const drawing = shape === 'rectangle' ? rectangle(random) : strokes(random)
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">${drawing}</svg>`
  const drawn = await sharp(Buffer.from(svg)).extractChannel(3).raw().toBuffer()
  return {
    name: basename(path, extname(path)),
    shape,
    rgb: new Uint8Array(rgb),
    hole: drawn.map((a) => (a > 0 ? 255 : 0)),
  }
}

function rectangle(random: (below: number) => number): string {
  const area = ((5 + random(8)) / 100) * WIDTH * HEIGHT
  const width = Math.round(Math.sqrt(area * (0.6 + random(100) / 100)))
  const height = Math.round(area / width)
  const x = EDGE + random(WIDTH - width - 2 * EDGE)
  const y = EDGE + random(HEIGHT - height - 2 * EDGE)
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}"/>`
}

function strokes(random: (below: number) => number): string {
  const lines = Array.from({ length: 3 }, () => {
    const points = Array.from(
      { length: 3 },
      () => `${EDGE + random(WIDTH - 2 * EDGE)},${EDGE + random(HEIGHT - 2 * EDGE)}`,
    )
    const style = `fill="none" stroke="black" stroke-linecap="round" stroke-width="${14 + random(10)}"`
    return `<polyline points="${points.join(' ')}" ${style}/>`
  })
  return lines.join('')
}
