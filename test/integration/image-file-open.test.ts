/** Pixels of pictures that are opened: every format, every depth. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openImage, readMask } from '../../src/main/engine/imaging/image-file.ts'
import { png, pngChunk } from '../support/picture-parts.ts'
import { decoded, largestDifference, rgb, small, withAlpha } from '../support/picture-witness.ts'
import { photoPaths } from '../support/pictures.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inlay-open-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

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
