/** Whether a path leads to something inside a folder, with every symbolic link on the way followed. */
import { realpath } from 'node:fs/promises'
import path from 'node:path'

/**
 * The real path of `wanted` (relative to `folder`, or absolute); null when it does not exist or leads out of the folder,
 * be it by `..`, by an absolute path or by a link.
 */
export async function realPathInside(folder: string, wanted: string): Promise<string | null> {
  try {
    const root = await realpath(folder)
    const real = await realpath(path.resolve(root, wanted))
    return real === root || real.startsWith(root.endsWith(path.sep) ? root : root + path.sep) ? real : null
  } catch {
    return null
  }
}
