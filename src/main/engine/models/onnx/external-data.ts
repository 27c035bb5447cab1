/**
 * Where the tensors of one graph lie: the folder that their files are below, each file's way from there, and what has to
 * travel in the graph itself.
 *
 * Invariant: ONNX Runtime follows a location only downwards from one folder and through no link that leads out of it, so
 * places are real paths and the folder is the deepest that holds them all. Two drives have no such folder: what lies on
 * another than most of the graph's bytes, as a LoRA may, is carried.
 */
import { closeSync, openSync, readSync } from 'node:fs'
import path from 'node:path'
import { InlayError } from '../../../../shared/errors.ts'
import type { StoredTensor } from '../safetensors.ts'

/** What is asked of paths: of this platform's, or of another's in tests. */
export type Paths = Pick<typeof path, 'dirname' | 'relative' | 'isAbsolute' | 'sep' | 'parse'>

/** A graph is one protobuf message, which may not exceed 2 GB. */
const MOST_CARRIED_BYTES = 2 ** 30

export interface Places {
  /** null for no tensors. */
  readonly folder: string | null
  /** The files that the graph cannot refer to. */
  readonly carried: ReadonlySet<string>
}

/** @throws InlayError `model.unsupported` where more would have to be carried than a graph can */
export function placesOf(tensors: readonly StoredTensor[], paths: Paths = path): Places {
  const driveOf = (file: string) => paths.parse(file).root.toLowerCase()
  const bytes = new Map<string, number>()
  for (const { file, length } of tensors) bytes.set(driveOf(file), (bytes.get(driveOf(file)) ?? 0) + length)
  const [home] = [...bytes].sort(([, a], [, b]) => b - a)[0] ?? []
  const files = [...new Set(tensors.map(({ file }) => file))]
  const carried = new Set(files.filter((file) => driveOf(file) !== home))
  const away = tensors.filter(({ file }) => carried.has(file))
  if (away.reduce((sum, { length }) => sum + length, 0) > MOST_CARRIED_BYTES)
    throw new InlayError(
      'model.unsupported',
      `The large parts of a model must lie on one drive: move ${away[0]?.file} to the drive of the others.`,
    )
  return {
    folder: commonFolder(
      files.filter((file) => !carried.has(file)),
      paths,
    ),
    carried,
  }
}

function commonFolder(files: readonly string[], paths: Paths): string | null {
  const [first, ...others] = [...new Set(files.map((file) => paths.dirname(file)))]
  if (first === undefined) return null
  const holds = (folder: string, other: string) => {
    const way = paths.relative(folder, other)
    return way !== '..' && !way.startsWith(`..${paths.sep}`) && !paths.isAbsolute(way)
  }
  let folder = first
  for (const other of others) while (!holds(folder, other)) folder = paths.dirname(folder)
  return folder
}

/** The location of a file as ONNX writes it: relative to the folder, with forward slashes. */
export function placeBelow(folder: string, file: string, paths: Paths = path): string {
  return paths.relative(folder, file).split(paths.sep).join('/')
}

/** The values of a tensor that the graph carries, as they lie. */
export function carriedBytes({ file, offset, length }: StoredTensor): Uint8Array {
  const bytes = new Uint8Array(length)
  const handle = openSync(file, 'r')
  try {
    for (let at = 0; at < length; ) {
      const read = readSync(handle, bytes, at, length - at, offset + at)
      if (read === 0)
        throw new InlayError('model.unreadable', `${file} has become shorter; get the file again.`)
      at += read
    }
  } finally {
    closeSync(handle)
  }
  return bytes
}
