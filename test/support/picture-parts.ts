/**
 * Pieces of picture files written by hand, so that tests have a witness that is not the code under test: PNG with any
 * sample depth, EXIF blocks of both byte orders, IPTC, and small ICC profiles.
 */
import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'

export function pngChunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const chunk = Buffer.alloc(body.length + 8)
  chunk.writeUInt32BE(data.length, 0)
  body.copy(chunk, 4)
  chunk.writeUInt32BE(crc32(body), body.length + 4)
  return chunk
}

export interface PngParts {
  readonly width: number
  readonly height: number
  readonly depth: 1 | 2 | 4 | 8 | 16
  /** PNG colour type: 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA. */
  readonly colourType: 0 | 2 | 3 | 4 | 6
  /** Packed rows, big-endian samples. */
  readonly rows: Uint8Array
  readonly extra?: readonly Uint8Array[]
}

export function png({ width, height, depth, colourType, rows, extra = [] }: PngParts): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = depth
  header[9] = colourType
  const stride = rows.length / height
  const filtered = Buffer.alloc((stride + 1) * height)
  for (let y = 0; y < height; y++)
    filtered.set(rows.subarray(y * stride, (y + 1) * stride), y * (stride + 1) + 1)
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    pngChunk('IHDR', header),
    ...extra,
    pngChunk('IDAT', deflateSync(filtered)),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
}

/** A PNG whose header claims a size it does not have. */
export function pngClaiming(width: number, height: number): Buffer {
  const file = png({ width: 1, height: 1, depth: 8, colourType: 6, rows: Buffer.alloc(4) })
  file.writeUInt32BE(width, 16)
  file.writeUInt32BE(height, 20)
  file.writeUInt32BE(crc32(file.subarray(12, 29)), 29)
  return file
}

export const EXIF_MAKE = 'Acmes'
export const EXIF_COMMENT = 'left by the photographer'
export const MAKER_NOTE = Buffer.from('maker note, pointed to by absolute offset', 'latin1')
/** What the old thumbnail's bytes look like: easy to find again. */
export const THUMBNAIL = Buffer.alloc(64, 0xab)

type ExifField = readonly [tag: number, type: 2 | 3 | 4 | 7, value: number | Buffer]

/**
 * An EXIF block with make, orientation, sizes, a maker note, a GPS directory and a thumbnail at its end.
 */
export function exifBlock(order: 'II' | 'MM', orientation: number, width: number, height: number): Buffer {
  const little = order === 'II'
  const u16 = (value: number) => {
    const bytes = Buffer.alloc(2)
    little ? bytes.writeUInt16LE(value) : bytes.writeUInt16BE(value)
    return bytes
  }
  const u32 = (value: number) => {
    const bytes = Buffer.alloc(4)
    little ? bytes.writeUInt32LE(value) : bytes.writeUInt32BE(value)
    return bytes
  }
  const tableLength = (fields: readonly ExifField[]) =>
    2 +
    fields.length * 12 +
    4 +
    fields.reduce((sum, [, , v]) => sum + (Buffer.isBuffer(v) && v.length > 4 ? v.length : 0), 0)
  const directory = (fields: readonly ExifField[], at: number, next: number): Buffer => {
    let valueAt = at + 2 + fields.length * 12 + 4
    const values: Buffer[] = []
    const rows = fields.map(([tag, type, value]) => {
      const bytes = Buffer.isBuffer(value) ? value : type === 3 ? u16(value) : u32(value)
      const count = Buffer.isBuffer(value) ? value.length : 1
      let cell = Buffer.concat([bytes, Buffer.alloc(4)]).subarray(0, 4)
      if (bytes.length > 4) {
        cell = u32(valueAt)
        values.push(bytes)
        valueAt += bytes.length
      }
      return Buffer.concat([u16(tag), u16(type), u32(count), cell])
    })
    return Buffer.concat([u16(fields.length), ...rows, u32(next), ...values])
  }
  const first = (exifAt: number, gpsAt: number): readonly ExifField[] => [
    [0x010f, 2, Buffer.from(`${EXIF_MAKE}\0`, 'latin1')],
    [0x0112, 3, orientation],
    [0x8769, 4, exifAt],
    [0x8825, 4, gpsAt],
  ]
  const exif: readonly ExifField[] = [
    [0x927c, 7, MAKER_NOTE],
    [0x9286, 7, Buffer.from(`ASCII\0\0\0${EXIF_COMMENT}`, 'latin1')],
    [0xa002, 3, width],
    [0xa003, 4, height],
  ]
  const gps: readonly ExifField[] = [[0x0001, 2, Buffer.from('N\0', 'latin1')]]
  const exifAt = 8 + tableLength(first(0, 0))
  const gpsAt = exifAt + tableLength(exif)
  const thumbAt = gpsAt + tableLength(gps)
  const thumb = (at: number): readonly ExifField[] => [
    [0x0201, 4, at],
    [0x0202, 4, THUMBNAIL.length],
  ]
  return Buffer.concat([
    Buffer.from(order, 'latin1'),
    u16(42),
    u32(8),
    directory(first(exifAt, gpsAt), 8, thumbAt),
    directory(exif, exifAt, 0),
    directory(gps, gpsAt, 0),
    directory(thumb(thumbAt + tableLength(thumb(0))), thumbAt, 0),
    THUMBNAIL,
  ])
}

