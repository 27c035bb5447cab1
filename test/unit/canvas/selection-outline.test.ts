import { describe, expect, it } from 'vitest'
import {
  assembleMask,
  hashesIn,
  type Loop,
  traceOutline,
} from '../../../src/renderer/canvas/selection-outline.ts'
import { TileHash } from '../../../src/shared/ids.ts'

function maskOf(rows: readonly string[], origin = { x: 0, y: 0 }, scale = 1) {
  const width = rows[0]!.length
  const data = Uint8Array.from(rows.join(''), (character) => (character === '#' ? 255 : 0))
  return { width, height: rows.length, data, origin, scale }
}

/** Twice the area, positive for clockwise in a plane with y down. */
function area(loop: Loop): number {
  let sum = 0
  for (let i = 0; i < loop.length; i += 2) {
    const next = (i + 2) % loop.length
    sum += loop[i]! * loop[next + 1]! - loop[next]! * loop[i + 1]!
  }
  return sum / 2
}

describe('the outline of a selection', () => {
  it('of a rectangle has four corners, in document pixels', () => {
    const loops = traceOutline(maskOf(['....', '.##.', '.##.', '....'], { x: 100, y: 200 }, 4))
    expect(loops.map((loop) => [...loop])).toEqual([[112, 204, 112, 212, 104, 212, 104, 204]])
  })

  it('of a ring is two loops that run against each other', () => {
    const loops = traceOutline(maskOf(['###', '#.#', '###']))
    expect(loops.map(area)).toEqual([9, -1])
  })

  it('keeps pixels that meet at a corner apart', () => {
    const loops = traceOutline(maskOf(['#.', '.#']))
    expect(loops.map(area)).toEqual([1, 1])
  })

  it('of nothing is nothing', () => {
    expect(traceOutline(maskOf(['...']))).toEqual([])
  })

  it('encloses exactly the pixels that are in, with axis-parallel sides, for random masks', () => {
    const seed = 917
    let state = seed
    const random = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return state / 2 ** 32
    }
    for (let round = 0; round < 60; round++) {
      const width = 1 + Math.floor(random() * 24)
      const height = 1 + Math.floor(random() * 24)
      const density = random()
      const data = Uint8Array.from({ length: width * height }, () => (random() < density ? 128 : 127))
      const loops = traceOutline({ width, height, data, origin: { x: 0, y: 0 }, scale: 1 })
      const note = `seed ${seed} round ${round}`
      expect(
        loops.reduce((sum, loop) => sum + area(loop), 0),
        note,
      ).toBe(data.filter((value) => value === 128).length)
      for (const loop of loops) {
        for (let i = 0; i < loop.length; i += 2) {
          const next = (i + 2) % loop.length
          const dx = loop[next]! - loop[i]!
          const dy = loop[next + 1]! - loop[i + 1]!
          expect((dx === 0) !== (dy === 0), note).toBe(true)
        }
      }
    }
  })

  it('crosses tile borders without a seam', () => {
    const left = TileHash.parse('a'.repeat(64))
    const right = TileHash.parse('b'.repeat(64))
    const side = 32
    const bytes = new Map([
      [left, new Uint8Array(side * side).fill(255)],
      [right, new Uint8Array(side * side).fill(255)],
    ])
    const tiles = { '0,0': left, '1,0': right } as const
    const region = { x: 0, y: 0, width: 512, height: 256 }
    expect(hashesIn(tiles, region)).toEqual([left, right])
    const loops = traceOutline(assembleMask(tiles, region, 3, bytes))
    expect(loops.map((loop) => [...loop])).toEqual([[512, 0, 512, 256, 0, 256, 0, 0]])
  })

  it('leaves out tiles whose bytes have not come', () => {
    const hash = TileHash.parse('c'.repeat(64))
    const mask = assembleMask({ '-1,-1': hash }, { x: -10, y: -10, width: 5, height: 5 }, 8, new Map())
    expect(mask).toMatchObject({ width: 1, height: 1, origin: { x: -256, y: -256 }, scale: 256 })
    expect(traceOutline(mask)).toEqual([])
  })
})
