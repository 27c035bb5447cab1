/**
 * Export: the whole way from a project to a file, beside sharp encoding the same raw pixels with the same settings; then the
 * ten-layer document, whose pixels have to be composed first.
 *
 * `npm run bench -- export`
 */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import sharp from 'sharp'
import { withEncoder } from '../../../src/main/engine/imaging/image-encode-format.ts'
import { exportImage, importPhoto, ProjectSession } from '../../../src/main/engine/index.ts'
import { heavyProject } from '../../support/bench-project.ts'
import { type BenchRow, printTable } from '../../support/bench-table.ts'
import { MEGAPIXELS_24, mosaicJpeg } from '../../support/pictures.ts'

const RUNS = 3
const FORMATS = [
  ['JPEG, quality 90', 'jpeg'],
  ['PNG', 'png'],
  ['TIFF', 'tiff'],
] as const
const QUALITY = 90

export async function run(): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'inlay-bench-'))
  try {
    await measureFormats(folder)
    await measureLayers(folder)
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

async function measureFormats(folder: string): Promise<void> {
  const photo = await mosaicJpeg(MEGAPIXELS_24)
  const { data, info } = await sharp(photo).raw().toBuffer({ resolveWithObject: true })
  const raw = { width: info.width, height: info.height, channels: info.channels }
  const session = await importPhoto(photo, { project: path.join(folder, 'one.inlay') })
  const rows: BenchRow[] = []
  for (const [name, format] of FORMATS) {
    const ours: number[] = []
    const theirs: number[] = []
    for (let i = 0; i < RUNS; i++) {
      ours.push(
        await timed(() => exportImage(session, path.join(folder, `ours.${format}`), { quality: QUALITY })),
      )
      const bare = withEncoder(sharp(data, { raw }), format, QUALITY, info.width * info.height)
      theirs.push(await timed(() => bare.toFile(path.join(folder, `theirs.${format}`))))
    }
    rows.push({
      what: name,
      values: ours,
      unit: 'ms',
      peer: { what: 'sharp, from raw pixels', values: theirs },
      limit: { of: 'ratio', most: 2 },
    })
  }
  session.close()
  printTable('Export 24 megapixels, one layer', rows)
}

async function measureLayers(folder: string): Promise<void> {
  const session = ProjectSession.open(await heavyProject(folder))
  const values = [await timed(() => exportImage(session, path.join(folder, 'ten.jpg'), { quality: QUALITY }))]
  const one: number[] = []
  const single = ProjectSession.open(path.join(folder, 'one.inlay'))
  one.push(await timed(() => exportImage(single, path.join(folder, 'one.jpg'), { quality: QUALITY })))
  session.close()
  single.close()
  printTable('Export 24 megapixels, ten layers, as JPEG', [
    { what: 'ten layers', values, unit: 'ms', peer: { what: 'one layer', values: one } },
  ])
}

async function timed(body: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await body()
  return performance.now() - start
}
