/**
 * A model from a hub, by name: first the plan, to be shown and agreed to, then the files.
 *
 * Invariant: nothing is fetched before there is a plan with exact bytes. The model's folder appears only when every file in it
 * is whole and checked; until then all lies in a staging folder that a later run takes up where this one was broken off.
 * One worker at a time downloads a request, also among processes.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { InlayError, throwIfCancelled } from '../../../../shared/errors.ts'
import type { DownloadPlan, HubRequest } from '../../../../shared/model-download.ts'
import { type DownloadOptions, downloadFile } from '../download/download.ts'
import type { HubAccess } from './access.ts'
import { chooseFiles } from './choice.ts'
import type { HubEntry } from './choice-weights.ts'
import { type AskOptions, requireOnline } from './fetch.ts'
import { lookUp } from './list.ts'
import { withLock } from './lock.ts'
import { collisionOf, faultOfPath } from './paths.ts'
import {
  bytesHere,
  makeFolder,
  modelsFolder,
  roomFor,
  type Source,
  sizeOf,
  stagingOf,
  targetFor,
  total,
  writeNote,
} from './places.ts'

/** A plan with what it takes to carry it out. */
export interface PlannedDownload {
  readonly plan: DownloadPlan
  readonly source: Omit<Source, 'name'>
}

export type ModelDownloadOptions = Omit<DownloadOptions, 'token' | 'onProgress'> & {
  /** Bytes of the whole model that are on the disk, and the file that is being fetched. */
  readonly onProgress?: (bytes: number, file: string) => void
}

/**
 * Asks the hub what a model consists of. Fetches no file of it but its card, where the licence is to be read there.
 * @throws InlayError `network.offline`, `network.failed`, `download.refused`, `download.damaged`, `model.unsupported`,
 *   `model.incomplete`, `usage`, `cancelled`
 */
export async function planDownload(
  request: HubRequest,
  access: HubAccess,
  dataFolder: string,
  options: AskOptions = {},
): Promise<PlannedDownload> {
  const model = await lookUp(request, access, options)
  const { entries, notices, variant } = chooseFiles(model.entries, request)
  requireGoodPaths(entries, request.repo)
  const source = {
    request: { ...request, revision: model.revision, variant },
    files: [...entries].sort((a, b) => a.size - b.size || (a.path < b.path ? -1 : 1)),
  }
  const { name, whole } = await targetFor(dataFolder, source)
  const bytes = total(source)
  if (!Number.isSafeInteger(bytes))
    throw new InlayError(
      'download.damaged',
      `The hub's list of ${request.repo} makes no sense; nothing was fetched.`,
    )
  return {
    source,
    plan: {
      request: source.request,
      name,
      files: source.files.map(({ path: file, size }) => ({ path: file, bytes: size })),
      bytes,
      have: whole ? bytes : await bytesHere(stagingOf(dataFolder, source.request).folder, source),
      free: await roomFor(modelsFolder(dataFolder)),
      licence: model.licence,
      gated: model.gated,
      notices,
    },
  }
}

/**
 * Fetches what was planned.
 * @returns the folder of the whole model
 * @throws InlayError `network.offline`, `network.failed`, `download.refused`, `download.damaged`, `download.busy`, `disk.full`,
 *   `file.denied`, `cancelled`
 */
