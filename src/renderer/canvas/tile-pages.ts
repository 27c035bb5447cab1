/**
 * Where tiles lie on the GPU: slices of texture arrays, one kind of array for each format and mipmap level.
 *
 * Invariant: the pages together stay within a budget of bytes, unless the tiles used in the current frame alone need
 * more. What was not used longest makes room: a single tile of the same kind, or a whole page of another.
 */
import type { TileHash } from '../../shared/ids.ts'
import type { PixelFormat } from '../../shared/pixels.ts'
import { mipSide, tileBytes } from '../../shared/tiles.ts'
import { createTexture, type Gl } from './gl-context.ts'

export interface Page {
  readonly texture: WebGLTexture
  readonly bucket: Bucket
  readonly bytes: number
  used: number
}

/** A tile on the GPU. */
export interface GpuTile {
  readonly page: Page
  readonly slice: number
  /** rgba8: the opaque rectangle at the top left, in pixels of the level; a picture's edge tiles are opaque in part. */
  readonly opaqueWidth: number
  readonly opaqueHeight: number
  /** gray8: the value all samples have, or null. */
  readonly uniform: number | null
  used: number
}

interface Bucket {
  readonly format: PixelFormat
  readonly level: number
  /** In the order of use, longest unused first. */
  readonly tiles: Map<TileHash, GpuTile>
  readonly free: { readonly page: Page; readonly slice: number }[]
}

const PAGE_BYTES = 8 * 1024 * 1024

export class TilePages {
  readonly #gl: Gl
  readonly #budget: number
  readonly #buckets = new Map<string, Bucket>()
  readonly #pages = new Set<Page>()
  #bytes = 0
  #frame = 0

  constructor(gl: Gl, budget: number) {
    this.#gl = gl
    this.#budget = budget
  }

  get bytes(): number {
    return this.#bytes
  }

  get count(): number {
    let count = 0
    for (const { tiles } of this.#buckets.values()) count += tiles.size
    return count
  }

  /** Tiles used from now on belong to a new frame: older ones may go. */
  nextFrame(): void {
    this.#frame++
  }

  get(hash: TileHash, format: PixelFormat, level: number): GpuTile | undefined {
    const { tiles } = this.#bucket(format, level)
    const tile = tiles.get(hash)
    if (tile && tile.used !== this.#frame) {
      tile.used = this.#frame
      tile.page.used = this.#frame
      tiles.delete(hash)
      tiles.set(hash, tile)
    }
    return tile
  }

  add(hash: TileHash, format: PixelFormat, level: number, pixels: Uint8Array): void {
    const bucket = this.#bucket(format, level)
    if (bucket.tiles.has(hash)) return
    const { page, slice } = this.#room(bucket)
    const { gl } = this.#gl
    const side = mipSide(level)
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, page.texture)
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1)
    const layout = format === 'rgba8' ? gl.RGBA : gl.RED
    gl.texSubImage3D(gl.TEXTURE_2D_ARRAY, 0, 0, 0, slice, side, side, 1, layout, gl.UNSIGNED_BYTE, pixels)
    const opaque = format === 'rgba8' ? opaqueCorner(pixels, side) : { width: 0, height: 0 }
    page.used = this.#frame
    bucket.tiles.set(hash, {
      page,
      slice,
      opaqueWidth: opaque.width,
      opaqueHeight: opaque.height,
      uniform: format === 'gray8' && pixels.every((value) => value === pixels[0]) ? pixels[0]! : null,
      used: this.#frame,
    })
  }

  dispose(): void {
    for (const page of this.#pages) this.#gl.gl.deleteTexture(page.texture)
    this.#pages.clear()
    this.#buckets.clear()
    this.#bytes = 0
  }

  #bucket(format: PixelFormat, level: number): Bucket {
    const key = `${format}/${level}`
    let bucket = this.#buckets.get(key)
    if (!bucket) {
      bucket = { format, level, tiles: new Map(), free: [] }
      this.#buckets.set(key, bucket)
    }
    return bucket
  }

  #room(bucket: Bucket): { readonly page: Page; readonly slice: number } {
    const free = bucket.free.pop()
    if (free) return free
    const slices = this.#slices(bucket)
    const bytes = slices * tileBytes(bucket.format, bucket.level)
    while (this.#bytes + bytes > this.#budget) {
      const page = this.#oldestPage()
      const oldest = bucket.tiles.entries().next().value
      if (oldest && oldest[1].used < this.#frame && (!page || oldest[1].used <= page.used)) {
        bucket.tiles.delete(oldest[0])
        return { page: oldest[1].page, slice: oldest[1].slice }
      }
      if (!page) break
      this.#drop(page)
      if (page.bucket === bucket) break
    }
    return this.#newPage(bucket, slices, bytes)
  }

  #slices({ format, level }: Bucket): number {
    const wanted = Math.max(1, Math.floor(PAGE_BYTES / tileBytes(format, level)))
    return Math.min(wanted, this.#gl.maxLayers, 1024)
  }

  #newPage(bucket: Bucket, slices: number, bytes: number): { readonly page: Page; readonly slice: number } {
    const { gl } = this.#gl
    const texture = createTexture(gl, gl.TEXTURE_2D_ARRAY)
    const side = mipSide(bucket.level)
    gl.texStorage3D(gl.TEXTURE_2D_ARRAY, 1, bucket.format === 'rgba8' ? gl.RGBA8 : gl.R8, side, side, slices)
    const page: Page = { texture, bucket, bytes, used: this.#frame }
    this.#pages.add(page)
    this.#bytes += bytes
    for (let slice = slices - 1; slice > 0; slice--) bucket.free.push({ page, slice })
    return { page, slice: 0 }
  }

  /** The page that was not used longest, none of whose tiles belongs to this frame. */
  #oldestPage(): Page | null {
    let oldest: Page | null = null
    for (const page of this.#pages)
      if (page.used < this.#frame && (!oldest || page.used < oldest.used)) oldest = page
    return oldest
  }

  #drop(page: Page): void {
    const { tiles, free } = page.bucket
    for (const [hash, tile] of tiles) if (tile.page === page) tiles.delete(hash)
    const kept = free.filter((place) => place.page !== page)
    free.splice(0, free.length, ...kept)
    this.#gl.gl.deleteTexture(page.texture)
    this.#pages.delete(page)
    this.#bytes -= page.bytes
  }
}

/** The widest opaque rectangle that begins at the top left and spans the first row's opaque run. */
function opaqueCorner(pixels: Uint8Array, side: number): { readonly width: number; readonly height: number } {
  let width = 0
  while (width < side && pixels[width * 4 + 3] === 255) width++
  if (width === 0) return { width: 0, height: 0 }
  for (let y = 1; y < side; y++)
    for (let x = 0; x < width; x++) if (pixels[(y * side + x) * 4 + 3] !== 255) return { width, height: y }
  return { width, height: side }
}
