import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { compileKernel, kernelModule } from '../../scripts/build-kernel.ts'
import { fillContext } from '../../src/main/engine/imaging/fill.ts'
import { instantiateKernel, makeMemory } from '../../src/main/engine/imaging/patch-fill/kernel-instance.ts'
import { LEVEL_FIELDS, planLayout, RADIUS } from '../../src/main/engine/imaging/patch-fill/layout.ts'
import {
  isTarget,
  type Level,
  openLevels,
  writeBlock,
} from '../../src/main/engine/imaging/patch-fill/level.ts'
import { membrane } from '../../src/main/engine/imaging/patch-fill/membrane.ts'
import {
  countSources,
  mapSources,
  mapTargets,
  measureDepth,
} from '../../src/main/engine/imaging/patch-fill/pyramid.ts'
import { randomFrom } from '../../src/main/engine/imaging/patch-fill/random.ts'
import { setWeights } from '../../src/main/engine/imaging/patch-fill/votes.ts'

const FOLDER = new URL('../../src/main/engine/imaging/patch-fill/', import.meta.url)

describe('the context region', () => {
  const picture = { width: 6000, height: 4000 }

  test.each([
    [
      'a small hole gets the least margin',
      { x: 3000, y: 2000, width: 20, height: 10 },
      [2840, 1840, 340, 330],
    ],
    [
      'a larger one a margin of its shorter side',
      { x: 2000, y: 1500, width: 900, height: 400 },
      [1600, 1100, 1700, 1200],
    ],
    [
      'a huge one the greatest margin',
      { x: 1000, y: 1000, width: 2000, height: 1500 },
      [360, 360, 3280, 2780],
    ],
    ['the picture ends it', { x: 0, y: 3900, width: 50, height: 100 }, [0, 3740, 210, 260]],
    ['all is all', { x: 0, y: 0, width: 6000, height: 4000 }, [0, 0, 6000, 4000]],
  ])('%s', (_, hole, [x, y, width, height]) => {
    expect(fillContext(hole, picture)).toEqual({ x, y, width, height })
  })
})

describe('the kernel', () => {
  test('is what its source compiles to', async () => {
    const committed = readFileSync(new URL('kernel.generated.ts', FOLDER), 'utf8')
    expect(committed).toBe(kernelModule(await compileKernel()))
  })

  test('has the level fields where the layout puts them', () => {
    const source = readFileSync(new URL('kernel.ts', FOLDER), 'utf8')
    const constants = [...source.matchAll(/^const ([A-Z_]+): usize = (\d+)$/gm)].map(([, name, at]) => [
      name,
      Number(at),
    ])
    const expected = LEVEL_FIELDS.map((field, i) => [
      field.replace(/[A-Z]/g, (c) => `_${c}`).toUpperCase(),
      4 * i,
    ])
    expect(constants).toEqual(expected)
  })

  test('keeps valid matches with their true cost, and each pass finds none worse', () => {
    const { level, memory } = scene(60, 50, 5)
    const kernel = instantiateKernel(memory)
    setWeights(level, 0, level.height)
    writeBlock(memory.buffer, level)
    const random = randomFrom(9)
    const sources = [...level.validMap.keys()].filter((i) => level.validMap[i] === 1)
    for (let i = 0; i < level.matches[0].length; i++) {
      const at = sources[random(sources.length)]!
      level.matches[0][i] = (at % level.width) | (Math.floor(at / level.width) << 16)
    }
    let before = Number.POSITIVE_INFINITY
    for (const [swap, backward] of [
      [0, 0],
      [1, 1],
      [0, 1],
      [1, 0],
    ] as const) {
      kernel.search(
        level.block,
        swap,
        RADIUS,
        RADIUS,
        level.width - RADIUS,
        level.height - RADIUS,
        backward,
        30,
        77,
      )
      let sum = 0
      for (const [x, y, index] of targets(level)) {
        const match = level.matches[1 - swap]![index]!
        const [sx, sy] = [match & 0xffff, match >>> 16]
        expect(level.validMap[sy * level.width + sx]).toBe(1)
        expect(level.costs[index]).toBe(plainCost(level, x, y, sx, sy))
        sum += level.costs[index]!
      }
      expect(sum).toBeLessThanOrEqual(before)
      before = sum
    }
  })
})

describe('the layout', () => {
  test.each([
    [
      { width: 1, height: 1 },
      { x: 0, y: 0, width: 1, height: 1 },
    ],
    [
      { width: 333, height: 201 },
      { x: 17, y: 40, width: 99, height: 77 },
    ],
    [
      { width: 1536, height: 1536 },
      { x: 512, y: 512, width: 512, height: 512 },
    ],
  ])('gives %o room without overlap', (size, bounds) => {
    const layout = planLayout(size, bounds)
    const spans = [[layout.input, size.width * size.height * 3]]
    for (const level of layout.levels) {
      const [pixels, words] = [level.width * level.height, level.box.width * level.box.height * 4]
      spans.push(
        [level.block, LEVEL_FIELDS.length * 4],
        [level.image, pixels * 4],
        [level.weights, pixels * 4],
      )
      for (const at of [level.valid, level.depth, level.hole]) spans.push([at, pixels])
      for (const at of [level.matchA, level.matchB, level.cost, level.norm]) spans.push([at, words])
    }
    spans.sort((a, b) => a[0]! - b[0]!)
    expect(spans[0]![0]).toBeGreaterThan(layout.trustTable)
    for (let i = 1; i < spans.length; i++)
      expect(spans[i]![0]).toBeGreaterThanOrEqual(spans[i - 1]![0]! + spans[i - 1]![1]!)
    const last = spans.at(-1)!
    expect(layout.pages * 65536).toBeGreaterThanOrEqual(last[0]! + last[1]!)
  })
})

