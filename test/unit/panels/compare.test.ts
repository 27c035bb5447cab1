import { describe, expect, it, test } from 'vitest'
import {
  farOutside,
  heatMap,
  MOST_SHOWN,
  meanDifference,
} from '../../../src/renderer/panels/compare/difference.ts'
import { moved, WHOLE, zoomedAt } from '../../../src/renderer/panels/compare/pane-view.ts'

const pixels = (...values: number[]) => ({
  width: values.length / 4,
  height: 1,
  data: Uint8ClampedArray.from(values),
})

describe('the difference of two pictures', () => {
  const before = pixels(10, 10, 10, 255, 200, 0, 0, 255, 0, 0, 0, 255)
  const after = pixels(10, 10, 10, 255, 203, 0, 6, 0, 99, 0, 0, 255)

  it('as a number counts what is outside and nothing else, alpha neither', () => {
    expect(meanDifference(before, after, Uint8Array.of(1, 1, 0))).toBeCloseTo(9 / 6 / 255, 12)
    expect(meanDifference(before, after, Uint8Array.of(1, 0, 0))).toBe(0)
    expect(meanDifference(before, after, Uint8Array.of(0, 0, 0))).toBeNull()
  })

  it('as a map is opaque, the darker the less, and ends at the most that is shown', () => {
    const map = heatMap(before, after)
    const light = [0, 1, 2].map((i) => map[i * 4]! + map[i * 4 + 1]! + map[i * 4 + 2]!)
    expect(light[0]).toBeLessThan(light[1]!)
    expect(light[1]).toBeLessThan(light[2]!)
    expect([map[3], map[7], map[11]]).toEqual([255, 255, 255])
    const most = heatMap(pixels(0, 0, 0, 255), pixels(MOST_SHOWN, 0, 0, 255))
    expect(map.slice(8)).toEqual(most)
  })
})

test('far outside is what no pixel inside is near, in a square', () => {
  const width = 9
  const outside = new Uint8Array(width * width).fill(1)
  outside[4 * width + 4] = 0
  const far = farOutside(outside, width, width, 2)
  for (let y = 0; y < width; y++)
    for (let x = 0; x < width; x++)
      expect(far[y * width + x], `${x}, ${y}`).toBe(Math.max(Math.abs(x - 4), Math.abs(y - 4)) <= 2 ? 0 : 1)
})

describe('pictures that are zoomed together', () => {
  it('keep the place under the pointer', () => {
    const at = { x: 0.3, y: -0.2 }
    const shownAt = ({ zoom, x, y }: typeof WHOLE) => ({ x: at.x / zoom - x, y: at.y / zoom - y })
    const first = zoomedAt(WHOLE, at.x, at.y, 3)
    const second = zoomedAt(first, at.x, at.y, 1.7)
    for (const view of [first, second]) {
      expect(shownAt(view).x).toBeCloseTo(at.x, 12)
      expect(shownAt(view).y).toBeCloseTo(at.y, 12)
    }
  })

  it('never leave their frame', () => {
    expect(moved(WHOLE, 0.4, -3)).toEqual(WHOLE)
    expect(zoomedAt(moved(zoomedAt(WHOLE, 0, 0, 4), 9, 9), 0, 0, 0.01)).toEqual(WHOLE)
    expect(moved(zoomedAt(WHOLE, 0, 0, 2), 9, -9)).toEqual({ zoom: 2, x: 0.25, y: -0.25 })
  })
})
