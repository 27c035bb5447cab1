/**
 * The door to the engine: everything hosts and the command line may use of it, in this process.
 *
 * Invariant: importing it loads native modules (sharp, better-sqlite3) but starts no thread and opens no file. Models are
 * behind a door of their own, `inference/index.ts`.
 */

export { pickColour } from './imaging/composite.ts'
export { formatOfPath } from './imaging/image-encode-format.ts'
export { openImage, readMask } from './imaging/image-file.ts'
export { requireWritablePlace } from './imaging/image-file-write.ts'
export { MipCache, readLevel } from './imaging/mipmap.ts'
export { thumbnailPng } from './imaging/thumbnail.ts'
export { limitsOf, type ModelPlaces } from './inference/generate/model.ts'
export type {
  GenerationHandling,
  GenerationResult,
  GenerationTask,
  Generator,
} from './inference/generate/task.ts'
export { CandidateStore } from './jobs/candidate-store.ts'
export { generateWithMask, outpaint } from './jobs/generate-with-mask.ts'
export { runGeneration } from './jobs/generation-job.ts'
export { planGeneration } from './jobs/generation-plan.ts'
export { JobQueue } from './jobs/job-queue.ts'
export { runRemoval } from './jobs/removal-job.ts'
export { removeWithMask } from './jobs/remove-with-mask.ts'
export { openBuiltIn } from './models/checkpoint/built-in.ts'
export { inspectModel } from './models/checkpoint/summary.ts'
export { hubAccess, hubSettings, saveHubSettings } from './models/hub/access.ts'
export { downloadModel, planDownload } from './models/hub/download.ts'
export { discardDownload, unfinishedDownloads } from './models/hub/places.ts'
export { inspectLoras } from './models/lora/summary.ts'
export { filesOfModel } from './models/registry/files.ts'
export { ModelRegistry } from './models/registry/registry.ts'
export { compact } from './project/compact.ts'
export { copyPicture } from './project/copy-picture.ts'
export { DocumentColour } from './project/document-colour.ts'
export { discardDraft, listDrafts, newDraftPath } from './project/drafts.ts'
export { perform } from './project/edits/perform.ts'
export { inSequence } from './project/edits/sequence.ts'
export { exportImage } from './project/export-image.ts'
export { createBlank, importPhoto } from './project/import-photo.ts'
export { Previews } from './project/previews.ts'
export { ProjectSession } from './project/project-session.ts'
export { requestOfLayer } from './project/recorded-request.ts'
export { verify } from './project/verify.ts'
