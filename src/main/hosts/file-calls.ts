/** The project service's calls about files: opening, drafts, saving, exporting, closing. */
import { copyFile, open, rename } from 'node:fs/promises'
import path from 'node:path'
import type { z } from 'zod'
import { InlayError } from '../../shared/errors.ts'
import type { ExportEvent, ProjectState } from '../../shared/rpc/contract.ts'
import {
  createBlank,
  discardDraft,
  exportImage,
  importPhoto,
  listDrafts,
  newDraftPath,
  ProjectSession,
} from '../engine/index.ts'
import type { Grant } from './control-contract.ts'
import { EventQueue } from './event-queue.ts'
import type { ProjectImplementer, ProjectParts } from './project-services.ts'
import type { Caller } from './rpc.ts'

const SAMPLE = ['samples', 'desert-hike.jpg'] as const

export function fileCalls(os: ProjectImplementer, { config, files, projects, notes }: ProjectParts) {
  const opened = async (session: ProjectSession, { port }: Caller): Promise<ProjectState> => {
    const project = projects.add(session, port)
    await notes.heard()
    return project.state()
  }
  return {
    open: os.open.handler(async ({ input, context, signal }) => {
      const grant = files.toRead(input.file)
      await projects.closeForgotten(grant.path)
      const session = (await isProject(grant.path))
        ? await openProject(grant)
        : await importPhoto(grant.path, signal ? { signal } : {})
      if (grant.mode === 'open') notes.tell({ type: 'used', path: grant.path })
      return opened(session, context)
    }),
    openSample: os.openSample.handler(async ({ context, signal }) => {
      const session = await importPhoto(path.join(config.assetsFolder, ...SAMPLE), signal ? { signal } : {})
      return opened(session, context)
    }),
    create: os.create.handler(async ({ input, context }) => {
      const { width, height, background } = input
      return opened(await createBlank({ width, height }, background), context)
    }),
    drafts: os.drafts.handler(async () => {
      const drafts = listDrafts().map(({ path: file, name, time }) => ({
        file: files.tokenOf(file),
        name,
        time,
      }))
      await notes.heard()
      return drafts
    }),
    discardDraft: os.discardDraft.handler(async ({ input }) => {
      const { path: file } = files.toRead(input.file)
      await projects.closeForgotten(file)
      discardDraft(file)
      files.remove(input.file)
    }),
    state: os.state.handler(({ input, context }) => projects.get(input.session, context.port).state()),
    watch: os.watch.handler(async ({ input, context, signal }) =>
      projects.get(input.session, context.port).watch(signal),
    ),
    close: os.close.handler(({ input, context }) =>
      projects.close(projects.get(input.session, context.port)),
    ),
    saveAs: os.saveAs.handler(async ({ input, context }) => {
      const project = projects.get(input.session, context.port)
      const target = files.toWrite(input.file)
      await projects.closeForgotten(target.path)
      if (target.mode === 'download') {
        // Nobody can go on working in a file that goes away; what leaves is a copy, and the token opens the draft.
        project.session.saveCopy(target.path)
        files.redirect(target.token, project.session.path)
        return { name: project.session.name }
      }
      project.session.moveTo(target.path)
      projects.moved(project)
      files.redirect(target.token, target.path)
      notes.tell({ type: 'used', path: target.path })
      await notes.heard()
      return { name: project.session.name }
    }),
    saveCopy: os.saveCopy.handler(async ({ input, context }) => {
      const target = files.toWrite(input.file)
      await projects.closeForgotten(target.path)
      return projects.get(input.session, context.port).session.saveCopy(target.path)
    }),
    export: os.export.handler(async ({ input, context, signal }) => {
      const { session, ended } = projects.get(input.session, context.port)
      const target = files.toWrite(input.file)
      const abort = AbortSignal.any(signal ? [signal, ended] : [ended])
      const events = new EventQueue<z.infer<typeof ExportEvent>>(abort)
      exportImage(session, target.path, input.options, {
        signal: abort,
        onProgress: (fraction) => events.push({ type: 'progress', fraction }),
      }).then(
        ({ bytes }) => {
          events.push({ type: 'done', bytes })
          events.close()
        },
        (error) => events.fail(error),
      )
      return events
    }),
  }
}

/** A project from a file to stay in, or from an upload that is taken into the drafts. */
async function openProject(grant: Grant): Promise<ProjectSession> {
  if (grant.mode !== 'upload') return ProjectSession.open(grant.path)
  const draft = newDraftPath()
  try {
    await rename(grant.path, draft)
  } catch (error) {
    // The temporary folder may be on another disk.
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw missing(grant.path, error)
    await copyFile(grant.path, draft)
  }
  return ProjectSession.open(draft)
}

/** By what it is, not only by what it is called: a project under another name is one too. */
async function isProject(file: string): Promise<boolean> {
  if (/\.inlay$/i.test(file)) return true
  const handle = await open(file).catch((error: unknown) => {
    throw missing(file, error)
  })
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(16), 0, 16, 0)
    return bytesRead === 16 && buffer.toString('latin1') === 'SQLite format 3\0'
  } finally {
    await handle.close()
  }
}

function missing(file: string, cause: unknown): InlayError {
  const name = path.basename(file)
  return (cause as NodeJS.ErrnoException).code === 'ENOENT'
    ? new InlayError('file.missing', `"${name}" is not there any more; choose another file.`, { cause })
    : new InlayError('file.denied', `"${name}" may not be read; check its permissions.`, { cause })
}
