/**
 * The pictures of docs/evaluation.md.
 *
 *   node scripts/evaluation-pictures.ts --set <folder of evaluation-set.ts> --out docs/pictures/evaluation.jpg [--model <folder>]
 *     <beginning of a photograph's name>…
 *
 * A row for each photograph named, from left to right: the photograph with its hole, plain decoder and hard paste, asymmetric
 * decoder as decoded, and eight times how far that is from the photograph.
 */

import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { decoderArms } from '../src/main/engine/inference/evaluate/arms/decoders.ts'
import { openPair, pairUp } from '../src/main/engine/inference/evaluate/folder.ts'
import { openNetworks } from '../src/main/engine/inference/evaluate/networks.ts'
import { openBuiltIn } from '../src/main/engine/models/checkpoint/built-in.ts'
import { asBytes, sheet, withHole } from './evaluation/sheet.ts'

const TIMES = 8

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    set: { type: 'string' },
    out: { type: 'string' },
    model: { type: 'string', default: 'models/built-in' },
  },
})
const { set, out, model } = values
if (set === undefined || out === undefined) throw new Error('Name --set and --out.')

const networks = await openNetworks(await openBuiltIn(model, tmpdir()), undefined, undefined)
const pairs = await pairUp(path.join(set, 'photos'), path.join(set, 'masks'))
const rows: Uint8Array[][] = []
let size = { width: 0, height: 0 }
for (const name of positionals) {
  const pair = pairs.find(({ photo }) => path.basename(photo).startsWith(name))
  if (!pair) throw new Error(`There is no photograph ${name} in ${set}.`)
  for await (const one of openPair({ ...pair, masks: pair.masks.slice(0, 1) })) {
    const row = [withHole(one.rgb, one.hole)]
    for await (const { arm, made } of decoderArms(one, networks, 0, 4)) {
      if (arm === 'plain + hard paste, exact') row.push(asBytes(made))
      if (arm !== 'asymmetric, exact') continue
      const bytes = asBytes(made)
      row.push(
        bytes,
        bytes.map((value, i) => Math.min(255, TIMES * Math.abs(value - one.rgb[i]!))),
      )
      break
    }
    rows.push(row)
    size = one.size
  }
}
await networks.release()
await sheet(rows, size).jpeg({ quality: 82 }).toFile(out)
