/** `inlay remove`: fills what a mask covers from its surroundings. */
import path from 'node:path'
import type { Command } from 'commander'
import { InlayError } from '../../../shared/errors.ts'
import { DEFAULT_REMOVAL, RemovalRequest } from '../../../shared/removal.ts'
import {
  exportImage,
  formatOfPath,
  importPhoto,
  type ProjectSession,
  readMask,
  removeWithMask,
  requireWritablePlace,
  ProjectSession as Sessions,
} from '../../engine/index.ts'
import { numberOption } from '../arguments.ts'
import { interrupted } from '../interrupt.ts'
import { formatBytes, type OutputOptions, printNotices, printResult, progressBar } from '../output.ts'
import { isProjectFile, withTemporaryFolder } from '../places.ts'

interface RemoveOptions extends OutputOptions {
  readonly mask: string
  readonly grow: number
  readonly feather: number
  readonly seed: number
  readonly quality?: number
  readonly output?: string
}

export function addRemove(program: Command): void {
  program
    .command('remove')
    .summary('remove what a mask covers from a photograph or project')
    .description(
      'Fills what the mask covers from its surroundings. Pixels outside the (grown) mask stay byte for byte as they are.\n' +
        'A project without -o gets a layer and a history entry; with -o an image or a new project is written instead.',
    )
    .argument('<file>', 'a photograph, or an .inlay project')
    .requiredOption('--mask <png>', 'picture of the same size: any value above 0 is removed')
    .option('--grow <px>', 'grow the mask first', numberOption('grow', 0, 500), 0)
    .option('--feather <px>', 'soft rim inside the grown mask', numberOption('feather', 0, 250), 0)
    .option('--seed <n>', 'another seed, another fill', numberOption('seed', 0, 0xffffffff, true), 0)
    .option('--quality <1-100>', 'of a lossy output', numberOption('quality', 1, 100, true))
    .option('-o, --output <file>', 'where the result goes; needed for a photograph; overwrites')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Examples:
  inlay remove beach.jpg --mask people.png -o beach-empty.png
  inlay remove beach.jpg --mask people.png --grow 4 --feather 3 -o beach.inlay
  inlay remove beach.inlay --mask sign.png`,
    )
    .action(remove)
}

async function remove(file: string, options: RemoveOptions): Promise<void> {
  const request = RemovalRequest.parse({
    ...DEFAULT_REMOVAL,
    grow: options.grow,
    feather: options.feather,
    seed: options.seed,
  })
  const project = await isProjectFile(file)
  if (!project && options.output === undefined)
    throw new InlayError('usage', `Say where the result shall go: -o ${path.parse(file).name}-removed.png`)
  const target = options.output
  if (target !== undefined) {
    // Said now rather than after the work.
    if (!isProjectName(target)) formatOfPath(target)
    await requireWritablePlace(target)
  }
  const mask = await readMask(options.mask)
  const bar = progressBar(options, 'Removing')
  const work = async (session: ProjectSession) => {
    printNotices(options, session.notices)
    try {
      return await removeWithMask(session, mask, request, { signal: interrupted, onProgress: bar.update })
    } finally {
      bar.end()
    }
  }

  if (target === undefined) {
    const session = Sessions.open(file)
    try {
      const command = await work(session)
      printResult(options, { project: file, command: command.id, label: command.label }, [
        `Added a layer to ${file}.`,
      ])
    } finally {
      session.close()
    }
    return
  }
  const bytes = await withTemporaryFolder(async (folder) => {
    const copy = path.join(folder, 'work.inlay')
    const session = project
      ? copyOf(file, copy)
      : await importPhoto(file, { project: copy, signal: interrupted })
    try {
      await work(session)
      if (isProjectName(target)) return session.saveCopy(target).bytes
      const quality = options.quality === undefined ? {} : { quality: options.quality }
      const { bytes, notices } = await exportImage(session, target, quality, { signal: interrupted })
      printNotices(options, notices)
      return bytes
    } finally {
      session.close()
    }
  })
  printResult(options, { output: target, bytes }, [`Wrote ${target} (${formatBytes(bytes)}).`])
}

/** A copy to work in, so that the project itself stays as it is. */
function copyOf(file: string, copy: string): ProjectSession {
  const source = Sessions.open(file, { readOnly: true })
  try {
    source.saveCopy(copy)
  } finally {
    source.close()
  }
  return Sessions.open(copy)
}

function isProjectName(file: string): boolean {
  return /\.inlay$/i.test(file)
}
