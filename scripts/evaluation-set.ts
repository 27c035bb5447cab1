/**
 * Crops of photographs and holes in them, for `inlay eval`.
 *
 *   node scripts/evaluation-set.ts --photos <folder> --out <folder> [--list models/training/held-out.tsv]
 *     [--side 256] [--each 1] [--limit n] [--seed 1]
 *
 * `out/photos/` gets the middle of every photograph that is large enough, `out/masks/` its holes, which go through the bins of
 * coverage one after the other. With `--list` only the photographs of its first column are taken; with `--limit` so many,
 * spread evenly. The same arguments make the same files.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { COVERAGE_BINS } from '../src/main/engine/inference/evaluate/coverage.ts'
import { drawMask } from './evaluation/mask-shapes.ts'
import { Seeded } from './evaluation/seeded.ts'

const { values } = parseArgs({
  options: {
    photos: { type: 'string' },
    out: { type: 'string' },
    list: { type: 'string' },
    side: { type: 'string', default: '256' },
    each: { type: 'string', default: '1' },
    limit: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
})
const { photos, out, list } = values
if (photos === undefined || out === undefined)
  throw new Error('Name --photos, a folder of photographs, and --out, where crops and masks go.')
const [side, each, seed] = [Number(values.side), Number(values.each), Number(values.seed)]

const names = (list === undefined ? readdirSync(photos) : listed(list))
  .filter((name) => /\.(jpe?g|png|webp)$/i.test(name) && existsSync(path.join(photos, name)))
  .sort()
const found: string[] = []
for (const name of names) {
  const { width, height } = await sharp(path.join(photos, name)).metadata()
  if (Math.min(width, height) >= side) found.push(name)
}
const count = Math.min(Number(values.limit ?? found.length), found.length)
for (const folder of ['photos', 'masks']) mkdirSync(path.join(out, folder), { recursive: true })
for (let i = 0; i < count; i++) await write(found[Math.floor((i * found.length) / count)]!, i)
console.log(`${count} crops of ${side} pixels with ${each} holes each, from ${found.length} photographs`)

function listed(file: string): string[] {
  const [, ...rows] = readFileSync(file, 'utf8').trim().split('\n')
  return rows.map((row) => row.split('\t')[0]!)
}

async function write(name: string, index: number): Promise<void> {
  const stem = path.parse(name).name
  const picture = sharp(path.join(photos!, name)).rotate().removeAlpha()
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true })
  const [left, top] = [Math.floor((info.width - side) / 2), Math.floor((info.height - side) / 2)]
  await sharp(data, { raw: info })
    .extract({ left, top, width: side, height: side })
    .png()
    .toFile(path.join(out!, 'photos', `${stem}.png`))
  for (let k = 0; k < each; k++) {
    const bin = COVERAGE_BINS[(index + k) % COVERAGE_BINS.length]!
    const { kind, mask } = drawMask(new Seeded(seed, index * 64 + k), side, bin)
    await sharp(mask, { raw: { width: side, height: side, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toFile(path.join(out!, 'masks', `${stem}-${k + 1}-${kind}.png`))
  }
}
