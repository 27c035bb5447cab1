import { describe, expect, it } from 'vitest'
import { resampleMask, resampleRgb } from '../../src/main/engine/imaging/resample.ts'
import type { Size } from '../../src/shared/geometry.ts'

const FROM: Size = { width: 64, height: 48 }
/** A slope across in red, one down in green, and one number in blue. */
const slopes = rgb(FROM, (x, y) => [4 * x, 5 * y, 128])

function rgb({ width, height }: Size, value: (x: number, y: number) => readonly number[]): Uint8Array {
  return Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const at = Math.floor(i / 3)
    return value(at % width, Math.floor(at / width))[i % 3]!
  })
}

describe('a picture at another size', () => {
  it.each([
    { width: 128, height: 96 },
    { width: 32, height: 24 },
    { width: 80, height: 80 },
    { width: 50, height: 37 },
    { width: 200, height: 24 },
    { width: 65, height: 47 },
  ])('lies where it was, at $width x $height', async (to) => {
    const made = await resampleRgb(slopes, FROM, to)
    expect(made).toHaveLength(to.width * to.height * 3)
    const [across, down] = [FROM.width / to.width, FROM.height / to.height]
    let farthest = 0
    for (let y = 0; y < to.height; y++)
      for (let x = 0; x < to.width; x++) {
        const [sx, sy] = [(x + 0.5) * across - 0.5, (y + 0.5) * down - 0.5]
        if (sx < 6 || sy < 6 || sx > FROM.width - 7 || sy > FROM.height - 7) continue
        const at = 3 * (y * to.width + x)
        farthest = Math.max(farthest, Math.abs(made[at]! - 4 * sx), Math.abs(made[at + 1]! - 5 * sy))
        expect(made[at + 2]).toBe(128)
      }
    expect(farthest).toBeLessThanOrEqual(0.6)
  })

  it('is the same array at its own size', async () => {
    expect(await resampleRgb(slopes, FROM, { ...FROM })).toBe(slopes)
  })

  it('has the same bytes each time', async () => {
    const noise = Uint8Array.from({ length: slopes.length }, (_, i) => (i * 7919) % 251)
    const to = { width: 41, height: 77 }
    expect(await resampleRgb(noise, FROM, to)).toEqual(await resampleRgb(noise, FROM, to))
  })

  it('made larger and smaller again is nearly what it was', async () => {
    const smooth = rgb(FROM, (x, y) => [128 + 90 * Math.sin(x / 5), 128 + 90 * Math.cos(y / 6), 40 + x])
    const large = await resampleRgb(smooth, FROM, { width: 150, height: 110 })
    const back = await resampleRgb(large, { width: 150, height: 110 }, FROM)
    expect(Math.max(...back.map((value, i) => Math.abs(value - smooth[i]!)))).toBeLessThanOrEqual(4)
  })

  it('keeps a single number even at one pixel', async () => {
    const flat = rgb(FROM, () => [7, 130, 249])
    expect([...(await resampleRgb(flat, FROM, { width: 1, height: 1 }))]).toEqual([7, 130, 249])
    const one = Uint8Array.of(7, 130, 249)
    const grown = await resampleRgb(one, { width: 1, height: 1 }, { width: 3, height: 2 })
    expect(grown).toEqual(rgb({ width: 3, height: 2 }, () => [7, 130, 249]))
  })

  it('refuses samples of another size', async () => {
    await expect(resampleRgb(slopes.subarray(3), FROM, { width: 8, height: 8 })).rejects.toThrow(RangeError)
  })
})

describe('a mask at another size', () => {
  const mask = Uint8Array.from({ length: 64 * 48 }, (_, i) => {
    const [x, y] = [i % 64, Math.floor(i / 64)]
    return x >= 10 && x < 30 && y >= 10 && y < 20 ? 255 : 0
  })
  it.each([
    { width: 128, height: 96 },
    { width: 16, height: 12 },
    { width: 51, height: 100 },
  ])('covers as much, and never over- or undershoots, at $width x $height', async (to) => {
    const made = await resampleMask(mask, FROM, to)
    const area = made.reduce((sum, value) => sum + value, 0) / 255
    expect(area / (to.width * to.height)).toBeCloseTo(200 / (64 * 48), 3)
    const centre = Math.floor((15 / 48) * to.height) * to.width + Math.floor((20 / 64) * to.width)
    expect(made[centre]).toBe(255)
    expect(made[0]).toBe(0)
  })
})
