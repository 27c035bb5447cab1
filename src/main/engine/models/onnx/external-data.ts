/**
 * Where the files of one graph lie: the folder that all are below, and each file's way from there.
 *
 * Invariant: ONNX Runtime follows a location only downwards from one folder and through no link that leads out of it, so
 * places are real paths and the folder is the deepest that holds them all. Files on two drives have no such folder.
 */
import path from 'node:path'
import { InlayError } from '../../../../shared/errors.ts'

type Paths = Pick<typeof path, 'dirname' | 'relative' | 'isAbsolute' | 'sep'>

/** The deepest folder that all files lie in or below; null for no files. `paths` is the platform's, or another's in tests. */
export function commonFolder(files: readonly string[], paths: Paths = path): string | null {
  const folders = [...new Set(files.map((file) => paths.dirname(file)))]
  const [first, ...others] = folders
  if (first === undefined) return null
  const holds = (folder: string, other: string) => {
    const way = paths.relative(folder, other)
    return way !== '..' && !way.startsWith(`..${paths.sep}`) && !paths.isAbsolute(way)
  }
  let folder = first
  for (const other of others)
    while (!holds(folder, other)) {
      const up = paths.dirname(folder)
      if (up === folder)
        throw new InlayError(
          'model.unsupported',
          `The parts of a model must lie on one drive: move ${folders.at(-1)} to the drive of ${first}.`,
        )
      folder = up
    }
  return folder
}

/** The location of a file as ONNX writes it: relative to the folder, with forward slashes. */
export function placeBelow(folder: string, file: string, paths: Paths = path): string {
  return paths.relative(folder, file).split(paths.sep).join('/')
}
