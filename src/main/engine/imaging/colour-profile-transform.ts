/// <reference path="./colour-profile-lcms.d.ts" />
/**
 * Colour between a document's profile and sRGB, by Little CMS in WebAssembly: a hostile profile can at worst break the
 * sandbox it runs in, not the process.
 *
 * Invariant: relative colorimetric with black point compensation, as photo editors do; 8 bit in, 8 bit out; alpha is
 * copied. A null profile and one that is numerically sRGB make the identity, which copies and never rounds.
 */
import {
  cmsFLAGS_BLACKPOINTCOMPENSATION,
  cmsFLAGS_COPY_ALPHA,
  INTENT_RELATIVE_COLORIMETRIC,
  instantiate,
  type Lcms,
  TYPE_GRAY_8,
  TYPE_RGB_8,
  TYPE_RGB_16,
  TYPE_RGBA_8,
} from 'lcms-wasm'
import { InlayError } from '../../../shared/errors.ts'
import { readProfileHeader } from './colour-profile.ts'

/** Points along each axis of the display table. */
export const LUT_SIDE = 33

/** Pixels handed to WebAssembly at a time: its memory grows and never shrinks. */
const BATCH = 65_536

export interface ColourTransform {
  /** The profile's name, `sRGB` for a document without one. */
  readonly name: string
  /** Numbers mean the same as in sRGB: both directions are copies. */
  readonly isIdentity: boolean
  /** Document numbers to sRGB; interleaved RGB, or RGBA with its alpha kept. Returns a new array. */
  toSrgb(pixels: Uint8Array, channels?: 3 | 4): Uint8Array
  /** sRGB to document numbers, the same way; what the document's gamut lacks is clipped. */
  fromSrgb(pixels: Uint8Array, channels?: 3 | 4): Uint8Array
  /**
   * Document numbers to sRGB as a table for a 3D texture: 33 x 33 x 33 RGB bytes, red fastest, then green, then blue.
   * Entry i of an axis stands for the number i * 255 / 32.
   */
  displayLut(): Uint8Array
  /** Frees the profile; the transform must not be used afterwards. */
  close(): void
}

const FLAGS = cmsFLAGS_BLACKPOINTCOMPENSATION | cmsFLAGS_COPY_ALPHA

let engine: Promise<Lcms> | undefined

function loadEngine(): Promise<Lcms> {
  engine ??= instantiate()
  return engine
}

/**
 * @param icc the document's RGB profile, or null for sRGB.
 * @throws InlayError `image.unreadable` when the profile is damaged or not one for RGB.
 */
export async function createColourTransform(icc: Uint8Array | null): Promise<ColourTransform> {
  if (icc === null) return identity('sRGB')
  const made = transformOf(await loadEngine(), icc)
  if (made === null) {
    throw new InlayError(
      'image.unreadable',
      'The colour profile is damaged; open the picture without its profile.',
    )
  }
  if (!isNearlyIdentity(made)) return made
  made.close()
  return identity(made.name)
}

/** Whether a profile can carry a document's colours: sound, for RGB, and usable in both directions. */
export async function isUsableRgbProfile(icc: Uint8Array): Promise<boolean> {
  const made = transformOf(await loadEngine(), icc)
  made?.close()
  return made !== null
}

/** Whether a profile's numbers are sRGB's, judged by the colours and not by the name; false for a damaged one. */
export async function isSrgb(icc: Uint8Array | null): Promise<boolean> {
  if (icc === null) return true
  const made = transformOf(await loadEngine(), icc)
  if (made === null) return false
  const answer = isNearlyIdentity(made)
  made.close()
  return answer
}

/** What a grey profile's 256 numbers are in sRGB: 256 x RGB bytes; null when it is not a usable grey profile. */
export async function greyToSrgb(icc: Uint8Array): Promise<Uint8Array | null> {
  if (readProfileHeader(icc)?.colourSpace !== 'GRAY') return null
  const lcms = await loadEngine()
  return withProfiles(lcms, icc, (profile, srgb) => {
    const made = lcms.cmsCreateTransform(
      profile,
      TYPE_GRAY_8,
      srgb,
      TYPE_RGB_8,
      INTENT_RELATIVE_COLORIMETRIC,
      FLAGS,
    )
    if (made === 0) return null
    const numbers = Uint8Array.from({ length: 256 }, (_, i) => i)
    const table = lcms.cmsDoTransform(made, numbers, numbers.length)
    lcms.cmsDeleteTransform(made)
    return table
  })
}

