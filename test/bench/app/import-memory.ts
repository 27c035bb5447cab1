/** The most memory that importing a photograph of 100 megapixels takes, beside its raw pixels. */
import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { printTable } from '../../support/bench-table.ts'
import { MEGAPIXELS_100, mosaicJpeg } from '../../support/pictures.ts'

export async function measureImport(folder: string): Promise<void> {
  const { width, height } = MEGAPIXELS_100
  const photo = await mosaicJpeg(MEGAPIXELS_100)
  const child = path.join(import.meta.dirname, 'import-child.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [
    child,
    photo,
    path.join(folder, 'large.inlay'),
  ])
  const { before, peak } = JSON.parse(stdout) as { before: number; peak: number }
  printTable('Memory: import a JPEG of 100 megapixels', [
    {
      what: 'peak above an idle process',
      values: [peak - before],
      unit: 'MB',
      peer: { what: 'its raw RGBA pixels', values: [(width * height * 4) / 2 ** 20] },
      // The picture once, the compressed file and the tiles that wait to be written; 2 would be the picture twice.
      limit: { of: 'ratio', most: 2 },
    },
  ])
}
