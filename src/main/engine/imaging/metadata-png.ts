/**
 * Profile and metadata in PNG: `iCCP`, `eXIf`, `iTXt` (XMP) and `zTXt` chunks. PNG has no place for IPTC; we use the
 * text chunk `Raw profile type iptc`, which ImageMagick began and most readers know.
 *
 * Invariant: reading walks chunk by chunk inside the file and inflates at most `MAX_TEXT` bytes.
 */
import { crc32, deflateSync, inflateSync } from 'node:zlib'
import type { ByteReader } from './image-file-source.ts'
import type { Attachments, Embedded } from './metadata.ts'
import { viewOf } from './metadata-ifd.ts'
import { findIptc, iptcResource, isIptc } from './metadata-iptc.ts'

const SIGNATURE_BYTES = 8
const IHDR_END = SIGNATURE_BYTES + 12 + 13
const IPTC_KEYWORD = 'Raw profile type iptc'
const MAX_CHUNKS = 4096
const MAX_TEXT = 4 << 20

export function embedInPng(encoded: Uint8Array, { icc, exif, xmp, iptc }: Attachments): Embedded {
  const chunks: Uint8Array[] = []
  if (icc) chunks.push(pngChunk('iCCP', latin1('ICC profile\0\0'), deflateSync(icc)))
  if (exif) chunks.push(pngChunk('eXIf', exif))
  if (xmp) chunks.push(pngChunk('iTXt', latin1('XML:com.adobe.xmp\0\0\0\0\0'), xmp))
  if (iptc) {
    const text = deflateSync(latin1(rawProfile('iptc', iptcResource(iptc))))
    chunks.push(pngChunk('zTXt', latin1(`${IPTC_KEYWORD}\0\0`), text))
  }
  return { pieces: [encoded.subarray(0, IHDR_END), ...chunks, encoded.subarray(IHDR_END)], leftOut: [] }
}

export function pngChunk(type: string, ...data: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat([latin1(type), ...data])
  const chunk = Buffer.alloc(body.byteLength + 8)
  chunk.writeUInt32BE(body.byteLength - 4, 0)
  chunk.set(body, 4)
  chunk.writeUInt32BE(crc32(body), body.byteLength + 4)
  return chunk
}

/** A binary block as text: its name, its length, and hexadecimal lines of 72 digits. */
function rawProfile(name: string, block: Buffer): string {
  const lines = block.toString('hex').match(/.{1,72}/g) ?? []
  return `\n${name}\n${String(block.byteLength).padStart(8)}\n${lines.join('\n')}\n`
}

export interface PngFacts {
  readonly isAnimated: boolean
  /** Colour described by numbers (`cICP`, or `gAMA`/`cHRM` that are not sRGB's) instead of by a profile. */
  readonly hasOtherColour: boolean
  readonly iptc: Uint8Array | null
}

/** What lies before the pixels. Chunks after the first `IDAT` are read too, for text may stand at the end. */
export function readPngFacts(data: ByteReader): PngFacts {
  let isAnimated = false
  let isTagged = false
  let hasOtherColour = false
  let iptc: Uint8Array | null = null
  for (const { type, offset, length } of pngChunks(data)) {
    const body = () => data.read(offset, Math.min(length, MAX_TEXT))
    if (type === 'acTL') isAnimated = true
    else if (type === 'sRGB' || type === 'iCCP') isTagged = true
    else if (type === 'cICP') hasOtherColour ||= !isSrgbCicp(body())
    else if (type === 'gAMA') hasOtherColour ||= !isSrgbGamma(body())
    else if (type === 'tEXt' || type === 'zTXt') iptc ??= iptcOfText(type, body())
  }
  return { isAnimated, hasOtherColour: hasOtherColour && !isTagged, iptc }
}

export function readPngIptc(data: ByteReader): Uint8Array | null {
  return readPngFacts(data).iptc
}

interface Chunk {
  readonly type: string
  readonly offset: number
  readonly length: number
}

function* pngChunks(data: ByteReader): Generator<Chunk> {
  let at = SIGNATURE_BYTES
  for (let i = 0; i < MAX_CHUNKS; i++) {
    const head = data.read(at, 8)
    if (head.byteLength < 8) return
    const length = viewOf(head).getUint32(0)
    const type = Buffer.from(head.subarray(4)).toString('latin1')
    if (type === 'IEND' || at + 12 + length > data.byteLength) return
    yield { type, offset: at + 8, length }
    at += 12 + length
  }
}

/** Colour primaries 1 and transfer 13 are sRGB's (ITU-T H.273). */
function isSrgbCicp(body: Uint8Array): boolean {
  return body[0] === 1 && (body[1] === 13 || body[1] === 1)
}

/** Gamma is written times 100,000; sRGB's stands for 1/2.2. */
function isSrgbGamma(body: Uint8Array): boolean {
  return body.byteLength >= 4 && Math.abs(viewOf(body).getUint32(0) - 45_455) <= 500
}

function iptcOfText(type: 'tEXt' | 'zTXt', body: Uint8Array): Uint8Array | null {
  const separator = body.indexOf(0)
  if (separator < 0 || Buffer.from(body.subarray(0, separator)).toString('latin1') !== IPTC_KEYWORD)
    return null
  try {
    const text =
      type === 'tEXt'
        ? body.subarray(separator + 1)
        : inflateSync(body.subarray(separator + 2), { maxOutputLength: MAX_TEXT })
    const hex = /^\s*\w+\s+\d+\s+([0-9a-f\s]+)$/i.exec(Buffer.from(text).toString('latin1'))?.[1]
    if (hex === undefined) return null
    const block = Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'))
    return isIptc(block) ? block : findIptc(block)
  } catch {
    // A text chunk that cannot be inflated says nothing about the picture.
    return null
  }
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}
