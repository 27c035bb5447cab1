import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openImage, readMask } from '../../src/main/engine/imaging/image-file.ts'
import {
  exifBlock,
  greyProfile,
  iptcBlock,
  p3Profile,
  png,
  pngChunk,
  profileOf,
} from '../support/picture-parts.ts'
import { photo, photoPaths } from '../support/pictures.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inlay-open-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A photograph of 300 x 200 as the decoder of sharp gives it: the witness for exactness. */
async function small(): Promise<Buffer> {
  return sharp(photo('pink-house.jpg')).resize(300, 200, { fit: 'fill' }).removeAlpha().raw().toBuffer()
}

function rgb(pixels: Buffer, width = 300, height = 200) {
  return sharp(pixels, { raw: { width, height, channels: 3 } })
}

function withAlpha(pixels: Uint8Array): Uint8Array {
  const rgba = new Uint8Array((pixels.length / 3) * 4)
  for (let i = 0; i < pixels.length / 3; i++) {
    rgba.set([pixels[i * 3]!, pixels[i * 3 + 1]!, pixels[i * 3 + 2]!, 255], i * 4)
  }
  return rgba
}

function largestDifference(a: Uint8Array, b: Uint8Array): number {
  expect(a.length).toBe(b.length)
  let largest = 0
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!))
  return largest
}

describe('openImage on photographs', () => {
  it('gives the decoder’s own pixels of every test photograph, whole and by tiles', async () => {
    for (const path of await photoPaths()) {
      const source = await openImage(path)
      expect(source).toMatchObject({
        format: 'jpeg',
        hasAlpha: false,
        icc: null,
        profileName: 'sRGB',
        notices: [],
      })
      const rgba = await source.readRgba()
      const witness = await sharp(path).ensureAlpha().raw().toBuffer()
      expect(Buffer.compare(rgba, witness)).toBe(0)
      const pixels = await source.readPixels()
      const tile = pixels.tile(1, 1)
      for (let y = 0; y < 256; y++) {
        const from = ((256 + y) * source.width + 256) * 4
        expect(
          Buffer.compare(tile.subarray(y * 1024, (y + 1) * 1024), rgba.subarray(from, from + 1024)),
        ).toBe(0)
      }
    }
  })

  it('opens names that sharp’s file syntax would trip over', async () => {
    const file = await rgb(await small())
      .png()
      .toBuffer()
    for (const name of [
      'a[1].png',
      'b[page=2].png',
      ' ünï ☃ .png',
      '-dash.png',
      'no extension',
      'wrong.jpg',
    ]) {
      await writeFile(join(folder, name), file)
      expect(await openImage(join(folder, name))).toMatchObject({ width: 300, height: 200, format: 'png' })
    }
  })

  it('reads the file again after it was written again', async () => {
    const path = join(folder, 'again.png')
    for (const value of [10, 200]) {
      await rgb(Buffer.alloc(300 * 200 * 3, value))
        .png()
        .toFile(path)
      expect((await (await openImage(path)).readRgba())[0]).toBe(value)
    }
  })
})

