/**
 * ICC profiles as untrusted bytes: their header, their tag table and their name.
 *
 * Invariant: pure reading, never throws, never reads outside the bytes. A profile is accepted here when its structure
 * is sound (ICC.1:2022, section 7); whether it can really transform colours is for `colour-profile-transform` to say.
 */
export interface ProfileHeader {
  /** Four letters, e.g. `RGB `, `GRAY`, `CMYK`, `Lab `. */
  readonly colourSpace: string
  /** Four letters, e.g. `mntr`, `prtr`, `scnr`, `spac`. */
  readonly deviceClass: string
  /** The profile's own name, at most 128 characters of one line; `Unnamed profile` where it has none. */
  readonly description: string
}

/** Real display profiles take 0.5 to 50 KB, printers' up to 3 MB. Little CMS takes a profile on a stack of 15 MB. */
export const MAX_PROFILE_BYTES = 4 << 20

const HEADER_BYTES = 128
const MAX_TAGS = 512
const MAX_NAME = 128

/** @returns the header, or null when the bytes are not a sound profile. */
export function readProfileHeader(icc: Uint8Array): ProfileHeader | null {
  if (icc.byteLength < HEADER_BYTES + 4 || icc.byteLength > MAX_PROFILE_BYTES) return null
  const view = new DataView(icc.buffer, icc.byteOffset, icc.byteLength)
  const declared = view.getUint32(0)
  if (declared < HEADER_BYTES + 4 || declared > icc.byteLength) return null
  if (letters(icc, 36) !== 'acsp') return null
  const tags = view.getUint32(128)
  if (tags === 0 || tags > MAX_TAGS || HEADER_BYTES + 4 + tags * 12 > declared) return null
  let description = ''
  for (let i = 0; i < tags; i++) {
    const at = HEADER_BYTES + 4 + i * 12
    const offset = view.getUint32(at + 4)
    const length = view.getUint32(at + 8)
    if (offset + length > declared) return null
    if (letters(icc, at) === 'desc') description = readText(icc.subarray(offset, offset + length))
  }
  return {
    colourSpace: letters(icc, 16),
    deviceClass: letters(icc, 12),
    description: description || 'Unnamed profile',
  }
}

/** The text of a `desc` (version 2) or `mluc` (version 4) element; empty when it is neither. */
function readText(element: Uint8Array): string {
  if (element.byteLength < 16) return ''
  const view = new DataView(element.buffer, element.byteOffset, element.byteLength)
  const type = letters(element, 0)
  if (type === 'desc')
    return oneLine(latin1(element.subarray(12, 12 + Math.min(view.getUint32(8), MAX_NAME))))
  if (type !== 'mluc' || element.byteLength < 28 || view.getUint32(8) === 0) return ''
  const length = Math.min(view.getUint32(20), MAX_NAME * 2)
  const offset = view.getUint32(24)
  if (offset + length > element.byteLength) return ''
  return oneLine(new TextDecoder('utf-16be').decode(element.subarray(offset, offset + length)))
}

function oneLine(text: string): string {
  return text
    .replace(/\0[\s\S]*$/, '')
    .replaceAll(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, MAX_NAME)
}

function letters(bytes: Uint8Array, at: number): string {
  return latin1(bytes.subarray(at, at + 4))
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
