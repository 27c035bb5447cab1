import { describe, expect, it } from 'vitest'
import { type PicturePixels, pixelsOf } from '../../src/main/engine/imaging/image-file-pixels.ts'

const W = 300
const H = 270

/** Every pixel is its own number, so that nothing can land in a wrong place unseen. */
function stored(): Uint8Array {
  return new Uint8Array(Uint32Array.from({ length: W * H }, (_, i) => i + 1).buffer)
}

function words(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
}

/**
 * Where the standard's words put the stored pixel (row, column) for each orientation: "the 0th row is at the visual top
 * / right-hand side / ... of the image".
 */
const PLACE: readonly ((row: number, column: number) => readonly [number, number])[] = [
  (row, column) => [column, row],
  (row, column) => [W - 1 - column, row],
  (row, column) => [W - 1 - column, H - 1 - row],
  (row, column) => [column, H - 1 - row],
  (row, column) => [row, column],
  (row, column) => [H - 1 - row, column],
  (row, column) => [H - 1 - row, W - 1 - column],
  (row, column) => [row, W - 1 - column],
]

function expectTurned(orientation: number, width: number, rgba: Uint8Array): void {
  const turned = words(rgba)
  for (let row = 0; row < H; row++) {
    for (let column = 0; column < W; column++) {
      const [x, y] = PLACE[orientation - 1]!(row, column)
      if (turned[y * width + x] !== row * W + column + 1)
        expect.fail(`orientation ${orientation}, pixel ${x},${y}`)
    }
  }
}

describe('pixelsOf', () => {
  for (let orientation = 1; orientation <= 8; orientation++) {
    const make = (): PicturePixels => pixelsOf(stored(), W, H, orientation)

    it(`turns orientation ${orientation} in place`, () => {
      const pixels = make()
      expect([pixels.width, pixels.height]).toEqual(orientation >= 5 ? [H, W] : [W, H])
      expectTurned(orientation, pixels.width, pixels.takeRgba())
    })

    it(`turns orientation ${orientation} while copying regions, and leaves the outside empty`, () => {
      const pixels = make()
      const whole = pixels.region({ x: 0, y: 0, width: pixels.width, height: pixels.height })
      expectTurned(orientation, pixels.width, whole)
      const region = words(pixels.region({ x: -3, y: pixels.height - 5, width: 20, height: 9 }))
      for (let y = 0; y < 9; y++) {
        for (let x = 0; x < 20; x++) {
          const isInside = x >= 3 && y < 5
          const source = words(whole)[(pixels.height - 5 + y) * pixels.width + x - 3]
          expect(region[y * 20 + x]).toBe(isInside ? source : 0)
        }
      }
    })
  }

  it('cuts tiles of 256 x 256 with 0 beyond the edge', () => {
    const pixels = pixelsOf(stored(), W, H, 1)
    const tile = words(pixels.tile(1, 1))
    expect(tile.length).toBe(65_536)
    expect(tile[0]).toBe(256 * W + 256 + 1)
    expect(tile[W - 256]).toBe(0)
    expect(tile[(H - 256) * 256]).toBe(0)
    expect(words(pixels.tile(5, 5)).every((word) => word === 0)).toBe(true)
  })
})