describe('openImage on every format', () => {
  it('is exact where the format is lossless', async () => {
    const pixels = await small()
    const files = {
      png: await rgb(pixels).png().toBuffer(),
      webp: await rgb(pixels).webp({ lossless: true }).toBuffer(),
      tiff: await rgb(pixels).tiff({ compression: 'lzw' }).toBuffer(),
      avif: await rgb(pixels).avif({ lossless: true }).toBuffer(),
    }
    for (const [format, file] of Object.entries(files)) {
      const source = await openImage(file)
      expect(source).toMatchObject({ format, width: 300, height: 200, hasAlpha: false, notices: [] })
      expect(source.byteLength).toBe(file.length)
      expect(largestDifference(await source.readRgba(), withAlpha(pixels)), format).toBe(0)
    }
  })

  it('keeps alpha straight, with the colours under alpha 0', async () => {
    const rgba = new Uint8Array(64 * 64 * 4).map((_, i) => (i % 4 === 3 ? (i >> 4) & 255 : (i * 7) & 255))
    const made = sharp(rgba, { raw: { width: 64, height: 64, channels: 4 } })
    const files = [
      await made.clone().png().toBuffer(),
      await made.clone().webp({ lossless: true, exact: true }).toBuffer(),
      await made.clone().tiff({ compression: 'deflate' }).toBuffer(),
      await made.clone().avif({ lossless: true }).toBuffer(),
    ]
    for (const file of files) {
      const source = await openImage(file)
      expect(source.hasAlpha).toBe(true)
      expect(largestDifference(await source.readRgba(), rgba), source.format).toBe(0)
    }
  })

  it('separates the alpha of a TIFF that has it multiplied in, and says so', async () => {
    const file = await sharp(Uint8Array.from([50, 100, 25, 128]), {
      raw: { width: 1, height: 1, channels: 4 },
    })
      .tiff({ compression: 'none' })
      .toBuffer()
    // ExtraSamples (338): 2 is straight alpha, 1 is associated alpha.
    const entry = file.indexOf(Buffer.from([338 & 255, 338 >> 8, 3, 0, 1, 0, 0, 0, 2, 0]))
    expect(entry).toBeGreaterThan(0)
    file[entry + 8] = 1
    const source = await openImage(file)
    expect(
      largestDifference(await source.readRgba(), Uint8Array.from([100, 199, 50, 128])),
    ).toBeLessThanOrEqual(1)
    expect(source.notices.join()).toMatch(/multiplied/)
  })

  it('reads palettes, single bits and grey', async () => {
    const bits = png({
      width: 16,
      height: 2,
      depth: 1,
      colourType: 0,
      rows: Buffer.from([0xf0, 0x0f, 0, 0xff]),
    })
    const one = await openImage(bits)
    expect([...(await one.readRgba()).subarray(0, 20)].filter((_, i) => i % 4 === 0)).toEqual([
      255, 255, 255, 255, 0,
    ])
    expect(one.notices).toEqual(['The grey picture was converted to sRGB.'])

    const palette = await rgb(await small())
      .png({ palette: true, colours: 16 })
      .toBuffer()
    expect(largestDifference(await (await openImage(palette)).readRgba(), await decoded(palette))).toBe(0)

    const greyAlpha = png({
      width: 2,
      height: 1,
      depth: 8,
      colourType: 4,
      rows: Buffer.from([9, 80, 250, 0]),
    })
    const source = await openImage(greyAlpha)
    expect([...(await source.readRgba())]).toEqual([9, 9, 9, 80, 250, 250, 250, 0])
    expect(source.hasAlpha).toBe(true)
  })

  it('opens the first frame or page of many, and says so', async () => {
    const frames = Buffer.concat([Buffer.alloc(300 * 200 * 3, 40), Buffer.alloc(300 * 200 * 3, 220)])
    const many = sharp(frames, { raw: { width: 300, height: 400, channels: 3, pageHeight: 200 } })
    for (const file of [
      await many.clone().gif().toBuffer(),
      await many.clone().webp({ lossless: true }).toBuffer(),
    ]) {
      const source = await openImage(file)
      expect(source).toMatchObject({ width: 300, height: 200 })
      expect((await source.readRgba())[0]).toBe(40)
      expect(source.notices).toEqual(['The picture is animated and has 2 frames; only the first was opened.'])
    }
    const acTL = pngChunk('acTL', Buffer.from([0, 0, 0, 2, 0, 0, 0, 0]))
    const apng = png({
      width: 1,
      height: 1,
      depth: 8,
      colourType: 2,
      rows: Buffer.from([1, 2, 3]),
      extra: [acTL],
    })
    expect((await openImage(apng)).notices.join()).toMatch(/animated/)
  })
})

describe('16 bits', () => {
  it('reduces every one of the 65,536 values with correct rounding, in every layout', async () => {
    for (const [colourType, channels] of [
      [0, 1],
      [4, 2],
      [2, 3],
      [6, 4],
    ] as const) {
      const rows = Buffer.alloc(65_536 * channels * 2)
      const value = (i: number, c: number) => (c === 0 ? i : i * 31 + c * 977) & 65_535
      for (let i = 0; i < 65_536; i++) {
        for (let c = 0; c < channels; c++) rows.writeUInt16BE(value(i, c), (i * channels + c) * 2)
      }
      const source = await openImage(png({ width: 256, height: 256, depth: 16, colourType, rows }))
      expect(source.notices.join()).toMatch(/16 bits a channel/)
      const rgba = await source.readRgba()
      for (let i = 0; i < 65_536; i++) {
        const expected = [0, 1, 2, 3].map((c) => {
          const from = channels < 3 ? (c === 3 ? 1 : 0) : c
          return c === 3 && channels % 2 === 1 ? 255 : Math.floor(value(i, from) / 257 + 0.5)
        })
        for (let c = 0; c < 4; c++)
          if (rgba[i * 4 + c] !== expected[c]) expect.fail(`${channels} channels, value ${i}`)
      }
    }
  })

  it('reads 16-bit TIFF, and 10-bit AVIF with its white as white', async () => {
    const pixels = await small()
    const deep = (format: 'tiff') =>
      rgb(pixels).toColourspace('rgb16')[format]({ compression: 'deflate' }).toBuffer()
    const tiff = await openImage(await deep('tiff'))
    expect(tiff.notices.join()).toMatch(/16 bits/)
    // libvips widens 8 bits by a shift and fills the low byte with copies of the last bit.
    const expected = withAlpha(pixels.map((v) => Math.floor((v * 256 + (v & 1) * 255) / 257 + 0.5)))
    expect(largestDifference(await tiff.readRgba(), expected)).toBe(0)
    const deepWhite = png({
      width: 64,
      height: 64,
      depth: 16,
      colourType: 2,
      rows: Buffer.alloc(64 * 64 * 6, 255),
    })
    const white = await sharp(deepWhite)
      .toColourspace('rgb16')
      .avif({ bitdepth: 10, lossless: true })
      .toBuffer()
    const avif = await openImage(white)
    expect(avif.notices.join()).toMatch(/10 bits/)
    expect((await avif.readRgba()).every((v) => v === 255)).toBe(true)
  })
})

