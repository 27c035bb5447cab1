import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EncodeOptions, encodeImage, encodeToFile } from '../../src/main/engine/imaging/image-encode.ts'
import { openImage } from '../../src/main/engine/imaging/image-file.ts'
import { NO_METADATA, type WritableFormat } from '../../src/main/engine/imaging/metadata.ts'
import {
  EXIF_COMMENT,
  EXIF_MAKE,
  exifBlock,
  iptcBlock,
  MAKER_NOTE,
  p3Profile,
  THUMBNAIL,
  xmpPacket,
} from '../support/picture-parts.ts'
import { photo } from '../support/pictures.ts'

const W = 200
const H = 130
const FORMATS: readonly WritableFormat[] = ['png', 'jpeg', 'webp', 'tiff', 'avif']
const LOSSLESS: readonly WritableFormat[] = ['png', 'tiff', 'webp', 'avif']

let folder: string
let opaque: Uint8Array
let translucent: Uint8Array

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inlay-encode-'))
  opaque = await sharp(photo('sunset-beach.jpg')).resize(W, H, { fit: 'fill' }).ensureAlpha().raw().toBuffer()
  translucent = opaque.map((v, i) => (i % 4 === 3 ? (i * 7) & 255 : v))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function options(format: WritableFormat, more: Partial<EncodeOptions> = {}): EncodeOptions {
  return { width: W, height: H, format, quality: 100, icc: null, metadata: null, ...more }
}

function largestDifference(a: Uint8Array, b: Uint8Array): number {
  expect(a.length).toBe(b.length)
  return a.reduce((largest, v, i) => Math.max(largest, Math.abs(v - b[i]!)), 0)
}

describe('encodeImage', () => {
  for (const format of LOSSLESS) {
    it(`gives exact pixels back through ${format}, with and without alpha`, async () => {
      for (const rgba of [opaque, translucent]) {
        const source = await openImage(await encodeImage(rgba, options(format)))
        expect(source).toMatchObject({
          format,
          width: W,
          height: H,
          hasAlpha: rgba === translucent,
          notices: [],
        })
        expect(largestDifference(await source.readRgba(), rgba)).toBe(0)
      }
    })
  }

  it('places transparency on white in a JPEG, with full chroma from quality 90 on', async () => {
    const file = await encodeImage(translucent, options('jpeg'))
    const rgba = await (await openImage(file)).readRgba()
    const expected = translucent.map((v, i) => {
      if (i % 4 === 3) return 255
      const alpha = translucent[i | 3]! / 255
      return Math.round(v * alpha + 255 * (1 - alpha))
    })
    expect(largestDifference(rgba, expected)).toBeLessThanOrEqual(8)
    const sampling = async (quality: number) =>
      (await sharp(await encodeImage(opaque, options('jpeg', { quality }))).metadata()).chromaSubsampling
    expect([await sampling(89), await sampling(90)]).toEqual(['4:2:0', '4:4:4'])
  })

  it('makes smaller files at lower quality', async () => {
    for (const format of ['jpeg', 'webp', 'avif'] as const) {
      const size = async (quality: number) => (await encodeImage(opaque, options(format, { quality }))).length
      expect(await size(30)).toBeLessThan((await size(80)) * 0.7)
    }
  })

  it('asks a row source for each row once, from the top, and writes the same file', async () => {
    const tall = { width: 10, height: 700 }
    const rgba = new Uint8Array(10 * 700 * 4).map((_, i) => (i % 4 === 3 ? 255 : (i * 13) & 255))
    const asked: number[] = []
    const file = await encodeImage(
      async (first, count, into) => {
        asked.push(first, count)
        expect(into.length).toBe(count * 40)
        into.set(rgba.subarray(first * 40, (first + count) * 40))
      },
      options('png', tall),
    )
    expect(asked).toEqual([0, 256, 256, 256, 512, 188])
    expect(file).toEqual(await encodeImage(rgba, options('png', tall)))
  })

  it('refuses a size the format cannot hold, and a nonsense quality', async () => {
    const wide = { width: 16_384, height: 1 }
    const rgba = new Uint8Array(16_384 * 4)
    await expect(encodeImage(rgba, options('webp', wide))).rejects.toMatchObject({ code: 'image.too-large' })
    for (const quality of [0, 101, 1.5, Number.NaN]) {
      await expect(encodeImage(opaque, options('jpeg', { quality }))).rejects.toMatchObject({ code: 'usage' })
    }
    await expect(encodeImage(opaque, options('png', { width: W + 1 }))).rejects.toThrow(RangeError)
  })
})

