/** Latents that are a little off are so in the hole alone, and by as much as training made them. */
import { expect, test } from 'vitest'
import { framed, holeCells } from '../../../../src/main/engine/inference/asymmetric-decode.ts'
import { conditionedLatents, spreads } from '../../../../src/main/engine/inference/evaluate/latents.ts'

/** Averages of 8 x 8 pixels in place of an encoder: linear, so that a colour's gain and offset can be read off. */
const averages = {
  async run({
    image,
  }: Readonly<Record<string, { readonly data: unknown; readonly shape: readonly number[] }>>) {
    const [, channels, height, width] = image!.shape as [number, number, number, number]
    const pixels = image!.data as Float32Array
    const cells = { width: width / 8, height: height / 8 }
    const data = Float32Array.from({ length: (channels * width * height) / 64 }, (_, i) => {
      const [x, y] = [i % cells.width, Math.floor(i / cells.width) % cells.height]
      const c = Math.floor(i / (cells.width * cells.height))
      let sum = 0
      for (let k = 0; k < 64; k++)
        sum += pixels[(c * height + 8 * y + Math.floor(k / 8)) * width + 8 * x + (k % 8)]!
      return sum / 64
    })
    return { encoded: { data, shape: [1, channels, cells.height, cells.width] } }
  },
}

const [width, height] = [64, 48]
const picture = {
  channels: 3,
  width,
  height,
  data: Float32Array.from({ length: 3 * width * height }, (_, i) => 0.7 * Math.sin(i / 7)),
}
const frame = framed(picture)
const hole = Uint8Array.from({ length: width * height }, (_, i) =>
  i % width >= 16 && i % width < 40 && i / width >= 16 && i / width < 32 ? 255 : 0,
)

test('kept cells stay, hole cells are off, and differently for the next case', async () => {
  const first = await conditionedLatents(averages, frame, hole, 0)
  const again = await conditionedLatents(averages, frame, hole, 0)
  const second = await conditionedLatents(averages, frame, hole, 1)
  const cells = holeCells(hole, frame.at)
  expect(cells.filter((value) => value === 1)).toHaveLength(6)
  const { exact } = first
  for (const condition of ['noisy', 'jittered'] as const) {
    const { data } = first[condition]
    expect(data).toEqual(again[condition].data)
    expect(data).not.toEqual(second[condition].data)
    for (let i = 0; i < data.length; i++)
      if (cells[i % cells.length] === 0) expect(data[i]).toBe(exact.data[i])
      else {
        expect(data[i]).not.toBe(exact.data[i])
        // 4 % of gain and 0.02 of offset on 0..1, or six times 15 % of a spread.
        expect(Math.abs((data[i] as number) - (exact.data[i] as number))).toBeLessThan(0.9)
      }
  }
  expect(Math.max(...spreads(exact))).toBeLessThan(1)
})

test('the spread of a channel is its standard deviation', () => {
  expect(spreads({ data: Float32Array.of(1, 3, 5, 5), shape: [1, 2, 1, 2] })).toEqual([1, 0])
})