describe('colour', () => {
  it('keeps the numbers and the profile of a tagged RGB picture', async () => {
    const icc = await p3Profile()
    const tagged = await rgb(await small())
      .withIccProfile('p3')
      .png()
      .toBuffer()
    const source = await openImage(tagged)
    expect(Buffer.from(source.icc!)).toEqual(icc)
    expect(source.profileName).toMatch(/P3/)
    expect(source.notices).toEqual([])
    const numbers = await sharp(tagged, { ignoreIcc: true }).ensureAlpha().raw().toBuffer()
    expect(largestDifference(await source.readRgba(), numbers)).toBe(0)
    // Had they been converted, they would be the pixels before tagging.
    expect(largestDifference(await source.readRgba(), withAlpha(await small()))).toBeGreaterThan(3)
  })

  it('converts CMYK through its profile, or a press profile, and Lab, and says which', async () => {
    const pixels = await small()
    const cmyk = rgb(pixels).toColourspace('cmyk')
    const cases: readonly (readonly [Buffer, RegExp])[] = [
      [
        await cmyk.clone().withIccProfile('cmyk').jpeg({ quality: 100 }).toBuffer(),
        /CMYK .* through its profile/,
      ],
      [await cmyk.clone().tiff({ compression: 'deflate' }).toBuffer(), /CMYK .* no usable profile/],
      [await rgb(pixels).toColourspace('lab').tiff({ compression: 'deflate' }).toBuffer(), /Lab .* to sRGB/],
    ]
    for (const [file, words] of cases) {
      const source = await openImage(file)
      expect(source.icc).toBeNull()
      expect(source.profileName).toBe('sRGB')
      expect(source.notices[0]).toMatch(words)
      const rgba = await source.readRgba()
      const expected = withAlpha(pixels)
      const mean = rgba.reduce((sum, v, i) => sum + Math.abs(v - expected[i]!), 0) / rgba.length
      expect(mean).toBeLessThan(12)
    }
  })

  it('converts grey through a grey profile', async () => {
    const profile = greyProfile(1)
    const { deflateSync } = await import('node:zlib')
    const iccp = pngChunk('iCCP', Buffer.concat([Buffer.from('grey\0\0', 'latin1'), deflateSync(profile)]))
    const grey = { width: 2, height: 1, depth: 8, colourType: 0, rows: Buffer.from([128, 255]) } as const
    const source = await openImage(png({ ...grey, extra: [iccp] }))
    const [r, g, b] = await source.readRgba()
    expect(Math.abs(r! - 188)).toBeLessThanOrEqual(1)
    expect([g, b]).toEqual([r, r])
    expect(source.notices).toEqual(['The grey picture was converted to sRGB through its profile.'])
    // A mask is data: its numbers stay.
    expect([...(await readMask(png({ ...grey, extra: [iccp] }))).data]).toEqual([128, 255])
  })

  it('drops a damaged profile and one of another kind, and says so', async () => {
    const pixels = { width: 1, height: 1, depth: 8, colourType: 2, rows: Buffer.from([10, 20, 30]) } as const
    const { deflateSync } = await import('node:zlib')
    const damaged = await p3Profile()
    damaged.fill(0xff, 128)
    for (const profile of [damaged, greyProfile(2.2), await profileOf('cmyk'), Buffer.from('no profile')]) {
      const jpeg = await sharp(png(pixels)).jpeg().toBuffer()
      const mark = Buffer.from('ICC_PROFILE\0\x01\x01', 'latin1')
      const cut = profile.subarray(0, 60_000)
      const head = Buffer.from([0xff, 0xe2, 0, 0])
      head.writeUInt16BE(cut.length + mark.length + 2, 2)
      const inJpeg = Buffer.concat([jpeg.subarray(0, 2), head, mark, cut, jpeg.subarray(2)])
      const source = await openImage(inJpeg)
      expect(source.icc).toBeNull()
      expect(source.notices.join()).toMatch(/profile .* left out/)
      expect((await source.readRgba()).length).toBe(4)
      const iccp = pngChunk('iCCP', Buffer.concat([Buffer.from('x\0\0', 'latin1'), deflateSync(profile)]))
      const inPng = await openImage(png({ ...pixels, extra: [iccp] }))
      expect(inPng.icc).toBeNull()
      expect([...(await inPng.readRgba())]).toEqual([10, 20, 30, 255])
    }
  })

  it('says when colours are described without a profile', async () => {
    const p3 = pngChunk('cICP', Buffer.from([12, 13, 0, 1]))
    const srgb = pngChunk('cICP', Buffer.from([1, 13, 0, 1]))
    const pixels = { width: 1, height: 1, depth: 8, colourType: 2, rows: Buffer.from([10, 20, 30]) } as const
    expect((await openImage(png({ ...pixels, extra: [p3] }))).notices.join()).toMatch(/without a profile/)
    expect((await openImage(png({ ...pixels, extra: [srgb] }))).notices).toEqual([])
  })
})

