import { describe, expect, it } from 'vitest'
import { bufferReader } from '../../src/main/engine/imaging/image-file-source.ts'
import { correctExif, correctXmp } from '../../src/main/engine/imaging/metadata-correct.ts'
import {
  entryNumber,
  findEntry,
  readIfdFile,
  SUB_DIRECTORY,
} from '../../src/main/engine/imaging/metadata-ifd.ts'
import { findIptc, iptcResource, iptcSegment, isIptc } from '../../src/main/engine/imaging/metadata-iptc.ts'
import {
  EXIF_COMMENT,
  exifBlock,
  iptcBlock,
  MAKER_NOTE,
  THUMBNAIL,
  xmpPacket,
} from '../support/picture-parts.ts'

function facts(block: Uint8Array) {
  const file = readIfdFile(bufferReader(block))!
  const exif = findEntry(file.first, SUB_DIRECTORY.exif)?.child
  const number = (ifd: typeof exif, tag: number) => entryNumber(findEntry(ifd, tag), file.littleEndian)
  return {
    orientation: number(file.first, 0x0112),
    width: number(exif, 0xa002),
    height: number(exif, 0xa003),
    makerNote: findEntry(exif, 0x927c),
    hasGps: findEntry(file.first, SUB_DIRECTORY.gps)?.child !== undefined,
    next: file.first.next,
  }
}

describe('correctExif', () => {
  for (const order of ['II', 'MM'] as const) {
    it(`makes an ${order} block true of the new picture and leaves the maker note where it was`, () => {
      const block = exifBlock(order, 6, 4000, 3000)
      const before = facts(block)
      expect(before).toMatchObject({ orientation: 6, width: 4000, height: 3000, hasGps: true })
      expect(before.next).toBeGreaterThan(0)
      const corrected = correctExif(block, 1200, 1600)!
      const after = facts(corrected)
      expect(after).toMatchObject({ orientation: 1, width: 1200, height: 1600, hasGps: true, next: 0 })
      expect(Buffer.from(after.makerNote!.bytes)).toEqual(MAKER_NOTE)
      expect(after.makerNote!.position).toBe(before.makerNote!.position)
      expect(Buffer.from(corrected).includes(EXIF_COMMENT)).toBe(true)
    })

    it(`leaves no thumbnail of the old picture in an ${order} block`, () => {
      const block = exifBlock(order, 1, 40, 30)
      expect(block.includes(THUMBNAIL.subarray(0, 8))).toBe(true)
      expect(Buffer.from(correctExif(block, 40, 30)!).includes(THUMBNAIL.subarray(0, 8))).toBe(false)
      // With something behind it the thumbnail is blanked instead of cut off.
      const longer = correctExif(Buffer.concat([block, Buffer.from('tail')]), 40, 30)!
      expect(Buffer.from(longer).includes(THUMBNAIL.subarray(0, 8))).toBe(false)
      expect(Buffer.from(longer).subarray(-4).toString()).toBe('tail')
    })
  }

  it('does not change its input and drops what is not EXIF', () => {
    const block = exifBlock('II', 6, 10, 10)
    const copy = Buffer.from(block)
    correctExif(block, 5, 5)
    expect(block).toEqual(copy)
    expect(correctExif(Buffer.from('no exif at all'), 5, 5)).toBeNull()
  })

  it('survives any damage, and ends', () => {
    const seed = 20_261_124
    const random = mulberry(seed)
    for (let round = 0; round < 3000; round++) {
      const block = exifBlock(round % 2 ? 'II' : 'MM', 3, 100, 100)
      for (let i = 0; i < 6; i++) block[Math.floor(random() * block.length)] = Math.floor(random() * 256)
      const cut = block.subarray(0, Math.floor(random() * (block.length + 1)))
      expect(() => correctExif(cut, 10, 10), `seed ${seed}, round ${round}`).not.toThrow()
    }
  })

  it('ends soon on directories that point to themselves', () => {
    const count = 1000
    const block = Buffer.alloc(8 + 2 + count * 12 + 4)
    block.write('II*\0', 0, 'latin1')
    block.writeUInt32LE(8, 4)
    block.writeUInt16LE(count, 8)
    for (let i = 0; i < count; i++) {
      const at = 10 + i * 12
      block.writeUInt16LE(SUB_DIRECTORY.exif, at)
      block.writeUInt16LE(4, at + 2)
      block.writeUInt32LE(1, at + 4)
      block.writeUInt32LE(8, at + 8)
    }
    let reads = 0
    const reader = bufferReader(block)
    readIfdFile({
      byteLength: block.length,
      read: (offset, length) => {
        reads++
        return reader.read(offset, length)
      },
    })
    expect(reads).toBeLessThan(1_000_000)
  })
})

describe('correctXmp', () => {
  it('sets orientation and sizes in attributes and elements, drops thumbnails and keeps the rest', () => {
    const text = new TextDecoder().decode(correctXmp(xmpPacket(6, 4000, 3000), 1200, 1600))
    expect(text).toContain('tiff:Orientation="1"')
    expect(text).toContain('tiff:ImageWidth="1200"')
    expect(text).toContain('<exif:PixelXDimension>1200</exif:PixelXDimension>')
    expect(text).toContain('<exif:PixelYDimension>1600</exif:PixelYDimension>')
    expect(text).not.toContain('Thumbnails')
    expect(text).toContain('<dc:rights>© Café</dc:rights>')
  })
})

describe('IPTC in Photoshop resources', () => {
  const iptc = iptcBlock('A house by the sea')

  it('is found with and without the JPEG header, and behind other resources', () => {
    expect(isIptc(iptc)).toBe(true)
    expect(findIptc(iptcSegment(iptc))).toEqual(iptc)
    const thumbnail = Buffer.concat([
      Buffer.from('8BIM\x04\x0c\x03abc\0\0\0\x05', 'latin1'),
      Buffer.from('12345\0', 'latin1'),
    ])
    expect(Buffer.from(findIptc(Buffer.concat([thumbnail, iptcResource(iptc)]))!)).toEqual(iptc)
  })

  it('is not found in anything cut short', () => {
    const whole = iptcSegment(iptc)
    for (let length = 0; length < whole.length - 1; length++)
      expect(findIptc(whole.subarray(0, length))).toBeNull()
  })
})

function mulberry(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
