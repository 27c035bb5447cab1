/**
 * The folder given at launch with `--folder`: what is in it can be opened, and exports and projects go into it.
 *
 * Invariant: nothing outside the folder is listed, opened or written, links included. A file that is there is never
 * replaced: a new one gets a number.
 */
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import type { ProjectLink } from '../hosts/project-link.ts'
import type { FolderListing } from '../hosts/shell-service.ts'
import { realPathInside } from './inside.ts'

const SHOWN = { pictures: /\.(inlay|jpe?g|png|webp|tiff?|avif|gif)$/i, models: /\.(safetensors|onnx)$/i }
const MOST = 2000

export class SharedFolder {
  readonly #root: string
  readonly #projects: ProjectLink

  /** `root` is the real path of an existing folder. */
  constructor(root: string, projects: ProjectLink) {
    this.#root = root
    this.#projects = projects
  }

  /** Folders first, then what is asked for, by name; null when there is no such folder inside. */
  async list(wanted: string, of: keyof typeof SHOWN): Promise<FolderListing | null> {
    const mode = of === 'models' ? 'model' : 'open'
    const folder = await realPathInside(this.#root, wanted)
    if (folder === null || !(await stat(folder)).isDirectory()) return null
    const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort()
    const folders: FolderListing['entries'][number][] = []
    const files: FolderListing['entries'][number][] = []
    for (const name of names.slice(0, MOST)) {
      const real = await realPathInside(this.#root, path.join(folder, name))
      const info = real && (await stat(real).catch(() => null))
      if (!real || !info) continue
      if (info.isDirectory()) folders.push({ name, folder: true, file: null })
      else if (info.isFile() && SHOWN[of].test(name))
        files.push({ name, folder: false, file: await this.#projects.grant(real, mode) })
    }
    const relative = path.relative(this.#root, folder)
    return {
      path: relative.split(path.sep).join('/'),
      whole: of === 'models' ? await this.#projects.grant(folder, mode) : null,
      entries: [...folders, ...files],
    }
  }

  /** A path in the folder that is free, as near to the name as possible. */
  async freePath(name: string): Promise<string> {
    const { name: stem, ext } = path.parse(name)
    for (let number = 1; ; number++) {
      const candidate = path.join(this.#root, number === 1 ? name : `${stem} ${number}${ext}`)
      const taken = await stat(candidate).then(
        () => true,
        () => false,
      )
      if (!taken) return candidate
    }
  }
}
