/**
 * What a file is, by its first bytes: never by its name.
 *
 * Invariant: only the six formats of `OPENABLE` reach the decoder. Formats we know but don't open are refused by their
 * name, so that the person knows what to do; everything else is unreadable.
 */
import { InlayError } from '../../../shared/errors.ts'
import { unreadable } from './image-file-errors.ts'
import type { PictureBytes } from './image-file-source.ts'

export type OpenableFormat = 'jpeg' | 'png' | 'webp' | 'tiff' | 'avif' | 'gif'

export const OPENABLE: Readonly<Record<OpenableFormat, string>> = {
  jpeg: 'JPEG',
  png: 'PNG',
  webp: 'WebP',
  tiff: 'TIFF',
  avif: 'AVIF',
  gif: 'GIF',
}

/** Signatures of formats that are refused by name: offset, latin-1 bytes, name. */
const REFUSED: readonly (readonly [number, string, string])[] = [
  [0, '\xff\x0a', 'JPEG XL'],
  [0, '\0\0\0\x0cJXL \r\n\x87\n', 'JPEG XL'],
  [0, '\0\0\0\x0cjP  \r\n\x87\n', 'JPEG 2000'],
  [0, '\xff\x4f\xff\x51', 'JPEG 2000'],
  [0, '8BPS', 'Photoshop'],
  [0, '%PDF', 'PDF'],
  [0, 'BM', 'BMP'],
  [0, '\x76\x2f\x31\x01', 'OpenEXR'],
  [0, '#?RADIANCE', 'Radiance HDR'],
  [0, 'gimp xcf', 'GIMP'],
  [0, 'FUJIFILMCCD-RAW', 'camera raw'],
  [0, 'IIU\0', 'camera raw'],
  [0, 'IIRO', 'camera raw'],
  [0, 'IIRS', 'camera raw'],
  [0, 'MMOR', 'camera raw'],
  [8, 'CR\x02\0', 'camera raw'],
  [0, '\0\0\x01\0', 'icon'],
  [0, 'SQLite format 3\0', 'Inlay project or other database'],
]

/** Camera raw files that look like plain TIFF from outside. */
const RAW_EXTENSIONS = [
  '.nef',
  '.nrw',
  '.arw',
  '.srf',
  '.sr2',
  '.dng',
  '.cr2',
  '.pef',
  '.3fr',
  '.erf',
  '.iiq',
  '.rwl',
]

/**
 * Names the format of a picture.
 * @throws InlayError `image.unsupported` for a known format we don't open, `image.unreadable` for anything else.
 */
export function sniffFormat(picture: PictureBytes): OpenableFormat {
  const head = latin1(picture.read(0, 512))
  for (const [offset, signature, name] of REFUSED) {
    if (head.startsWith(signature, offset)) throw unsupported(picture.label, name)
  }
  if (head.startsWith('\xff\xd8\xff')) return 'jpeg'
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'png'
  if (head.startsWith('GIF87a') || head.startsWith('GIF89a')) return 'gif'
  if (head.startsWith('RIFF') && head.startsWith('WEBP', 8)) return 'webp'
  if (/^(II[*+]\0|MM\0[*+])/.test(head)) return sniffTiff(picture)
  if (head.startsWith('ftyp', 4)) return sniffIsoMedia(picture, head)
  if (/^\s*(<\?xml|<!--|<!DOCTYPE svg|<svg)/i.test(head) && head.toLowerCase().includes('<svg')) {
    throw unsupported(picture.label, 'SVG')
  }
  throw unreadable(picture.label)
}

export function unsupported(label: string, what: string): InlayError {
  return new InlayError(
    'image.unsupported',
    `${label} is a ${what} file, which Inlay does not open; save it as ${Object.values(OPENABLE).join(', ')} first.`,
  )
}

function sniffTiff(picture: PictureBytes): OpenableFormat {
  if (RAW_EXTENSIONS.includes(picture.extension)) throw unsupported(picture.label, 'camera raw')
  return 'tiff'
}

/** ISO media files say what they are by brands: four letters each, in the first box. */
function sniffIsoMedia(picture: PictureBytes, head: string): OpenableFormat {
  const end = Math.min(head.length, Math.max(16, head.charCodeAt(2) * 256 + head.charCodeAt(3)))
  const brands = [head.slice(8, 12), ...(head.slice(16, end).match(/[\s\S]{4}/g) ?? [])]
  if (brands.includes('avif') || brands.includes('avis')) return 'avif'
  if (brands[0] === 'crx ') throw unsupported(picture.label, 'camera raw')
  if (brands.some((brand) => /^(hei[cmsx]|hev[cmsx]|mif1|msf1)$/.test(brand))) {
    throw unsupported(picture.label, 'HEIC')
  }
  throw unsupported(picture.label, 'video or other media')
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