/** An XMP packet that repeats orientation and sizes, once as attributes and once as elements. */
export function xmpPacket(orientation: number, width: number, height: number): Buffer {
  return Buffer.from(
    `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF ` +
      `xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description ` +
      `xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/" ` +
      `xmlns:dc="http://purl.org/dc/elements/1.1/" tiff:Orientation="${orientation}" tiff:ImageWidth="${width}">` +
      `<exif:PixelXDimension>${width}</exif:PixelXDimension><exif:PixelYDimension>${height}</exif:PixelYDimension>` +
      `<xmp:Thumbnails><rdf:Alt>${'A'.repeat(50)}</rdf:Alt></xmp:Thumbnails>` +
      `<dc:rights>© Café</dc:rights></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`,
  )
}

/** IPTC data sets: a caption (2:120). */
export function iptcBlock(caption: string): Buffer {
  const text = Buffer.from(caption, 'utf8')
  return Buffer.concat([Buffer.from([0x1c, 2, 120, text.length >> 8, text.length & 255]), text])
}

/** The Display P3 profile that comes with libvips. */
export async function p3Profile(): Promise<Buffer> {
  return profileOf('p3')
}

export async function profileOf(name: 'p3' | 'srgb' | 'cmyk'): Promise<Buffer> {
  const pixel = sharp(Buffer.alloc(3), { raw: { width: 1, height: 1, channels: 3 } })
  const tagged =
    name === 'cmyk' ? pixel.toColourspace('cmyk').withIccProfile(name) : pixel.withIccProfile(name)
  const { icc } = await sharp(await tagged.jpeg().toBuffer()).metadata()
  return icc!
}

/** A version 2 grey profile with one gamma. */
export function greyProfile(gamma: number): Buffer {
  const name = Buffer.from('Test grey\0', 'latin1')
  const desc = Buffer.concat([Buffer.from('desc\0\0\0\0', 'latin1'), Buffer.alloc(4), name, Buffer.alloc(78)])
  desc.writeUInt32BE(name.length, 8)
  const whitePoint = Buffer.alloc(20)
  whitePoint.write('XYZ ', 0, 'latin1')
  ;[0.9642, 1, 0.8249].forEach((value, i) => {
    whitePoint.writeUInt32BE(Math.round(value * 65_536), 8 + 4 * i)
  })
  const curve = Buffer.alloc(16)
  curve.write('curv', 0, 'latin1')
  curve.writeUInt32BE(1, 8)
  curve.writeUInt16BE(Math.round(gamma * 256), 12)
  const tags = [
    ['desc', desc],
    ['wtpt', whitePoint],
    ['kTRC', curve],
  ] as const
  const table = Buffer.alloc(4 + tags.length * 12)
  table.writeUInt32BE(tags.length, 0)
  let at = 128 + table.length
  tags.forEach(([tag, data], i) => {
    table.write(tag, 4 + i * 12, 'latin1')
    table.writeUInt32BE(at, 8 + i * 12)
    table.writeUInt32BE(data.length, 12 + i * 12)
    at += data.length
  })
  const header = Buffer.alloc(128)
  header.writeUInt32BE(at, 0)
  header.writeUInt32BE(0x02100000, 8)
  header.write('mntrGRAYXYZ ', 12, 'latin1')
  header.write('acsp', 36, 'latin1')
  whitePoint.copy(header, 68, 8, 20)
  return Buffer.concat([header, table, ...tags.map(([, data]) => data)])
}
