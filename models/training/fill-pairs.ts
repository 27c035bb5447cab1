/**
 * Fills the denoiser's pairs with the product's own patch fill, so that the denoiser learns to mend what users get.
 *
 *   node models/training/fill-pairs.ts <folder> [--threads n]
 *
 * For every NNNNNN-K-mask.png in the folder (and in held/ below it) it writes NNNNNN-K-filled.png. What is there
 * already is left alone, so it can be stopped and started again. Pictures that are all hole are passed over.
 */
import { existsSync, readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { patchFill } from '../../src/main/engine/imaging/patch-fill/patch-fill.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { threads: { type: 'string', default: '1' } },
})
const [folder] = positionals
if (folder === undefined) throw new Error('Name the folder that holds the pairs.')

for (const place of [join(folder, 'held'), folder]) {
  const masks = existsSync(place) ? readdirSync(place).filter((name) => name.endsWith('-mask.png')) : []
  for (const [index, name] of masks.sort().entries()) {
    await fill(place, name)
    if (index % 100 === 99) console.log(`${place}: ${index + 1} of ${masks.length}`)
  }
}
process.exit(0)

async function fill(place: string, maskName: string): Promise<void> {
  const target = join(place, maskName.replace('-mask.png', '-filled.png'))
  if (existsSync(target)) return
  const picture = sharp(join(place, `${maskName.split('-')[0]}.png`)).removeAlpha()
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true })
  const hole = await sharp(join(place, maskName)).greyscale().raw().toBuffer()
  if (!hole.includes(0)) return
  const { width, height } = info
  const rgb = await patchFill(
    { width, height, rgb: data, hole, seed: 1 },
    { threads: Number(values.threads) },
  )
  const part = `${target}.part`
  await sharp(rgb, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 1 })
    .toFile(part)
  renameSync(part, target)
}