function transformOf(lcms: Lcms, icc: Uint8Array): ColourTransform | null {
  const header = readProfileHeader(icc)
  if (header?.colourSpace !== 'RGB ') return null
  const handles = withProfiles(lcms, icc, (profile, srgb) => {
    const make = (from: number, fromType: number, to: number, toType: number) =>
      lcms.cmsCreateTransform(from, fromType, to, toType, INTENT_RELATIVE_COLORIMETRIC, FLAGS)
    return {
      to: {
        3: make(profile, TYPE_RGB_8, srgb, TYPE_RGB_8),
        4: make(profile, TYPE_RGBA_8, srgb, TYPE_RGBA_8),
      },
      from: {
        3: make(srgb, TYPE_RGB_8, profile, TYPE_RGB_8),
        4: make(srgb, TYPE_RGBA_8, profile, TYPE_RGBA_8),
      },
      table: make(profile, TYPE_RGB_16, srgb, TYPE_RGB_8),
    }
  })
  if (handles === null) return null
  const all = [...Object.values(handles.to), ...Object.values(handles.from), handles.table]
  const close = () => {
    for (const handle of all) if (handle !== 0) lcms.cmsDeleteTransform(handle)
  }
  if (all.includes(0)) {
    close()
    return null
  }
  return {
    name: header.description,
    isIdentity: false,
    toSrgb: (pixels, channels = 3) => run(lcms, handles.to[channels], pixels, channels),
    fromSrgb: (pixels, channels = 3) => run(lcms, handles.from[channels], pixels, channels),
    displayLut: () => run(lcms, handles.table, Uint16Array.from(grid(65_535)), 3),
    close,
  }
}

/** Opens the profile and sRGB for the length of `use`; null when Little CMS gives up, by answer or by trap. */
function withProfiles<T>(lcms: Lcms, icc: Uint8Array, use: (profile: number, srgb: number) => T): T | null {
  try {
    const profile = lcms.cmsOpenProfileFromMem(icc, icc.byteLength)
    if (profile === 0) return null
    const srgb = lcms.cmsCreate_sRGBProfile()
    const result = use(profile, srgb)
    lcms.cmsCloseProfile(profile)
    lcms.cmsCloseProfile(srgb)
    return result
  } catch {
    // A trapped WebAssembly instance may be in any state: the next caller gets a new one.
    engine = undefined
    return null
  }
}

function run(lcms: Lcms, transform: number, samples: Uint8Array | Uint16Array, channels: 3 | 4): Uint8Array {
  const count = samples.length / channels
  if (!Number.isInteger(count)) throw new RangeError('The samples do not make whole pixels.')
  const result = new Uint8Array(samples.length)
  for (let first = 0; first < count; first += BATCH) {
    const size = Math.min(BATCH, count - first)
    const part = samples.subarray(first * channels, (first + size) * channels)
    result.set(lcms.cmsDoTransform(transform, part, size), first * channels)
  }
  return result
}

function identity(name: string): ColourTransform {
  return {
    name,
    isIdentity: true,
    toSrgb: (pixels) => Uint8Array.from(pixels),
    fromSrgb: (pixels) => Uint8Array.from(pixels),
    displayLut: () => Uint8Array.from(grid(255)),
    close() {},
  }
}

/** sRGB profiles differ by one level here and there: their curves are tables of different lengths. */
function isNearlyIdentity(transform: ColourTransform): boolean {
  const numbers = Uint8Array.from(grid(255))
  return transform.toSrgb(numbers).every((value, i) => Math.abs(value - numbers[i]!) <= 1)
}

/** RGB numbers of the display table's points, red fastest, each axis from 0 to `top`. */
function grid(top: number): readonly number[] {
  const levels = Array.from({ length: LUT_SIDE }, (_, i) => Math.round((i * top) / (LUT_SIDE - 1)))
  return levels.flatMap((b) => levels.flatMap((g) => levels.flatMap((r) => [r, g, b])))
}
