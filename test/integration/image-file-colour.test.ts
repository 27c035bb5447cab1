/** Colour profiles, orientation and metadata of pictures that are opened. */
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
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
import { largestDifference, rgb, small, withAlpha } from '../support/picture-witness.ts'

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
