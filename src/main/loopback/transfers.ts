/**
 * Files that come by upload and go by download, for a page that has no file dialogs of its own.
 *
 * Invariant: everything lies in one private temporary folder that goes away with the server (and, after a crash, at the next
 * start). An upload that breaks off or grows too big leaves nothing. A download address works once, and the file is
 * gone after it.
 */
import { randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { InlayError } from '../../shared/errors.ts'
import type { FileToken } from '../../shared/ids.ts'
import type { ProjectLink } from '../hosts/project-link.ts'
import { type ChosenFile, fileNameOf } from '../hosts/shell-service.ts'

const PREFIX = 'inlay-loopback-'
/** Larger than any picture that can be opened, and room for a big project. */
export const UPLOAD_LIMIT = 8 * 2 ** 30

export class Transfers {
  readonly #folder: string
  readonly #projects: ProjectLink
  readonly #limit: number
  readonly #targets = new Map<FileToken, string>()
  readonly #downloads = new Map<string, string>()

  static async create(projects: ProjectLink, limit = UPLOAD_LIMIT): Promise<Transfers> {
    await removeLeftovers()
    return new Transfers(await mkdtemp(path.join(os.tmpdir(), `${PREFIX}${process.pid}-`)), projects, limit)
  }

  private constructor(folder: string, projects: ProjectLink, limit: number) {
    this.#folder = folder
    this.#projects = projects
    this.#limit = limit
  }

  /** @throws InlayError `image.too-large` past the limit, `disk.full`. */
  async receive(request: IncomingMessage, name: string): Promise<ChosenFile> {
    const limit = this.#limit
    const tooLarge = new InlayError(
      'image.too-large',
      `The file is larger than ${Math.round(limit / 2 ** 20)} MB; start Inlay with --folder to open it in place.`,
    )
    if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge
    const file = await this.#place(name)
    let size = 0
    const counted = new Transform({
      transform(chunk: Buffer, _, done) {
        size += chunk.length
        if (size > limit) done(tooLarge)
        else done(null, chunk)
      },
    })
    try {
      await pipeline(request, counted, createWriteStream(file, { flags: 'wx', mode: 0o600 }))
    } catch (error) {
      await rm(path.dirname(file), { recursive: true, force: true })
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC')
        throw new InlayError('disk.full', 'The disk is full; make room and try again.', { cause: error })
      throw error
    }
    return { file: await this.#projects.grant(file, 'upload'), name: path.basename(file) }
  }

  /** A target that will be fetched as a download. */
  async target(name: string): Promise<ChosenFile> {
    const file = await this.#place(name)
    const token = await this.#projects.grant(file, 'download')
    this.#targets.set(token, file)
    return { file: token, name: path.basename(file) }
  }

  /** The address of a finished download; null for a file that is in its place already. */
  async delivery(token: FileToken): Promise<{ url: string } | null> {
    const file = this.#targets.get(token)
    if (file === undefined) return null
    const ready = await stat(file).then(
      (info) => info.isFile(),
      () => false,
    )
    if (!ready) throw new InlayError('file.missing', 'There is nothing to download yet; export it again.')
    const id = randomBytes(18).toString('base64url')
    this.#downloads.set(id, file)
    return { url: `/download/${id}` }
  }

  /** @returns false when the address is not, or no longer, good for anything. */
  async send(response: ServerResponse, id: string): Promise<boolean> {
    const file = this.#downloads.get(id)
    if (!file || !this.#downloads.delete(id)) return false
    const { size } = await stat(file)
    response.writeHead(200, {
      'Content-Type': 'application/octet-stream',
      'Content-Length': size,
      'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(path.basename(file))}`,
    })
    try {
      await pipeline(createReadStream(file), response)
    } finally {
      await rm(path.dirname(file), { recursive: true, force: true })
    }
    return true
  }

  close(): Promise<void> {
    return rm(this.#folder, { recursive: true, force: true })
  }

  /** A folder for each file, so that names never meet. */
  async #place(name: string): Promise<string> {
    const folder = path.join(this.#folder, randomBytes(9).toString('base64url'))
    await mkdir(folder, { mode: 0o700 })
    return path.join(folder, fileNameOf(name))
  }
}

/** Removes folders of servers that did not end properly. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(os.tmpdir()).catch(() => [])) {
    const pid = Number(name.startsWith(PREFIX) ? name.slice(PREFIX.length).split('-')[0] : Number.NaN)
    if (!Number.isInteger(pid) || isAlive(pid)) continue
    await rm(path.join(os.tmpdir(), name), { recursive: true, force: true }).catch(() => {})
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
