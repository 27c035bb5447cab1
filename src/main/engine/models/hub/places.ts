/**
 * Where downloaded models lie: `models/<name>` in the data folder when whole, `models/.incoming/<key>` until then.
 *
 * Invariant: a folder under `models` that has a name is whole. What is incoming has a note of what it will be, so that it can be
 * taken up again by whoever finds it. The same request has the same key.
 */
import { createHash } from 'node:crypto'
import { lstat, mkdir, readdir, readFile, rm, statfs, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { InlayError } from '../../../../shared/errors.ts'
import { HubRequest, type UnfinishedDownload } from '../../../../shared/model-download.ts'
import { withLock } from './lock.ts'
import { faultOfPath } from './paths.ts'

/** Hidden, so that the list of a model's files leaves it out. */
const NOTE = '.inlay-source.json'

const Source = z.object({
  request: HubRequest,
  name: z.string().refine((name) => faultOfPath(name) === null && !name.includes('/')),
  files: z.array(
    z.object({
      path: z.string().refine((name) => faultOfPath(name) === null),
      size: z.number().int().min(0),
      sha256: z.string().nullable(),
      gitDigest: z.string().nullable(),
    }),
  ),
})
/** What a folder holds or will hold. */
export type Source = z.infer<typeof Source>

export function modelsFolder(dataFolder: string): string {
  return path.join(dataFolder, 'models')
}

export function stagingOf(dataFolder: string, request: HubRequest): { folder: string; lock: string } {
  return placeOf(dataFolder, keyOf(request))
}

function placeOf(dataFolder: string, key: string): { folder: string; lock: string } {
  const folder = path.join(modelsFolder(dataFolder), '.incoming', key)
  return { folder, lock: `${folder}.lock` }
}

function keyOf({ repo, revision, variant, file }: HubRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([repo, revision, variant, file]))
    .digest('hex')
    .slice(0, 20)
}

/** The name that a model's folder gets if nobody has it. */
export function nameFor({ repo, variant, file }: HubRequest): string {
  const stem = file === null ? repo.split('/')[1] : path.posix.parse(file).name
  const name = `${stem}${variant === null || file !== null ? '' : `-${variant}`}`.replace(/[. ]+$/, '')
  return faultOfPath(name) === null
    ? name
    : `model-${keyOf({ repo, variant, file, revision: null }).slice(0, 8)}`
}

/** The free name for a model in the data folder, or the folder that holds this very model already. */
export async function targetFor(
  dataFolder: string,
  source: Omit<Source, 'name'>,
): Promise<{ readonly name: string; readonly folder: string; readonly whole: boolean }> {
  const wanted = nameFor(source.request)
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted}-${number}`
    const folder = path.join(modelsFolder(dataFolder), name)
    if ((await lstat(folder).catch(() => null)) === null) return { name, folder, whole: false }
    const there = await readNote(folder)
    if (
      there &&
      keyOf(there.request) === keyOf(source.request) &&
      (await bytesHere(folder, source)) === total(source)
    )
      return { name, folder, whole: true }
  }
}

export function total({ files }: Pick<Source, 'files'>): number {
  return files.reduce((sum, file) => sum + file.size, 0)
}

/** Bytes of a source that are in a folder: of whole files, and of the begun ones. */
export async function bytesHere(folder: string, { files }: Pick<Source, 'files'>): Promise<number> {
  let sum = 0
  for (const { path: name, size } of files) {
    const whole = await sizeOf(path.join(folder, name))
    sum += whole === size ? size : Math.min(size, (await sizeOf(path.join(folder, `${name}.part`))) ?? 0)
  }
  return sum
}

/** Of a plain file; null where there is none. */
export async function sizeOf(file: string): Promise<number | null> {
  const info = await lstat(file).catch(() => null)
  return info?.isFile() ? info.size : null
}

export async function writeNote(folder: string, source: Source): Promise<void> {
  await writeFile(path.join(folder, NOTE), `${JSON.stringify(source, null, 2)}\n`)
}

async function readNote(folder: string): Promise<Source | null> {
  const text = await readFile(path.join(folder, NOTE), 'utf8').catch(() => '')
  try {
    return Source.parse(JSON.parse(text))
  } catch {
    return null
  }
}

/** Downloads that were broken off, by name. */
export async function unfinishedDownloads(dataFolder: string): Promise<readonly UnfinishedDownload[]> {
  const incoming = path.join(modelsFolder(dataFolder), '.incoming')
  const found: UnfinishedDownload[] = []
  for (const key of await readdir(incoming).catch(() => [])) {
    const folder = path.join(incoming, key)
    const source = await readNote(folder)
    if (!source || keyOf(source.request) !== key) continue
    const { request, name } = source
    found.push({ key, request, name, bytes: total(source), have: await bytesHere(folder, source) })
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Removes what a broken-off download has left. @throws InlayError `usage`, `download.busy` */
export async function discardDownload(dataFolder: string, key: string): Promise<void> {
  if (!/^[0-9a-f]{20}$/.test(key)) throw new InlayError('usage', 'There is no such download.')
  const { folder, lock } = placeOf(dataFolder, key)
  if ((await lstat(folder).catch(() => null)) === null) return
  await withLock(lock, 'This model is being downloaded; cancel that first.', () =>
    rm(folder, { recursive: true, force: true }),
  )
}

/** Bytes free on the disk of a folder that may not be there yet. */
export async function roomFor(folder: string): Promise<number> {
  for (let place = path.resolve(folder); ; place = path.dirname(place)) {
    const disk = await statfs(place).catch(() => null)
    if (disk) return disk.bavail * disk.bsize
    if (place === path.dirname(place)) return 0
  }
}

/** @throws InlayError `file.denied`, `disk.full` */
export async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOSPC' || cause.code === 'EDQUOT')
      throw new InlayError('disk.full', `The disk of ${folder} is full; make room and try again.`, { cause })
    throw new InlayError('file.denied', `${folder} may not be written; check its permissions.`, { cause })
  })
}
