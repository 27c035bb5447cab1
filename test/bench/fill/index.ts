/**
 * The content-aware fill: how near it comes to what was cut out of photographs, and how long it takes.
 *
 * Beside it, in the same run on the same holes: a flat mean colour and, where Python has them, OpenCV's Telea and
 * Navier-Stokes fills and pypatchmatch. A contact sheet goes to `bench-results/`.
 *
 * `npm run bench -- fill [--photos folder] [--limit 12] [--threads 2] [--python python3]`
 */
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { patchFill } from '../../../src/main/engine/imaging/patch-fill/patch-fill.ts'
import { blinded, meanFill } from '../../support/fill-scenes.ts'
import { HEIGHT, listPhotos, makeCase, WIDTH } from './cases.ts'
import { benchLarge } from './large.ts'
import { runPeers } from './peers.ts'
import { type Filled, printScores, writeSheet } from './results.ts'

const folderAt = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url))
const OWN_PHOTOS = [folderAt('assets/samples'), folderAt('test/fixtures/photos')]
const OURS = 'Inlay'

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      photos: { type: 'string' },
      limit: { type: 'string', default: '12' },
      threads: { type: 'string' },
      python: { type: 'string', default: 'python3' },
    },
  })
  const threads = values.threads === undefined ? undefined : Number(values.threads)
  const photos = listPhotos(values.photos === undefined ? OWN_PHOTOS : [values.photos], Number(values.limit))
  const cases = await Promise.all(photos.map(makeCase))
  const requests = cases.map(({ rgb, hole }) => blinded({ width: WIDTH, height: HEIGHT, rgb, hole, seed: 1 }))
  const blind = requests.map((request) => request.rgb)

  const filled: Filled[] = []
  // Untimed once, so that threads and compiled code are there, as in a window that has been open for a moment.
  await patchFill(requests[0]!)
  for (const [index, request] of requests.entries()) {
    let start = performance.now()
    const rgb = await patchFill(request, threads === undefined ? {} : { threads })
    filled.push({ index, fill: OURS, seconds: (performance.now() - start) / 1000, rgb })
    start = performance.now()
    const flat = meanFill(request)
    filled.push({ index, fill: 'mean', seconds: (performance.now() - start) / 1000, rgb: flat })
  }
  filled.push(...(await runPeers(values.python, cases, blind)))
  printScores(cases, filled, OURS)
  console.log(`\nContact sheet: ${await writeSheet(folderAt('bench-results'), cases, blind, filled)}`)
  await benchLarge(threads)
}
