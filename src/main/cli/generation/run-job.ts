/**
 * One job from files to files.
 *
 * Invariant: what would fail late is checked first. The picture or project that is read stays as it is, unless the project
 * itself is to get the layer; results are whole or not there.
 */
import path from 'node:path'
import { InlayError } from '../../../shared/errors.ts'
import type { GenerationReport } from '../../../shared/generation.ts'
import {
  createBlank,
  importPhoto,
  type ProjectSession,
  readMask,
  ProjectSession as Sessions,
} from '../../engine/index.ts'
import { isProjectFile, withTemporaryFolder } from '../places.ts'
import type { WorkProgress } from '../progress.ts'
import { type Made, make } from './make.ts'
import type { Models } from './models.ts'
import type { Given } from './options.ts'
import { marginsOf, type Recipe } from './recipe.ts'
import { isProjectName, requireTargets, targetsOf, writeTarget } from './targets.ts'

export interface Job {
  readonly recipe: Recipe
  /** Null for a picture from nothing. */
  readonly input: string | null
  readonly given: Given
  /** Undefined where the project itself gets the layer. */
  readonly output: string | undefined
}

export interface JobHandling {
  readonly models: Models
  readonly signal: AbortSignal
  readonly onProgress: (progress: WorkProgress) => void
  /** Said at once, and not in the outcome. */
  readonly onNotices: (notices: readonly string[]) => void
}

export interface WrittenOutput {
  readonly output: string
  readonly bytes: number
  /** Null for a fill without a model; of several candidates in a project, of the topmost. */
  readonly report: GenerationReport | null
}

export interface JobOutcome {
  readonly outputs: readonly WrittenOutput[]
  /** Where the project itself got layers: a history entry for each. */
  readonly entries: readonly {
    readonly command: string
    readonly label: string
    readonly report: GenerationReport | null
  }[]
}

/** @throws InlayError those of the picture, the mask, the model and the place */
export async function runJob(job: Job, handling: JobHandling): Promise<JobOutcome> {
  const { recipe, input, given, output } = job
  const isProject = input !== null && (await isProjectFile(input))
  if (output === undefined && !isProject)
    throw new InlayError('usage', `Say where the result shall go: -o ${suggested(job)}`)
  if (recipe.name === 'outpaint') requireOneCanvas(job)
  const targets =
    output === undefined ? [] : targetsOf(output, isProjectName(output) ? 1 : (given.candidates ?? 1))
  await requireTargets(targets)
  const mask = given.mask === undefined ? null : await readMask(given.mask)
  const run = async (session: ProjectSession): Promise<readonly Made[]> => {
    handling.onNotices(session.notices)
    return make(session, mask, job, handling)
  }

  if (output === undefined) {
    const session = Sessions.open(input!)
    try {
      return { outputs: [], entries: await addAll(await run(session)) }
    } finally {
      session.close()
    }
  }
  return withTemporaryFolder(async (folder) => {
    const session = await openCopy(job, isProject, path.join(folder, 'work.inlay'), handling)
    try {
      const made = await run(session)
      return { outputs: await write(session, made, targets, job, handling), entries: [] }
    } finally {
      session.close()
    }
  })
}

/** @throws InlayError `usage` where one project would get several canvases */
function requireOneCanvas({ given, output }: Job): void {
  marginsOf(given)
  if ((given.candidates ?? 1) > 1 && (output === undefined || isProjectName(output)))
    throw new InlayError('usage', 'A project grows once; let several candidates be images: -o larger.png')
}

/** A layer for each, the first on top. */
async function addAll(made: readonly Made[]): Promise<JobOutcome['entries']> {
  const entries = []
  for (const { apply, report } of made.toReversed()) {
    const { id, label } = await apply()
    entries.push({ command: id, label, report })
  }
  return entries
}

async function write(
  session: ProjectSession,
  made: readonly Made[],
  targets: readonly string[],
  { given, output }: Job,
  { signal, onNotices }: JobHandling,
): Promise<readonly WrittenOutput[]> {
  if (isProjectName(output!)) {
    await addAll(made)
    const { bytes } = await writeTarget(session, output!, undefined, signal)
    return [{ output: output!, bytes, report: made[0]?.report ?? null }]
  }
  const outputs: WrittenOutput[] = []
  for (const [i, target] of targets.entries()) {
    if (i > 0) session.undo()
    const { apply, report } = made[i]!
    await apply()
    const { bytes, notices } = await writeTarget(session, target, given.quality, signal)
    if (i === 0) onNotices(notices)
    outputs.push({ output: target, bytes, report })
  }
  return outputs
}

/** A project to work in, so that what is read stays as it is. */
async function openCopy(
  { input, recipe, given }: Job,
  isProject: boolean,
  copy: string,
  { models, signal }: JobHandling,
): Promise<ProjectSession> {
  if (input === null) return createBlank(await models.sizeFor(recipe, given), 'transparent', copy)
  if (!isProject) return importPhoto(input, { project: copy, signal })
  const source = Sessions.open(input, { readOnly: true })
  try {
    source.saveCopy(copy)
  } finally {
    source.close()
  }
  return Sessions.open(copy)
}

function suggested({ recipe, input }: Job): string {
  return input === null ? `${recipe.suffix}.png` : `${path.parse(input).name}-${recipe.suffix}.png`
}
