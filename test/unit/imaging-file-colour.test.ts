import { describe, expect, it } from 'vitest'
import { readProfileHeader } from '../../src/main/engine/imaging/colour-profile.ts'
import {
  createColourTransform,
  greyToSrgb,
  isSrgb,
  isUsableRgbProfile,
  LUT_SIDE,
} from '../../src/main/engine/imaging/colour-profile-transform.ts'
import { greyProfile, p3Profile, profileOf } from '../support/picture-parts.ts'

/** Display P3 to sRGB from the primaries themselves (SMPTE EG 432-1, IEC 61966-2-1; both D65, one transfer curve). */
function p3ToSrgb(rgb: readonly number[]): number[] {
  const linear = rgb.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4))
  const matrix = [
    [1.2249401763, -0.2249401763, 0],
    [-0.0420569547, 1.0420569547, 0],
    [-0.0196375546, -0.0786360456, 1.0982736002],
  ]
  return matrix.map((row) => {
    const v = Math.min(1, Math.max(0, row[0]! * linear[0]! + row[1]! * linear[1]! + row[2]! * linear[2]!))
    return 255 * (v <= 0.0031308 ? v * 12.92 : 1.055 * v ** (1 / 2.4) - 0.055)
  })
}

const SAMPLES = [
  [0, 0, 0],
  [255, 255, 255],
  [128, 128, 128],
  [200, 30, 40],
  [40, 200, 90],
  [30, 60, 220],
  [255, 0, 0],
  [250, 240, 10],
  [90, 80, 70],
]

describe('createColourTransform', () => {
  it('converts Display P3 to sRGB within one level of the definition', async () => {
    const transform = await createColourTransform(await p3Profile())
    expect(transform.isIdentity).toBe(false)
    const converted = transform.toSrgb(Uint8Array.from(SAMPLES.flat()))
    const expected = SAMPLES.flatMap(p3ToSrgb)
    converted.forEach((value, i) => {
      expect(Math.abs(value - Math.round(expected[i]!)), `sample ${i}`).toBeLessThanOrEqual(1)
    })
    transform.close()
  })

  it('comes back within one level for colours that sRGB holds, and keeps alpha', async () => {
    const transform = await createColourTransform(await p3Profile())
    const pixels = Uint8Array.from([120, 130, 140, 7, 90, 80, 70, 255, 200, 190, 180, 0])
    const there = transform.fromSrgb(pixels, 4)
    const back = transform.toSrgb(there, 4)
    expect(there).not.toEqual(pixels)
    pixels.forEach((value, i) => {
      if (i % 4 === 3) expect(back[i]).toBe(value)
      else expect(Math.abs(back[i]! - value)).toBeLessThanOrEqual(1)
    })
    transform.close()
  })

  it('works over more pixels than one batch', async () => {
    const transform = await createColourTransform(await p3Profile())
    const pixels = new Uint8Array(200_000 * 3).fill(77)
    pixels.set([200, 30, 40], 199_999 * 3)
    const converted = transform.toSrgb(pixels)
    expect([...converted.subarray(0, 3)]).toEqual([77, 77, 77])
    expect([...converted.subarray(-3)]).toEqual([...transform.toSrgb(Uint8Array.of(200, 30, 40))])
    transform.close()
  })

  it('makes a display table whose interpolation agrees with the transform within one level and a half', async () => {
    const transform = await createColourTransform(await p3Profile())
    const lut = transform.displayLut()
    expect(lut.length).toBe(LUT_SIDE ** 3 * 3)
    for (const rgb of SAMPLES) {
      const expected = transform.toSrgb(Uint8Array.from(rgb))
      interpolate(lut, rgb).forEach((value, channel) => {
        // A colour that sRGB has to clip has a crease there, which a table rounds off.
        const isClipped = expected.some((v) => v === 0 || v === 255) && rgb.some((v) => v !== 0 && v !== 255)
        expect(Math.abs(value - expected[channel]!), `${rgb}`).toBeLessThanOrEqual(isClipped ? 8 : 1.5)
      })
    }
    transform.close()
  })

  it('is the identity for no profile and for sRGB under any name', async () => {
    for (const icc of [null, await profileOf('srgb')]) {
      const transform = await createColourTransform(icc)
      expect(transform.isIdentity).toBe(true)
      const pixels = Uint8Array.from({ length: 768 }, (_, i) => i & 255)
      expect(transform.toSrgb(pixels)).toEqual(pixels)
      expect(transform.fromSrgb(pixels)).not.toBe(pixels)
      transform.close()
    }
    expect(await isSrgb(null)).toBe(true)
    expect(await isSrgb(await profileOf('srgb'))).toBe(true)
    expect(await isSrgb(await p3Profile())).toBe(false)
  })

  it('refuses a damaged profile and one that is not for RGB', async () => {
    for (const icc of [Buffer.from('no profile'), await profileOf('cmyk'), greyProfile(2.2)]) {
      expect(await isUsableRgbProfile(icc)).toBe(false)
      expect(await isSrgb(icc)).toBe(false)
      await expect(createColourTransform(icc)).rejects.toMatchObject({ code: 'image.unreadable' })
    }
  })

  it('survives any damage to a profile', async () => {
    const seed = 4711
    let state = seed
    const random = (below: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
      return Math.floor((state / 0x80000000) * below)
    }
    const good = await p3Profile()
    let usable = 0
    for (let round = 0; round < 150; round++) {
      const icc = Buffer.from(good)
      for (let i = 0; i <= random(8); i++) icc[random(icc.length)] = random(256)
      const cut = round % 3 === 0 ? icc.subarray(0, random(icc.length)) : icc
      if (await isUsableRgbProfile(cut)) usable++
    }
    expect(usable, `seed ${seed}`).toBeGreaterThan(0)
    const padded = Buffer.concat([good, Buffer.alloc((4 << 20) - good.length)])
    padded.writeUInt32BE(padded.length, 0)
    expect(await isUsableRgbProfile(padded)).toBe(true)
    expect(await isUsableRgbProfile(Buffer.concat([padded, Buffer.alloc(1)]))).toBe(false)
    expect(await isUsableRgbProfile(good)).toBe(true)
  })
})