describe('profiles', () => {
  for (const format of FORMATS) {
    it(`attaches one to ${format} without touching a number, and leaves untagged untagged`, async () => {
      const icc = await p3Profile()
      for (const rgba of [opaque, translucent]) {
        const tagged = await openImage(await encodeImage(rgba, options(format, { icc })))
        const untagged = await openImage(await encodeImage(rgba, options(format)))
        expect(Buffer.from(tagged.icc!)).toEqual(icc)
        expect(untagged.icc).toBeNull()
        expect(largestDifference(await tagged.readRgba(), await untagged.readRgba())).toBe(0)
        if (format !== 'jpeg') expect(largestDifference(await tagged.readRgba(), rgba)).toBe(0)
      }
    })

    it(`attaches a profile of several segments to ${format}`, async () => {
      const icc = Buffer.concat([await p3Profile(), Buffer.alloc(200_000, 7)])
      icc.writeUInt32BE(icc.length, 0)
      const file = await encodeImage(opaque, options(format, { icc }))
      expect((await sharp(file).metadata()).icc).toEqual(icc)
      expect((await sharp(file).raw().toBuffer()).length).toBe(W * H * 3)
    })
  }
})

describe('metadata', () => {
  for (const order of ['II', 'MM'] as const) {
    for (const format of FORMATS) {
      it(`keeps ${order} EXIF, XMP and IPTC in ${format}, true of the new picture`, async () => {
        const metadata = {
          exif: exifBlock(order, 6, 4000, 3000),
          xmp: xmpPacket(6, 4000, 3000),
          iptc: iptcBlock('Évening at the sea'),
        }
        const file = await encodeImage(translucent, options(format, { metadata, icc: await p3Profile() }))
        const source = await openImage(file)
        // Not turned a second time.
        expect([source.width, source.height]).toEqual([W, H])
        const exif = Buffer.from(source.metadata.exif!)
        for (const part of [EXIF_MAKE, EXIF_COMMENT, MAKER_NOTE]) expect(exif.includes(part)).toBe(true)
        expect(file.includes(THUMBNAIL.subarray(0, 16))).toBe(false)
        const found = await sharp(file).metadata()
        expect(found.orientation ?? 1).toBe(1)
        const xmp = Buffer.from(source.metadata.xmp!).toString()
        expect(xmp).toContain('tiff:Orientation="1"')
        expect(xmp).toContain(`<exif:PixelXDimension>${W}<`)
        expect(xmp).toContain('© Café')
        const hasIptc = format !== 'webp' && format !== 'avif'
        if (hasIptc) expect(Buffer.from(source.metadata.iptc!)).toEqual(metadata.iptc)
        else expect(source.metadata.iptc).toBeNull()
        if (format !== 'jpeg') expect(largestDifference(await source.readRgba(), translucent)).toBe(0)
      })
    }
  }

  it('hands on what it kept: JPEG to TIFF to PNG to AVIF to WebP to JPEG', async () => {
    let metadata = {
      exif: exifBlock('MM', 1, 10, 10) as Uint8Array | null,
      xmp: xmpPacket(1, 10, 10) as Uint8Array | null,
      iptc: iptcBlock('Caption') as Uint8Array | null,
    }
    for (const format of ['jpeg', 'tiff', 'png', 'avif', 'webp', 'jpeg'] as const) {
      metadata = { ...(await openImage(await encodeImage(opaque, options(format, { metadata })))).metadata }
      expect(Buffer.from(metadata.exif!).includes(EXIF_COMMENT), format).toBe(true)
      expect(Buffer.from(metadata.xmp!).includes('Café'), format).toBe(true)
    }
  })

  it('strips on request, and says what a format could not hold', async () => {
    const metadata = {
      exif: exifBlock('II', 1, 10, 10),
      xmp: xmpPacket(1, 10, 10),
      iptc: iptcBlock('Caption'),
    }
    for (const format of FORMATS) {
      const stripped = await openImage(await encodeImage(opaque, options(format, { metadata: null })))
      expect(stripped.metadata).toEqual(NO_METADATA)
    }
    const size = { width: W, height: H, icc: null }
    const webp = await encodeToFile(join(folder, 'a.webp'), opaque, { ...size, metadata })
    expect(webp.notices).toEqual(["WEBP has no room for the picture's IPTC; it was left out."])
    const long = { ...metadata, xmp: Buffer.from(`<x:xmpmeta>${' '.repeat(70_000)}</x:xmpmeta>`) }
    const jpeg = await encodeToFile(join(folder, 'a.jpg'), translucent, { ...size, metadata: long })
    expect(jpeg.notices).toEqual([
      'JPEG has no transparency; the picture was placed on white.',
      "JPEG has no room for the picture's XMP; it was left out.",
    ])
    expect((await openImage(join(folder, 'a.jpg'))).metadata.exif).not.toBeNull()
  })

  it('writes files that another decoder opens too', async () => {
    // Chromium is not at hand in this test; libvips and its libraries are, and they warn about what they skip.
    for (const format of FORMATS) {
      const metadata = { exif: exifBlock('II', 1, 10, 10), xmp: xmpPacket(1, 10, 10), iptc: null }
      const file = await encodeImage(translucent, options(format, { metadata, icc: await p3Profile() }))
      const warnings: string[] = []
      const decoder = sharp(file, { failOn: 'warning' })
      decoder.on('warning', (warning: string) => warnings.push(warning))
      await decoder.keepMetadata().png().toBuffer()
      expect(warnings, format).toEqual([])
    }
  })
})