describe('orientation and metadata', () => {
  it('turns all eight orientations as the decoder would', async () => {
    const pixels = await small()
    for (let orientation = 1; orientation <= 8; orientation++) {
      const file = await rgb(pixels).withMetadata({ orientation }).tiff({ compression: 'deflate' }).toBuffer()
      const jpeg = await rgb(pixels).withMetadata({ orientation }).jpeg().toBuffer()
      for (const oriented of [file, jpeg]) {
        const source = await openImage(oriented)
        const witness = await sharp(oriented)
          .autoOrient()
          .ensureAlpha()
          .raw()
          .toBuffer({ resolveWithObject: true })
        expect([source.width, source.height]).toEqual([witness.info.width, witness.info.height])
        expect(largestDifference(await source.readRgba(), witness.data), `${orientation}`).toBe(0)
      }
    }
  })

  it('hands EXIF, XMP and IPTC over without their containers', async () => {
    const jpeg = await rgb(await small())
      .jpeg()
      .toBuffer()
    const segment = (marker: number, payload: Buffer) => {
      const head = Buffer.from([0xff, marker, 0, 0])
      head.writeUInt16BE(payload.length + 2, 2)
      return Buffer.concat([head, payload])
    }
    const exif = exifBlock('MM', 6, 300, 200)
    const iptc = iptcBlock('Caption')
    const resource = Buffer.concat([
      Buffer.from('Photoshop 3.0\x008BIM\x04\x04\0\0', 'latin1'),
      Buffer.alloc(4),
      iptc,
    ])
    resource.writeUInt32BE(iptc.length, resource.length - iptc.length - 4)
    const file = Buffer.concat([
      jpeg.subarray(0, 2),
      segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), exif])),
      segment(0xed, resource),
      jpeg.subarray(2),
    ])
    const source = await openImage(file)
    expect([source.width, source.height]).toEqual([200, 300])
    expect(Buffer.from(source.metadata.exif!)).toEqual(exif)
    expect(Buffer.from(source.metadata.iptc!)).toEqual(iptc)
    expect(source.metadata.xmp).toBeNull()
  })
})

describe('readMask', () => {
  it('is grey, or luma, times alpha', async () => {
    const rows = Buffer.from([255, 255, 255, 255, 255, 255, 255, 128, 255, 0, 0, 255, 200, 200, 200, 0])
    const mask = await readMask(png({ width: 4, height: 1, depth: 8, colourType: 6, rows }))
    expect([mask.width, mask.height]).toEqual([4, 1])
    expect([...mask.data]).toEqual([255, 128, 54, 0])
    const levels = Uint8Array.from({ length: 256 }, (_, i) => i)
    const grey = await readMask(png({ width: 256, height: 1, depth: 8, colourType: 0, rows: levels }))
    expect(grey.data).toEqual(levels)
  })
})

async function decoded(file: Buffer): Promise<Buffer> {
  return sharp(file).ensureAlpha().raw().toBuffer()
}
