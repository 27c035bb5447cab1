/** `inlay export`: the visible picture as an image file. */
import type { Command } from 'commander'
import { exportImage, formatOfPath, ProjectSession, requireWritablePlace } from '../../engine/index.ts'
import { numberOption } from '../arguments.ts'
import { interrupted } from '../interrupt.ts'
import { formatBytes, type OutputOptions, printNotices, printResult, progressBar } from '../output.ts'

interface ExportCommandOptions extends OutputOptions {
  readonly output: string
  readonly quality?: number
  readonly strip?: boolean
}

export function addExport(program: Command): void {
  program
    .command('export')
    .summary('write the picture of a project to an image file')
    .argument('<project>', 'an .inlay project')
    .requiredOption('-o, --output <image>', 'png, jpg, webp, tif or avif; overwrites')
    .option('--quality <1-100>', 'of a lossy format', numberOption('quality', 1, 100, true))
    .option('--strip', 'leave out EXIF, XMP and IPTC')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExample:\n  inlay export beach.inlay -o beach.jpg --quality 92')
    .action(run)
}

async function run(project: string, options: ExportCommandOptions): Promise<void> {
  formatOfPath(options.output)
  await requireWritablePlace(options.output)
  const session = ProjectSession.open(project, { readOnly: true })
  const bar = progressBar(options, 'Exporting')
  try {
    const settings = {
      stripMetadata: options.strip ?? false,
      ...(options.quality === undefined ? {} : { quality: options.quality }),
    }
    const control = { signal: interrupted, onProgress: bar.update }
    const { bytes, notices } = await exportImage(session, options.output, settings, control)
    bar.end()
    printNotices(options, notices)
    printResult(options, { output: options.output, bytes, notices }, [
      `Wrote ${options.output} (${formatBytes(bytes)}).`,
    ])
  } finally {
    bar.end()
    session.close()
  }
}
