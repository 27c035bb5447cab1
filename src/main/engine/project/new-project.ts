/**
 * A project's first rows: the empty document its history begins with, and what came with the picture.
 *
 * Invariant: they are written in one transaction with the schema, so a project file either holds them or is no project.
 */
import { type CanvasSize, type ColourProfile, emptyDocument } from '../../../shared/document/model.ts'
import { checkProfile, type Original, writeFirstRecords } from './project-records.ts'
import { createStore, type ProjectStore } from './project-store.ts'

export interface NewProject {
  readonly canvas: CanvasSize
  readonly profile: ColourProfile
  /** Shown in the title until the project has a file name of its own. */
  readonly name: string
  /** What was announced at import; kept with the project. */
  readonly notices?: readonly string[]
  readonly original?: Original | null
  /** The ICC profile `profile.hash` names. */
  readonly profileBytes?: Uint8Array | null
}

/** @throws InlayError those of `createStore`. */
export function createProject(file: string, project: NewProject): ProjectStore {
  const profileBytes = project.profileBytes ?? null
  checkProfile(project.profile, profileBytes)
  return createStore(file, (db) =>
    writeFirstRecords(db, {
      name: project.name,
      root: emptyDocument(project.canvas, project.profile),
      notices: project.notices ?? [],
      original: project.original ?? null,
      profileBytes,
    }),
  )
}
