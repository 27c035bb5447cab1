/** What the fills made, as a table and as a picture to look at. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import sharp, { type OverlayOptions, type Region } from 'sharp'
import { median } from '../../support/bench-table.ts'
import { type Case, HEIGHT, WIDTH } from './cases.ts'
import { type Score, score } from './metrics.ts'

export interface Filled {
  /** Which case. */
  readonly index: number
  readonly fill: string
  readonly seconds: number
  readonly rgb: Uint8Array
}

const MARGIN = 40
const CELL = 360

/** Prints the means of each fill, and its time as a multiple of that of `ours`. */
export function printScores(cases: readonly Case[], filled: readonly Filled[], ours: string): void {
  const scores = filled.map((each) => ({
    ...each,
    ...score(cases[each.index]!.rgb, each.rgb, cases[each.index]!.hole),
  }))
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
  for (const shape of ['rectangle', 'strokes', undefined] as const) {
    const chosen = scores.filter((each) => shape === undefined || cases[each.index]!.shape === shape)
    if (chosen.length === 0) continue
    console.log(`\n${shape ?? 'all'}: ${new Set(chosen.map((each) => each.index)).size} pictures, means`)
    console.log('fill               PSNR dB    SSIM    seam   seconds  median   times ours')
    const ownTime = mean(chosen.filter((each) => each.fill === ours).map((each) => each.seconds))
    for (const fill of new Set(chosen.map((each) => each.fill))) {
      const rows = chosen.filter((each) => each.fill === fill)
      const of = (key: keyof Score | 'seconds', digits: number, width: number): string =>
        mean(rows.map((row) => row[key]))
          .toFixed(digits)
          .padStart(width)
      const ratio = (mean(rows.map((row) => row.seconds)) / ownTime).toFixed(2).padStart(13)
      const middle = median(rows.map((row) => row.seconds))
        .toFixed(2)
        .padStart(8)
      console.log(
        fill.padEnd(17) +
          of('psnr', 2, 9) +
          of('ssim', 3, 8) +
          of('seam', 2, 8) +
          of('seconds', 2, 10) +
          middle +
          ratio,
      )
    }
  }
}

/** Writes a contact sheet: a row a case, cut to the hole; the hole, the truth, then each fill. @returns its path */
export async function writeSheet(
  folder: string,
  cases: readonly Case[],
  blind: readonly Uint8Array[],
  filled: readonly Filled[],
): Promise<string> {
  const fills = [...new Set(filled.map((each) => each.fill))]
  const cells: OverlayOptions[] = []
  let top = 0
  for (const [index, each] of cases.entries()) {
    const pictures = [
      blind[index]!,
      each.rgb,
      ...fills.map((fill) => filled.find((f) => f.index === index && f.fill === fill)?.rgb),
    ]
    const region = regionOf(each.hole)
    const height = Math.round((CELL * region.height) / region.width)
    for (const [column, rgb] of pictures.entries()) {
      if (rgb === undefined) continue
      const cut = sharp(rgb, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } }).extract(region)
      cells.push({ input: await cut.resize(CELL, height).png().toBuffer(), left: column * CELL, top })
    }
    top += height
  }
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'fill.jpg')
  const background = { r: 40, g: 40, b: 40 }
  await sharp({ create: { width: CELL * (fills.length + 2), height: top, channels: 3, background } })
    .composite(cells)
    .jpeg({ quality: 88 })
    .toFile(path)
  console.log(`Columns of the sheet: hole, truth, ${fills.join(', ')}.`)
  return path
}

function regionOf(hole: Uint8Array): Region {
  let [left, top, right, bottom] = [WIDTH, HEIGHT, 0, 0]
  for (let i = 0; i < hole.length; i++) {
    if (hole[i] === 0) continue
    const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)]
    left = Math.min(left, x)
    right = Math.max(right, x)
    top = Math.min(top, y)
    bottom = Math.max(bottom, y)
  }
  left = Math.max(0, left - MARGIN)
  top = Math.max(0, top - MARGIN)
  return {
    left,
    top,
    width: Math.min(WIDTH, right + MARGIN) - left,
    height: Math.min(HEIGHT, bottom + MARGIN) - top,
  }
}
