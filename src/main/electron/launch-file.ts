/** Which file the words of a command line name: the first that is no switch and is a file that Inlay opens. */
import { statSync } from 'node:fs'
import path from 'node:path'

const OPENABLE = /\.(inlay|jpe?g|png|webp|tiff?|avif|gif)$/i

/** `args` without the program itself; relative names count from `folder`. */
export function fileInArguments(args: readonly string[], folder: string): string | null {
  for (const word of args) {
    if (word.startsWith('-') || !OPENABLE.test(word)) continue
    const file = path.resolve(folder, word)
    if (statSync(file, { throwIfNoEntry: false })?.isFile()) return file
  }
  return null
}
