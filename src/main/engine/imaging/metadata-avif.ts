/**
 * Profile and metadata in AVIF: a `colr` property on the primary item, and `Exif` and XMP items that describe it (ISO
 * 14496-12 for the boxes, ISO 23008-12 for the items). AVIF has no place for IPTC.
 *
 * Invariant: only for files our own encoder has just written: a layout it does not use is a bug and throws a plain
 * error. The pixel data moves as a whole, and every offset into it moves with it.
 */

import type { Attachments, Embedded } from './metadata.ts'
import {
  type Box,
  box,
  childrenOf,
  fullBox,
  requireBox,
  topLevelBoxes,
  u16,
  u32,
} from './metadata-avif-boxes.ts'
import { appendLocations, type NewLocation } from './metadata-avif-locations.ts'
import { viewOf } from './metadata-ifd.ts'

interface NewItem {
  readonly id: number
  readonly type: 'Exif' | 'mime'
  readonly data: readonly Uint8Array[]
}

export function embedInAvif(encoded: Uint8Array, { icc, exif, xmp, iptc }: Attachments): Embedded {
  const meta = requireBox(topLevelBoxes(encoded), 'meta')
  const items = newItems(meta, exif, xmp)
  const payload = items.flatMap(({ data }) => data)
  const mdat = payload.length > 0 ? [box('mdat', ...payload)] : []
  // The sizes don't depend on the offsets, so a first build with wrong offsets tells how far everything moves.
  const growth = buildMeta(meta, items, icc, 0, 0).byteLength - meta.bytes.byteLength
  const grown = buildMeta(meta, items, icc, growth, encoded.byteLength + growth + 8)
  const start = meta.start
  const end = start + meta.bytes.byteLength
  return {
    pieces: [encoded.subarray(0, start), grown, encoded.subarray(end), ...mdat],
    leftOut: iptc ? ['IPTC'] : [],
  }
}

function newItems(meta: Box, exif: Uint8Array | null, xmp: Uint8Array | null): readonly NewItem[] {
  const children = childrenOf(meta, 12)
  const ids = childrenOf(requireBox(children, 'iinf'), 14).map(({ bytes }) => viewOf(bytes).getUint16(12))
  let id = Math.max(...ids)
  const items: NewItem[] = []
  // An Exif item starts with the distance to its TIFF header: none here.
  if (exif) items.push({ id: ++id, type: 'Exif', data: [u32(0), exif] })
  if (xmp) items.push({ id: ++id, type: 'mime', data: [xmp] })
  return items
}

/** The `meta` box with everything added. `shift` moves the old offsets, `dataStart` is where the new items' data lies. */
function buildMeta(
  meta: Box,
  items: readonly NewItem[],
  icc: Uint8Array | null,
  shift: number,
  dataStart: number,
): Buffer {
  const children = childrenOf(meta, 12)
  const primary = viewOf(requireBox(children, 'pitm').bytes).getUint16(12)
  let at = dataStart
  const locations: NewLocation[] = items.map(({ id, data }) => {
    const length = data.reduce((sum, part) => sum + part.byteLength, 0)
    const location = { id, offset: at, length }
    at += length
    return location
  })
  const references = items.map(({ id }) => box('cdsc', u16(id), u16(1), u16(primary)))
  const built = children.map((child): Uint8Array => {
    switch (child.type) {
      case 'iinf':
        return appendInfos(child, items)
      case 'iloc':
        return appendLocations(child, shift, locations)
      case 'iref':
        return box('iref', child.bytes.subarray(8), ...references)
      case 'iprp':
        return icc ? withProfile(child, primary, icc) : child.bytes
      default:
        return child.bytes
    }
  })
  if (references.length > 0 && !children.some(({ type }) => type === 'iref')) {
    built.push(fullBox('iref', 0, 0, ...references))
  }
  return box('meta', meta.bytes.subarray(8, 12), ...built)
}

function appendInfos(iinf: Box, items: readonly NewItem[]): Buffer {
  const view = viewOf(iinf.bytes)
  if (view.getUint8(8) !== 0) throw new Error('The AVIF encoder wrote an item list of an unknown version.')
  const infos = items.map(({ id, type }) => {
    const name = type === 'mime' ? '\0application/rdf+xml\0' : '\0'
    return fullBox('infe', 2, 0, u16(id), u16(0), Buffer.from(type + name, 'latin1'))
  })
  return box('iinf', u32(0), u16(view.getUint16(12) + items.length), iinf.bytes.subarray(14), ...infos)
}

/** Adds the profile to the list of properties and its number to those of the primary item. */
function withProfile(iprp: Box, primary: number, icc: Uint8Array): Buffer {
  const children = childrenOf(iprp, 8)
  const ipco = requireBox(children, 'ipco')
  const ipma = requireBox(children, 'ipma')
  const index = childrenOf(ipco, 8).length + 1
  const colr = box('colr', Buffer.from('prof', 'latin1'), icc)
  return box('iprp', box('ipco', ipco.bytes.subarray(8), colr), associate(ipma, primary, index))
}

function associate(ipma: Box, primary: number, index: number): Buffer {
  const view = viewOf(ipma.bytes)
  const isWide = (view.getUint8(11) & 1) === 1
  if (view.getUint8(8) !== 0 || (!isWide && index > 127)) {
    throw new Error('The AVIF encoder wrote properties in an unknown layout.')
  }
  const width = isWide ? 2 : 1
  const entries = view.getUint32(12)
  let at = 16
  for (let i = 0; i < entries; i++) {
    const count = view.getUint8(at + 2)
    const end = at + 3 + count * width
    if (view.getUint16(at) === primary) {
      const bytes = Buffer.from(ipma.bytes)
      bytes[at + 2] = count + 1
      return box('ipma', bytes.subarray(8, end), isWide ? u16(index) : Buffer.of(index), bytes.subarray(end))
    }
    at = end
  }
  throw new Error('The AVIF encoder wrote a picture without properties.')
}