describe('greyToSrgb', () => {
  it('follows the gamma of the profile', async () => {
    const table = await greyToSrgb(greyProfile(1))
    expect([...table!.subarray(0, 3)]).toEqual([0, 0, 0])
    expect([...table!.subarray(765)]).toEqual([255, 255, 255])
    // Linear 128/255 is 188 in sRGB.
    expect(Math.abs(table![128 * 3]! - 188)).toBeLessThanOrEqual(1)
    expect(await greyToSrgb(await p3Profile())).toBeNull()
  })
})

describe('readProfileHeader', () => {
  it('reads the space and the name of version 2 and version 4 profiles', async () => {
    expect(readProfileHeader(greyProfile(2.2))).toMatchObject({
      colourSpace: 'GRAY',
      description: 'Test grey',
    })
    expect(readProfileHeader(await p3Profile())).toMatchObject({ colourSpace: 'RGB ', deviceClass: 'mntr' })
    expect(readProfileHeader(await p3Profile())!.description).toMatch(/P3/)
  })
})

function interpolate(lut: Uint8Array, rgb: readonly number[]): number[] {
  const at = rgb.map((v) => (v * (LUT_SIDE - 1)) / 255)
  const low = at.map((v) => Math.min(LUT_SIDE - 2, Math.floor(v)))
  return [0, 1, 2].map((channel) => {
    let sum = 0
    for (let corner = 0; corner < 8; corner++) {
      const bit = [corner & 1, (corner >> 1) & 1, corner >> 2]
      const index = ((low[2]! + bit[2]!) * LUT_SIDE + low[1]! + bit[1]!) * LUT_SIDE + low[0]! + bit[0]!
      const weight = bit.reduce((w, b, axis) => {
        const t = at[axis]! - low[axis]!
        return w * (b ? t : 1 - t)
      }, 1)
      sum += weight * lut[index * 3 + channel]!
    }
    return sum
  })
}
