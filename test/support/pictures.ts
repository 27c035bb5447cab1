/**
 * Large test pictures: mosaics of the photographs in `test/fixtures/photos`, made once and kept in the system's
 * temporary folder.
 *
 * Invariant: the same size gives the same pixels on one machine; a picture appears under its name only when it is whole,
 * so that several test processes may ask for it at once.
 */
import { mkdir, readdir, rename, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'

const PHOTOS = fileURLToPath(new URL('../fixtures/photos/', import.meta.url))

/** Sizes with the usual 3:2 sides. */
export const MEGAPIXELS_12 = { width: 4240, height: 2832 } as const
export const MEGAPIXELS_24 = { width: 6000, height: 4000 } as const
export const MEGAPIXELS_100 = { width: 12_240, height: 8_160 } as const

export interface PictureSize {
  readonly width: number
  readonly height: number
}

/** Paths of the photographs, sorted by name. */
export async function photoPaths(): Promise<readonly string[]> {
  const names = await readdir(PHOTOS)
  return names
    .filter((name) => name.endsWith('.jpg'))
    .sort()
    .map((name) => join(PHOTOS, name))
}

export function photo(name: string): string {
  return join(PHOTOS, name)
}

/** Path of a JPEG (quality 92, 4:4:4, untagged) of this size: photographs of about 1000 pixels side by side. */
export async function mosaicJpeg(size: PictureSize): Promise<string> {
  const folder = join(tmpdir(), 'inlay-test-pictures')
  const path = join(folder, `mosaic-${size.width}x${size.height}.jpg`)
  if (await exists(path)) return path
  await mkdir(folder, { recursive: true })
  const temporary = join(folder, `${process.pid}-${Date.now()}.jpg`)
  const rgb = await mosaic(size)
  await sharp(rgb, { raw: { ...size, channels: 3 }, limitInputPixels: false })
    .jpeg({ quality: 92, chromaSubsampling: '4:4:4' })
    .toFile(temporary)
  await rename(temporary, path)
  return path
}

/** The mosaic's pixels: width * height * 3 bytes. */
export async function mosaic({ width, height }: PictureSize): Promise<Buffer> {
  const paths = await photoPaths()
  const columns = Math.max(1, Math.round(width / 1000))
  const rows = Math.max(1, Math.round(height / 1000))
  const result = Buffer.alloc(width * height * 3)
  const edge = (i: number, parts: number, length: number) => Math.floor((i * length) / parts)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const x = edge(column, columns, width)
      const y = edge(row, rows, height)
      const cell = { width: edge(column + 1, columns, width) - x, height: edge(row + 1, rows, height) - y }
      // A step of 5 between rows keeps equal photographs from standing above each other.
      const path = paths[(column + row * 5) % paths.length]!
      const pixels = await sharp(path)
        .resize(cell.width, cell.height, { fit: 'cover' })
        .removeAlpha()
        .raw()
        .toBuffer()
      for (let line = 0; line < cell.height; line++) {
        const from = line * cell.width * 3
        pixels.copy(result, ((y + line) * width + x) * 3, from, from + cell.width * 3)
      }
    }
  }
  return result
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
