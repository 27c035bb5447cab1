/**
 * The built-in model's fill against patch fill, to be judged by looking and without knowing which is which.
 *
 *   node scripts/blind-pairs.ts make --set <folder of evaluation-set.ts> --out <folder> [--model <folder>] [--seed 1]
 *   node scripts/blind-pairs.ts open --out <folder>
 *
 * `make` writes `sheet-NN.png`, four pairs each from top to bottom: the photograph with a grey hole, A, B; and `key.sealed`, whose
 * digest it prints. Write a line for every pair into `answers.txt`: its number and `A`, `B` or `=` for the better one. Only then
 * `open` counts them.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { patchFill } from '../src/main/engine/imaging/patch-fill/patch-fill.ts'
import { denoiserArms } from '../src/main/engine/inference/evaluate/arms/denoiser.ts'
import { coverageOf } from '../src/main/engine/inference/evaluate/coverage.ts'
import { type EvaluationCase, openPair, pairUp } from '../src/main/engine/inference/evaluate/folder.ts'
import { openNetworks } from '../src/main/engine/inference/evaluate/networks.ts'
import { openBuiltIn } from '../src/main/engine/models/checkpoint/built-in.ts'
import { type KeyLine, placements, readAnswers, sealed, tallies, unsealed } from './evaluation/blind.ts'
import { asBytes, sheet, withHole } from './evaluation/sheet.ts'

const PAIRS_A_SHEET = 4

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    set: { type: 'string' },
    out: { type: 'string' },
    model: { type: 'string', default: 'models/built-in' },
    seed: { type: 'string', default: '1' },
  },
})
const { set, out, model, seed } = values
if (out === undefined) throw new Error('Name --out, the folder of the sheets.')
const keyFile = path.join(out, 'key.sealed')
if (positionals[0] === 'open') open()
else if (positionals[0] === 'make' && set !== undefined) await make(set)
else throw new Error('Say make with --set, or open.')
process.exit()

async function make(folder: string): Promise<void> {
  mkdirSync(out!, { recursive: true })
  const cases: EvaluationCase[] = []
  for (const pair of await pairUp(path.join(folder, 'photos'), path.join(folder, 'masks')))
    for await (const one of openPair(pair)) cases.push(one)
  const networks = await openNetworks(await openBuiltIn(model, out!), 'asymmetric', undefined)
  const key: KeyLine[] = []
  let rows: Uint8Array[][] = []
  for (const [i, { one, model }] of placements(cases, Number(seed)).entries()) {
    const other = await patchFill({ ...one.size, rgb: one.rgb, hole: one.hole, seed: 0 })
    let own: Uint8Array | undefined
    for await (const { made } of denoiserArms(one, networks, other, i, undefined)) own = asBytes(made)
    if (!own) throw new Error('This model has no denoiser.')
    rows.push([withHole(one.rgb, one.hole), ...(model === 'A' ? [own, other] : [other, own])])
    key.push({ pair: i + 1, mask: path.basename(one.mask), coverage: coverageOf(one.hole), model })
    if (rows.length === PAIRS_A_SHEET || i === cases.length - 1) {
      const number = String(Math.ceil((i + 1) / PAIRS_A_SHEET)).padStart(2, '0')
      await sheet(rows, one.size)
        .png()
        .toFile(path.join(out!, `sheet-${number}.png`))
      rows = []
    }
  }
  await networks.release()
  const bytes = sealed(key)
  writeFileSync(keyFile, bytes)
  const digest = createHash('sha256').update(bytes).digest('hex')
  console.log(`${key.length} pairs; the key's SHA-256 is ${digest}`)
}

function open(): void {
  const answers = readAnswers(readFileSync(path.join(out!, 'answers.txt'), 'utf8'))
  console.log(['hole', 'model better', 'patch fill better', 'alike'].join('\t'))
  for (const { label, model, other, even } of tallies(unsealed(readFileSync(keyFile)), answers))
    console.log([label, model, other, even].join('\t'))
}
