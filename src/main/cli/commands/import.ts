/** `inlay import`: a photograph becomes a project. */
import path from 'node:path'
import type { Command } from 'commander'
import { importPhoto, requireWritablePlace } from '../../engine/index.ts'
import { interrupted } from '../interrupt.ts'
import { type OutputOptions, printNotices, printResult } from '../output.ts'
import { withTemporaryFolder } from '../places.ts'

export function addImport(program: Command): void {
  program
    .command('import')
    .summary('make a project from a photograph')
    .argument('<image>', 'JPEG, PNG, WebP, TIFF, AVIF or GIF')
    .requiredOption('-o, --output <project.inlay>', 'the project to write; overwrites')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExample:\n  inlay import beach.jpg -o beach.inlay')
    .action(importImage)
}

async function importImage(
  image: string,
  options: OutputOptions & { readonly output: string },
): Promise<void> {
  const target = options.output
  await requireWritablePlace(target)
  await withTemporaryFolder(async (folder) => {
    const session = await importPhoto(image, {
      project: path.join(folder, `${path.parse(target).name}.inlay`),
      signal: interrupted,
    })
    try {
      printNotices(options, session.notices)
      const { bytes } = session.saveCopy(target)
      const { canvas } = session.document
      printResult(
        options,
        { project: target, width: canvas.width, height: canvas.height, bytes, notices: session.notices },
        [`Wrote ${target} (${canvas.width} × ${canvas.height}).`],
      )
    } finally {
      session.close()
    }
  })
}
