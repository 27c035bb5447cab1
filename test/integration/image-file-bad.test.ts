/**
 * Files that are not what they seem. Each must end in one `InlayError` with the right code, soon, in a living process.
 */
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openImage, readMask } from '../../src/main/engine/imaging/image-file.ts'
import { InlayError } from '../../src/shared/errors.ts'
import { exifBlock, pngClaiming } from '../support/picture-parts.ts'
import { photo } from '../support/pictures.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inlay-bad-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function read(source: string | Uint8Array): Promise<void> {
  await (await openImage(source)).readRgba()
}

async function codeOf(source: string | Uint8Array): Promise<string> {
  try {
    await read(source)
    return 'opened'
  } catch (error) {
    if (!(error instanceof InlayError)) throw error
    expect(error.message).toMatch(/[.]$/)
    expect(error.message.split('\n').length).toBe(1)
    return error.code
  }
}

function small() {
  return sharp(photo('kitten-on-lawn.jpg')).resize(300, 200, { fit: 'fill' })
}

describe('files that cannot be opened', () => {
  it('names a missing file, a missing folder, a folder, an empty file and a pipe', async () => {
    const empty = join(folder, 'empty.png')
    await writeFile(empty, '')
    const pipe = join(folder, 'pipe.png')
    execFileSync('mkfifo', [pipe])
    expect(await codeOf(join(folder, 'nothing.png'))).toBe('file.missing')
    expect(await codeOf(join(folder, 'no', 'such', 'folder.png'))).toBe('file.missing')
    expect(await codeOf(folder)).toBe('image.unreadable')
    expect(await codeOf(empty)).toBe('image.unreadable')
    expect(await codeOf(pipe)).toBe('image.unreadable')
    expect(await codeOf(new Uint8Array(0))).toBe('image.unreadable')
    await expect(openImage(join(folder, 'nothing.png'))).rejects.toThrow(/“nothing.png”/)
    await expect(readMask(join(folder, 'nothing.png'))).rejects.toMatchObject({ code: 'file.missing' })
  })

  it('refuses text and noise under a picture’s name', async () => {
    const text = join(folder, 'text.png')
    await writeFile(text, 'This is not a picture.\n'.repeat(100))
    expect(await codeOf(text)).toBe('image.unreadable')
    expect(await codeOf(Buffer.from([0x89, 0x50, 0x4e, 0x47]))).toBe('image.unreadable')
    expect(await codeOf(Buffer.from('GIF89a'))).toBe('image.unreadable')
    expect(await codeOf(Buffer.from('RIFF\x04\0\0\0WEBP', 'latin1'))).toBe('image.unreadable')
  })

  it('refuses known formats by their name', async () => {
    const heads: readonly (readonly [string, RegExp])[] = [
      ['\0\0\0\x18ftypheic\0\0\0\0mif1heic', /HEIC/],
      ['\0\0\0\x18ftypmif1\0\0\0\0mif1heix', /HEIC/],
      ['\xff\x0a\0\0', /JPEG XL/],
      ['\0\0\0\x0cJXL \r\n\x87\n', /JPEG XL/],
      ['\0\0\0\x0cjP  \r\n\x87\n', /JPEG 2000/],
      ['8BPS\0\x01', /Photoshop/],
      ['%PDF-1.7', /PDF/],
      ['<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', /SVG/],
      ['II*\0\x10\0\0\0CR\x02\0', /camera raw/],
      ['FUJIFILMCCD-RAW ', /camera raw/],
      ['\0\0\0\x18ftypcrx \0\0\0\x01crx isom', /camera raw/],
      ['BM\x46\0\0\0', /BMP/],
      ['\0\0\0\x18ftypisom\0\0\0\0isommp42', /video/],
    ]
    for (const [head, name] of heads) {
      const file = Buffer.from(head.padEnd(64, '\0'), 'latin1')
      expect(await codeOf(file)).toBe('image.unsupported')
      await expect(openImage(file)).rejects.toThrow(name)
    }
    const nef = join(folder, 'DSC_0001.NEF')
    await small().tiff().toFile(nef.replace('.NEF', '.tif'))
    execFileSync('mv', [nef.replace('.NEF', '.tif'), nef])
    await expect(openImage(nef)).rejects.toThrow(/camera raw/)
  })

  it('refuses samples whose meaning would be a guess', async () => {
    const float = await small().toColourspace('scrgb').tiff({ compression: 'deflate' }).toBuffer()
    expect(await codeOf(float)).toBe('image.unsupported')
  })
})