describe('encodeToFile', () => {
  const plain = { width: W, height: H, icc: null, metadata: null }

  it('picks the format by the extension, in any case', async () => {
    for (const [name, format] of [
      ['a.png', 'png'],
      ['a.JPG', 'jpeg'],
      ['a.jpeg', 'jpeg'],
      ['a.webp', 'webp'],
      ['a.tif', 'tiff'],
      ['a.tiff', 'tiff'],
      ['a.avif', 'avif'],
    ] as const) {
      const { byteLength } = await encodeToFile(join(folder, name), opaque, plain)
      expect((await stat(join(folder, name))).size).toBe(byteLength)
      expect((await openImage(join(folder, name))).format).toBe(format)
    }
    for (const name of ['a.bmp', 'a.heic', 'a', 'a.png.txt', '.png']) {
      const attempt = encodeToFile(join(folder, name), opaque, plain)
      await expect(attempt).rejects.toMatchObject({ code: 'image.unsupported' })
      await expect(attempt).rejects.toThrow(/\.png, \.jpg, \.jpeg, \.webp, \.tif, \.tiff, \.avif/)
    }
  })

  it('replaces a file, keeps its permissions, follows a link, and leaves nothing else', async () => {
    const place = join(folder, 'replace')
    await mkdir(place)
    const target = join(place, 'real.png')
    await writeFile(target, 'old')
    await chmod(target, 0o640)
    await symlink(target, join(place, 'link.png'))
    await encodeToFile(join(place, 'link.png'), opaque, plain)
    expect((await lstat(join(place, 'link.png'))).isSymbolicLink()).toBe(true)
    expect(await realpath(join(place, 'link.png'))).toBe(await realpath(target))
    expect((await openImage(target)).width).toBe(W)
    expect((await stat(target)).mode & 0o777).toBe(0o640)
    expect((await readdir(place)).sort()).toEqual(['link.png', 'real.png'])
  })

  it('never makes a folder, and does not write over one', async () => {
    const missing = join(folder, 'no-such-folder')
    await expect(encodeToFile(join(missing, 'a.png'), opaque, plain)).rejects.toMatchObject({
      code: 'file.missing',
    })
    await expect(stat(missing)).rejects.toThrow()
    await mkdir(join(folder, 'dir.png'))
    await expect(encodeToFile(join(folder, 'dir.png'), opaque, plain)).rejects.toMatchObject({
      code: 'file.denied',
    })
  })

  it('leaves the old file alone when the rows fail', async () => {
    const place = join(folder, 'rows')
    await mkdir(place)
    await writeFile(join(place, 'a.png'), 'old')
    const failing = encodeToFile(join(place, 'a.png'), () => Promise.reject(new Error('no tile')), plain)
    await expect(failing).rejects.toThrow('no tile')
    expect(await readFile(join(place, 'a.png'), 'utf8')).toBe('old')
    expect(await readdir(place)).toEqual(['a.png'])
  })

  it('says that a folder or a file is read-only, and changes nothing', async () => {
    const place = join(folder, 'read-only')
    await mkdir(place)
    await writeFile(join(place, 'a.png'), 'old')
    await chmod(join(place, 'a.png'), 0o444)
    await chmod(place, 0o555)
    expect(codeAsOrdinaryUser(join(place, 'new.png'))).toBe('file.denied')
    await chmod(place, 0o777)
    expect(codeAsOrdinaryUser(join(place, 'a.png'))).toBe('file.denied')
    expect(await readdir(place)).toEqual(['a.png'])
    expect(await readFile(join(place, 'a.png'), 'utf8')).toBe('old')
  })

  it('says that the disk is full, and changes nothing', async () => {
    const place = join(folder, 'full')
    const target = join(place, 'a.png')
    const expectUnchanged = async () => {
      expect(await readFile(target, 'utf8')).toBe('old')
      expect(await readdir(place)).toEqual(['a.png'])
    }
    await mkdir(place)
    await writeFile(target, 'old')
    expect(codeUnderSizeLimit(target)).toBe('disk.full')
    await expectUnchanged()
    // A real disk, where this user may mount one.
    if (!mountSmallDisk(place)) return
    try {
      await writeFile(target, 'old')
      const noise = randomBytes(1000 * 1000 * 4)
      const attempt = encodeToFile(target, noise, { ...plain, width: 1000, height: 1000 })
      await expect(attempt).rejects.toMatchObject({ code: 'disk.full' })
      await expectUnchanged()
    } finally {
      execFileSync('umount', [place])
    }
  })
})