export async function downloadModel(
  { source }: PlannedDownload,
  access: HubAccess,
  dataFolder: string,
  options: ModelDownloadOptions = {},
): Promise<{ readonly name: string; readonly folder: string }> {
  requireOnline(access)
  const { request } = source
  const staging = stagingOf(dataFolder, request)
  await makeFolder(path.dirname(staging.folder))
  const busy = `${request.repo} is being downloaded already, by this Inlay or another one; wait for that.`
  const work = async (): Promise<{ readonly name: string; readonly folder: string }> => {
    const there = await targetFor(dataFolder, source)
    if (there.whole) return there
    await makeFolder(staging.folder)
    await inWords(staging.folder, () => writeNote(staging.folder, { ...source, name: there.name }))
    await requireRoom(source, staging.folder)
    let done = 0
    for (const file of source.files) {
      throwIfCancelled(options.signal)
      const target = path.join(staging.folder, file.path)
      await makeFolder(path.dirname(target))
      if ((await sizeOf(target)) !== file.size) await fetchOne(file, target, access, request, options, done)
      done += file.size
      options.onProgress?.(done, file.path)
    }
    return giveName(staging.folder, dataFolder, source)
  }
  return inWords(staging.folder, () => withLock(staging.lock, busy, work))
}

async function fetchOne(
  file: HubEntry,
  target: string,
  access: HubAccess,
  { repo, revision }: HubRequest,
  { onProgress, ...options }: ModelDownloadOptions,
  before: number,
): Promise<void> {
  const place = file.path.split('/').map(encodeURIComponent).join('/')
  const url = `${access.address}/${repo}/resolve/${encodeURIComponent(revision ?? 'main')}/${place}`
  await inWords(target, () =>
    downloadFile({ url, size: file.size, sha256: file.sha256 }, target, {
      ...options,
      ...(access.token === null ? {} : { token: access.token }),
      onProgress: (bytes) => onProgress?.(before + bytes, file.path),
    }),
  )
  if (file.gitDigest === null || (await gitDigestOf(target)) === file.gitDigest) return
  await rm(target, { force: true })
  throw new InlayError(
    'download.damaged',
    `${url} sent other bytes than the hub announced; it was not kept, try again.`,
  )
}

/** What git calls a file: the SHA-1 of its kind, size and bytes. Only small files have none of SHA-256. */
async function gitDigestOf(file: string): Promise<string> {
  const bytes = await readFile(file)
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
}

async function giveName(
  staging: string,
  dataFolder: string,
  source: Omit<Source, 'name'>,
): Promise<{ readonly name: string; readonly folder: string }> {
  for (;;) {
    const { name, folder, whole } = await targetFor(dataFolder, source)
    if (whole) return { name, folder }
    await inWords(staging, () => writeNote(staging, { ...source, name }))
    try {
      await rename(staging, folder)
      return { name, folder }
    } catch (cause) {
      // Somebody else has taken the name this very moment: the next one, then.
      if (!existsSync(folder))
        throw new InlayError('file.denied', `${folder} may not be made; check the permissions.`, { cause })
    }
  }
}

function requireGoodPaths(entries: readonly HubEntry[], repo: string): void {
  for (const { path: name } of entries) {
    const fault = faultOfPath(name)
    if (fault !== null)
      throw new InlayError(
        'download.refused',
        `The hub lists a file of ${repo} as ${JSON.stringify(name.slice(0, 80))}, which ${fault}; nothing was fetched.`,
      )
  }
  const twice = collisionOf(entries.map(({ path: name }) => name))
  if (twice !== null)
    throw new InlayError(
      'download.refused',
      `The hub lists ${JSON.stringify(twice.slice(0, 80))} of ${repo} twice, in ways that are one file on some disks; nothing was fetched.`,
    )
}

async function requireRoom(source: Omit<Source, 'name'>, staging: string): Promise<void> {
  const needed = total(source) - (await bytesHere(staging, source))
  const free = await roomFor(staging)
  if (needed <= free) return
  throw new InlayError(
    'disk.full',
    `The model needs ${needed} more bytes and the disk of ${staging} has ${free} free; make room and try again.`,
  )
}

/** What the file system says, as an `InlayError`. */
async function inWords<T>(place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (cause instanceof InlayError || code === undefined) throw cause
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw new InlayError('disk.full', `The disk of ${place} is full; make room and try again.`, { cause })
    throw new InlayError('file.denied', `${place} may not be written; check its permissions.`, { cause })
  }
}
