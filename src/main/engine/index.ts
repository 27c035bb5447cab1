/**
 * The door to the engine: everything hosts and the command line may use of it, in this process.
 *
 * Invariant: importing it loads native modules (sharp, better-sqlite3) but starts no thread and opens no file. Models are
 * behind a door of their own, `inference/index.ts`.
 */
export { pickColour } from './imaging/composite.ts'
export { encodeToFile } from './imaging/image-encode.ts'
export { openImage, readMask } from './imaging/image-file.ts'
export { MipCache, readLevel } from './imaging/mipmap.ts'
export { thumbnailPng } from './imaging/thumbnail.ts'
export { copyPicture } from './project/copy-picture.ts'
export { DocumentColour } from './project/document-colour.ts'
export { discardDraft, listDrafts, newDraftPath } from './project/drafts.ts'
export type { CandidateSource } from './project/edits/context.ts'
export { perform } from './project/edits/perform.ts'
export { inSequence } from './project/edits/sequence.ts'
export { exportImage } from './project/export-image.ts'
export { createBlank, importPhoto } from './project/import-photo.ts'
export { Previews } from './project/previews.ts'
export { ProjectSession } from './project/project-session.ts'