/** A disk of 256 KB. */
function mountSmallDisk(place: string): boolean {
  if (process.getuid?.() !== 0) return false
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', place]).status === 0
}

const SCRIPT = `
  if (process.argv[2] === 'nobody') { process.setgid(65534); process.setuid(65534) }
  process.on('SIGXFSZ', () => {})
  const noise = crypto.getRandomValues(new Uint8Array(60_000))
  const size = { width: 150, height: 100, icc: null, metadata: null }
  encodeToFile(process.argv[1], noise, size).then(() => console.log('written'), (error) => console.log(error.code))
`
const MODULE = new URL('../../src/main/engine/imaging/image-encode.ts', import.meta.url).href

/** Root may write anywhere, so the attempt is made by a process that has become nobody. */
function codeAsOrdinaryUser(path: string): string {
  return runScript([path, process.getuid?.() === 0 ? 'nobody' : 'self'])
}

/** A limit on the size of a file fails a write in the middle, as a full disk does. */
function codeUnderSizeLimit(path: string): string {
  return runScript([path, 'self'], 'ulimit -f 16; ')
}

function runScript(args: readonly string[], before = ''): string {
  const script = `import { encodeToFile } from ${JSON.stringify(MODULE)}\n${SCRIPT}`
  const command = `${before}exec "$0" --input-type=module -e "$SCRIPT" "$@"`
  const run = spawnSync('sh', ['-c', command, process.execPath, ...args], {
    env: { ...process.env, SCRIPT: script },
    encoding: 'utf8',
  })
  return run.stdout.trim() || run.stderr
}