describe('absurd sizes', () => {
  it('refuses PNG bombs by their header, with the numbers', async () => {
    for (const [width, height] of [
      [60_000, 60_000],
      [2_147_483_647, 2_147_483_647],
      [4_294_967_295, 1],
      [1, 70_000],
      [10_241, 10_241],
    ] as const) {
      expect(await codeOf(pngClaiming(width, height))).toBe('image.too-large')
      await expect(openImage(pngClaiming(width, height))).rejects.toThrow(width.toLocaleString('en'))
    }
    for (const [width, height] of [
      [0, 5],
      [5, 0],
    ] as const) {
      expect(await codeOf(pngClaiming(width, height))).toBe('image.unreadable')
    }
  })

  it('refuses a header within the limits that has no pixels behind it', async () => {
    expect(await codeOf(pngClaiming(10_000, 10_000))).toBe('image.unreadable')
  })

  it('refuses other formats that claim too much or nothing', async () => {
    const jpeg = await small().jpeg().toBuffer()
    let frame = 2
    while (jpeg[frame + 1] !== 0xc0) frame += 2 + jpeg.readUInt16BE(frame + 2)
    const claiming = (width: number, height: number) => {
      const copy = Buffer.from(jpeg)
      copy.writeUInt16BE(height, frame + 5)
      copy.writeUInt16BE(width, frame + 7)
      return copy
    }
    expect(await codeOf(claiming(65_500, 65_500))).toBe('image.too-large')
    expect(await codeOf(claiming(65_535, 65_535))).toBe('image.too-large')
    expect(await codeOf(claiming(0, 200))).toBe('image.unreadable')
    expect(await codeOf(claiming(300, 0))).toBe('image.unreadable')

    const avif = await small().avif().toBuffer()
    const size = avif.indexOf('ispe') + 8
    avif.writeUInt32BE(70_000, size)
    avif.writeUInt32BE(70_000, size + 4)
    expect(await codeOf(avif)).toBe('image.too-large')

    const tiff = await small().tiff({ compression: 'none' }).toBuffer()
    const directory = tiff.readUInt32LE(4)
    for (let at = directory + 2; tiff.readUInt16LE(at) <= 257; at += 12) {
      if (tiff.readUInt16LE(at) < 256) continue
      tiff.writeUInt16LE(4, at + 2)
      tiff.writeUInt32LE(2_000_000_000, at + 8)
    }
    expect(await codeOf(tiff)).toBe('image.too-large')
  })
})

describe('truncated and damaged files', () => {
  it('never gives half a picture', async () => {
    const files = {
      jpeg: await small().jpeg().toBuffer(),
      progressive: await small().jpeg({ progressive: true }).toBuffer(),
      png: await small().png().toBuffer(),
      webp: await small().webp().toBuffer(),
      'lossless webp': await small().webp({ lossless: true }).toBuffer(),
      tiff: await small().tiff({ compression: 'deflate' }).toBuffer(),
      'plain tiff': await small().tiff({ compression: 'none' }).toBuffer(),
      avif: await small().avif().toBuffer(),
      gif: await small().gif().toBuffer(),
    }
    for (const [name, file] of Object.entries(files)) {
      expect(await codeOf(file), name).toBe('opened')
      for (const part of [0.02, 0.3, 0.6, 0.95]) {
        const cut = file.subarray(0, Math.floor(file.length * part))
        expect(await codeOf(cut), `${name} cut to ${part}`).toBe('image.unreadable')
      }
    }
    const photograph = await sharp(photo('rob-bye.jpg')).jpeg().toBuffer()
    expect(await codeOf(photograph.subarray(0, photograph.length - 200))).toBe('image.unreadable')
  })

  it('reports a broken checksum in a PNG', async () => {
    const file = await small().png().toBuffer()
    const data = file.indexOf('IDAT') + 200
    file[data] = file[data]! ^ 0x55
    expect(await codeOf(file)).toBe('image.unreadable')
  })

  it('opens or refuses, but never crashes or hangs, whatever is in the bytes', async () => {
    const seed = 90_210
    let state = seed
    const random = (below: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
      return Math.floor((state / 0x80000000) * below)
    }
    const withExif = small().withMetadata({ orientation: 6 }).withIccProfile('p3')
    const files = [
      await withExif.clone().jpeg().toBuffer(),
      await withExif.clone().png({ palette: true }).toBuffer(),
      await withExif.clone().webp().toBuffer(),
      await withExif.clone().tiff({ compression: 'lzw' }).toBuffer(),
      await withExif.clone().avif({ effort: 0 }).toBuffer(),
      await small().gif().toBuffer(),
      exifBlock('II', 6, 300, 200),
    ]
    const seen = new Set<string>()
    for (let round = 0; round < 140; round++) {
      const file = Buffer.from(files[round % files.length]!)
      // Most of what a decoder believes stands in the first kilobyte, or in a TIFF's directory at the end.
      const reach = Math.min(file.length, round % 2 ? 1024 : 128)
      const isTail = round % 5 === 0
      for (let i = 0; i <= random(6); i++) {
        const at = random(reach)
        file[isTail ? file.length - 1 - at : at] = random(256)
      }
      seen.add(await codeOf(file).catch((error) => expect.fail(`seed ${seed}, round ${round}: ${error}`)))
    }
    expect([...seen].sort()).toEqual(expect.arrayContaining(['image.unreadable', 'opened']))
  })
})