describe('the maps', () => {
  test.each([1, 2, 3, 4])('agree with their definitions (seed %i)', (seed) => {
    const { level } = scene(40 + 7 * seed, 31 + 5 * seed, seed)
    const { width, height, holeMap } = level
    let sources = 0
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const patch = patchStates(level, x, y)
        const valid = patch.length === 49 && patch.every((state) => state === 0)
        expect(level.validMap[y * width + x]).toBe(valid ? 1 : 0)
        if (valid) sources++
        const own = holeMap[y * width + x] === 1
        const depth = own ? 1 + distance(level, x, y) : patch.includes(1) ? 1 : 0
        expect(level.depthMap[y * width + x]).toBe(depth)
      }
    }
    expect(countSources(level)).toBe(sources)
  })
})

describe('the membrane', () => {
  test('continues a slope', () => {
    const { level } = scene(64, 48, 3)
    level.holeMap.fill(0)
    for (let y = 14; y < 34; y++) level.holeMap.fill(1, y * 64 + 20, y * 64 + 44)
    const slope = (x: number, y: number): number => 40 + 2 * x + y
    for (let i = 0; i < level.holeMap.length; i++) {
      level.pixels.fill(level.holeMap[i] === 1 ? 255 : slope(i % 64, Math.floor(i / 64)), 4 * i, 4 * i + 4)
    }
    membrane(level)
    for (let y = 14; y < 34; y++) {
      for (let x = 20; x < 44; x++)
        expect(Math.abs(level.pixels[4 * (y * 64 + x)]! - slope(x, y))).toBeLessThanOrEqual(2)
    }
  })
})

/** A level of noise with three rectangular holes and an unusable one, its maps made. */
function scene(
  width: number,
  height: number,
  seed: number,
): { level: Level; memory: ReturnType<typeof makeMemory> } {
  const bounds = { x: 0, y: 0, width, height }
  const layout = planLayout({ width, height }, bounds)
  const memory = makeMemory(layout.pages)
  const level = openLevels(memory.buffer, layout)[0]!
  const random = randomFrom(seed * 1013)
  for (let i = 0; i < level.pixels.length; i++) level.pixels[i] = random(256)
  for (const state of [1, 1, 1, 2]) {
    const [w, h] = [1 + random(width >> 2), 1 + random(height >> 2)]
    const [x, y] = [random(width - w), random(height - h)]
    for (let row = y; row < y + h; row++) level.holeMap.fill(state, row * width + x, row * width + x + w)
  }
  // In slices, as the threads do it.
  for (let y = 0; y < height; y += 9) {
    mapSources(level, y, Math.min(height, y + 9))
    mapTargets(level, y, Math.min(height, y + 9))
  }
  measureDepth(level)
  return { level, memory }
}

function* targets(level: Level): Generator<readonly [number, number, number]> {
  for (let y = 0; y < level.height; y++) {
    for (let x = 0; x < level.width; x++) {
      if (isTarget(level, x, y)) yield [x, y, (y - level.box.y) * level.box.width + x - level.box.x]
    }
  }
}

/** Weighted squared differences of two patches, the middle column twice. */
function plainCost(
  { width, pixels, weightMap }: Level,
  x: number,
  y: number,
  sx: number,
  sy: number,
): number {
  let sum = 0
  for (let dy = -RADIUS; dy <= RADIUS; dy++) {
    for (let dx = -RADIUS; dx <= RADIUS; dx++) {
      const a = 4 * ((y + dy) * width + x + dx)
      const b = 4 * ((sy + dy) * width + sx + dx)
      for (let c = 0; c < 4; c++)
        sum += (dx === 0 ? 2 : 1) * weightMap[a + c]! * (pixels[a + c]! - pixels[b + c]!) ** 2
    }
  }
  return sum
}

function patchStates({ width, height, holeMap }: Level, x: number, y: number): number[] {
  const states: number[] = []
  for (let py = Math.max(0, y - RADIUS); py <= Math.min(height - 1, y + RADIUS); py++) {
    for (let px = Math.max(0, x - RADIUS); px <= Math.min(width - 1, x + RADIUS); px++)
      states.push(holeMap[py * width + px]!)
  }
  return states
}

/** Chessboard distance to the nearest pixel that is not hole. */
function distance({ width, height, holeMap }: Level, x: number, y: number): number {
  let nearest = Number.POSITIVE_INFINITY
  for (let i = 0; i < width * height; i++) {
    if (holeMap[i] !== 1)
      nearest = Math.min(nearest, Math.max(Math.abs((i % width) - x), Math.abs(Math.floor(i / width) - y)))
  }
  return nearest
}
