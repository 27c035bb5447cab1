/**
 * The contract: every call between Inlay's processes. Add a call here first; the compiler lists what is missing.
 *
 * Invariant: inputs are parsed by whoever receives them; outputs come from our own engine and are typed. Errors travel
 * as `WireError`. Streams are event iterators: closing one on the receiving side cancels the work on the other.
 *
 * Four services, the first of them in `shell-contract.ts`:
 * - `shell`: the window's surroundings (dialogs, recent files, settings). Served by Electron's main or the loopback server.
 * - `project`: open projects, edits, history, pixels. Served by the project host.
 * - `models`: installed models, and fetching more. Served by the project host, which a running model never blocks.
 * - `inference`: what can run models. Served by the inference host, called by the project host and the shell.
 */
import { eventIterator, oc, type } from '@orpc/contract'
import { z } from 'zod'
import { Command } from '../document/commands.ts'
import type { Document } from '../document/model.ts'
import { type GenerationReport, GenerationRequest } from '../generation.ts'
import type { Rect, Size } from '../geometry.ts'
import { type History, ProjectEvent, ViewState } from '../history.ts'
import { BlobHash, CandidateId, CommandId, FileToken, LayerId, SessionId, TileHash } from '../ids.ts'
import { Intent, type RgbColour } from '../intents.ts'
import { type DownloadPlan, HubRequest, type UnfinishedDownload } from '../model-download.ts'
import { type InstalledModel, type ModelSummary, PredictionType } from '../model-manifest.ts'
import { RemovalRequest } from '../removal.ts'
import type { TileMap } from '../tiles.ts'

/** Bytes with a length: a Blob, named structurally because this room knows no browser. */
export interface Bytes {
  readonly size: number
  arrayBuffer(): Promise<ArrayBuffer>
}

/** All a window needs to show a project it has just opened. */
export interface ProjectState {
  readonly session: SessionId
  /** The name in the title: the file's name without its extension, or the photograph's for a draft. */
  readonly name: string
  /** A draft lives in the user's data folder until it is saved under a name. */
  readonly draft: boolean
  readonly readOnly: boolean
  /** Why it is read-only, and what was announced at import: 16 bit reduced, CMYK converted… One sentence each. */
  readonly notices: readonly string[]
  readonly revision: number
  readonly document: Document
  readonly history: History
  readonly view: ViewState
}

export const EXPORT_FORMATS = ['png', 'jpeg', 'webp', 'tiff', 'avif'] as const
export const ExportOptions = z.object({
  format: z.enum(EXPORT_FORMATS),
  /** 1..100; ignored by PNG and TIFF, which are lossless. */
  quality: z.int().min(1).max(100),
  /** Leaves out EXIF, XMP and IPTC. */
  stripMetadata: z.boolean(),
})
export type ExportOptions = z.infer<typeof ExportOptions>

/** A removal's or export's progress: `fraction` 0..1 never falls; `done` comes once, last. */
export const ExportEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), fraction: z.number() }),
  z.object({ type: z.literal('done'), bytes: z.number() }),
])

/** A result to look at before it is applied: an rgba8 tile map in document coordinates, alpha = compositing mask. */
export interface Candidate {
  readonly id: CandidateId
  /** With the seed's own place among the candidates where there are several. */
  readonly request: RemovalRequest | GenerationRequest
  /** From 0 among those of one request. */
  readonly index: number
  /** null for a fill without a model. */
  readonly report: GenerationReport | null
  readonly tiles: TileMap
  readonly bounds: Rect
  readonly seconds: number
}

export type JobEvent =
  | {
      readonly type: 'progress'
      readonly fraction: number
      readonly stage: string
      readonly secondsLeft: number | null
    }
  | { readonly type: 'done'; readonly candidate: Candidate }

/** A generation's events; `candidate` comes once for each that was asked for, `done` last. */
export type GenerationEvent =
  | {
      readonly type: 'progress'
      /** 0..1 of all candidates, never falls. */
      readonly fraction: number
      readonly stage: string
      readonly secondsLeft: number | null
    }
  /** What the candidate under way looks like by now: a small PNG of `at` in document coordinates, in base64, for streams
   * carry no bytes. */
  | { readonly type: 'preview'; readonly png: string; readonly at: Rect }
  | { readonly type: 'candidate'; readonly candidate: Candidate }
  | { readonly type: 'done' }

/** A model that pictures can be made with. */
export interface GeneratingModel {
  /** What a request calls it: `built-in`, or its name in the list of installed models. */
  readonly name: string
  readonly label: string
  readonly tasks: readonly GenerationRequest['task'][]
  /** Whether it is told words. */
  readonly words: boolean
  /** Whether it has an asymmetric decoder. */
  readonly asymmetric: boolean
  /** Side of the squares it was trained on, in pixels. */
  readonly side: number
  readonly defaults: { readonly steps: number; readonly guidance: number }
}

/** What a run will need, learned from earlier ones on this machine; null where there was none like it. */
export interface GenerationEstimate {
  readonly seconds: number | null
  readonly megabytes: number | null
  /** What the model will see, in document coordinates, and the size that it works at. */
  readonly region: Rect
  readonly size: { readonly width: number; readonly height: number }
}

const inSession = z.object({ session: SessionId })

export const projectContract = {
  /** Opens a photograph (as a new draft), or an `.inlay` project; a second opener gets it read-only. */
  open: oc.input(z.object({ file: FileToken })).output(type<ProjectState>()),
  /** Opens the sample photograph as a draft. */
  openSample: oc.output(type<ProjectState>()),
  /** A new draft with one transparent or white layer. */
  create: oc
    .input(
      z.object({
        width: z.int().min(1),
        height: z.int().min(1),
        background: z.enum(['transparent', 'white']),
      }),
    )
    .output(type<ProjectState>()),
  /** Drafts left from earlier, newest first. */
  drafts: oc.output(type<readonly { file: FileToken; name: string; time: number }[]>()),
  discardDraft: oc.input(z.object({ file: FileToken })).output(type<void>()),
  state: oc.input(inSession).output(type<ProjectState>()),
  watch: oc.input(inSession).output(eventIterator(ProjectEvent)),
  close: oc.input(inSession).output(type<void>()),
  /** Gives the project a file of its own (a draft moves there) and goes on in it. */
  saveAs: oc.input(inSession.extend({ file: FileToken })).output(type<{ name: string }>()),
  /** Writes a compact copy of the project, history and all, to another file. */
  saveCopy: oc.input(inSession.extend({ file: FileToken })).output(type<{ bytes: number }>()),
  export: oc
    .input(inSession.extend({ file: FileToken, options: ExportOptions }))
    .output(eventIterator(ExportEvent)),

  /** Appends a command made by the window (structure edits). @returns the revision after it. */
  dispatch: oc.input(inSession.extend({ command: Command })).output(type<{ revision: number }>()),
  /** Makes pixels and the command that records them; `command` is null when nothing changed. */
  perform: oc
    .input(inSession.extend({ intent: Intent }))
    .output(type<{ command: CommandId | null; revision: number }>()),
  undo: oc.input(inSession).output(type<{ revision: number }>()),
  redo: oc.input(inSession).output(type<{ revision: number }>()),
  jump: oc.input(inSession.extend({ to: CommandId })).output(type<{ revision: number }>()),

  /**
   * Tiles by hash at a mipmap level, at most 1024 a call. The answer is the concatenation, in the order asked, of
   * for each tile: 1 byte format (1 rgba8, 2 gray8, 0 unknown hash: no bytes follow), then (256 >> level)^2 * bytes
   * per pixel. The window fetches the same bytes by URL (`renderer/transport/tiles.ts`).
   */
  tiles: oc
    .input(inSession.extend({ hashes: z.array(TileHash).min(1).max(1024), level: z.int().min(0).max(8) }))
    .output(type<Bytes>()),
  /** A PNG no larger than `size` pixels of a layer, a layer's mask, or the whole picture. */
  thumbnail: oc
    .input(
      inSession.extend({
        of: z.union([z.object({ layer: LayerId }), z.object({ mask: LayerId }), z.literal('picture')]),
        size: z.int().min(8).max(1024),
      }),
    )
    .output(type<Bytes>()),
  /** The picture as it was after a history entry, a PNG of at most 64 pixels; null until it has been made. */
  historyThumbnail: oc.input(inSession.extend({ command: CommandId })).output(type<Bytes | null>()),
  /** The composed colour under a point, averaged over a square of `size` pixels; sRGB; null where transparent. */
  pick: oc
    .input(inSession.extend({ x: z.int(), y: z.int(), size: z.int().min(1).max(101) }))
    .output(type<z.infer<typeof RgbColour> | null>()),
  /** A PNG of the selected part of a layer or of the picture, for the clipboard, and where it was. */
  copy: oc
    .input(inSession.extend({ source: z.union([z.object({ layer: LayerId }), z.literal('merged')]) }))
    .output(type<{ png: Bytes; x: number; y: number }>()),
  /** 33x33x33 RGB table from the document's numbers to sRGB (blue fastest); null when they are sRGB already. */
  displayLut: oc.input(z.object({ profile: BlobHash, session: SessionId })).output(type<Bytes | null>()),
  setView: oc.input(inSession.extend({ view: ViewState })).output(type<void>()),

  /** Fills the selection from its surroundings and offers the result as a candidate. Closing the stream cancels. */
  remove: oc
    .input(inSession.extend({ request: RemovalRequest }))
    .output(type<AsyncIteratorObject<JobEvent, void, void>>()),
  discardCandidate: oc.input(inSession.extend({ candidate: CandidateId })).output(type<void>()),

  /** The models that can make pictures here, the built-in one first. */
  generators: oc.output(type<readonly GeneratingModel[]>()),
  /** Makes candidates by a model. Closing the stream cancels; candidates that are there already stay. */
  generate: oc
    .input(inSession.extend({ request: GenerationRequest }))
    .output(type<AsyncIteratorObject<GenerationEvent, void, void>>()),
  /** What a run would see and need. @throws InlayError `mask.empty` as `generate` does */
  estimate: oc.input(inSession.extend({ request: GenerationRequest })).output(type<GenerationEstimate>()),
  /** The context region of a candidate, as PNGs of one size: as it was, and as each decoder gives it, not composited. */
  compare: oc
    .input(inSession.extend({ candidate: CandidateId }))
    .output(type<{ original: Bytes; made: Bytes; plain: Bytes | null; at: Rect }>()),
  /** The request a layer was made by, to make it again; null for any other layer. */
  requestOf: oc
    .input(inSession.extend({ layer: LayerId }))
    .output(type<RemovalRequest | GenerationRequest | null>()),
}

/** What a person may know of how the hub is reached. */
export interface HubSettings {
  readonly address: string
  /** Nothing is asked of the hub. */
  readonly offline: boolean
  /** The environment says so, and a setting cannot change it. */
  readonly offlineFixed: boolean
  /** Whether there is a token, and who gave it; never the token. */
  readonly token: 'none' | 'environment' | 'settings'
}

export type DownloadEvent =
  | {
      readonly type: 'progress'
      /** On the disk, of all bytes of the plan. */
      readonly bytes: number
      readonly secondsLeft: number | null
      readonly file: string
    }
  /** Whole, checked and on the list. */
  | { readonly type: 'done'; readonly model: InstalledModel }

const named = z.object({ name: z.string().min(1).max(200) })

export const modelsContract = {
  list: oc.output(type<readonly InstalledModel[]>()),
  /** Recognises what lies there and puts it on the list; its files stay where they are. */
  import: oc.input(z.object({ file: FileToken })).output(type<InstalledModel>()),
  /** What the model is now, read again from its files. */
  inspect: oc.input(named).output(type<ModelSummary>()),
  /** States what its files do not say of its denoiser, and reads it again. */
  state: oc.input(named.extend({ predictionType: PredictionType })).output(type<InstalledModel>()),
  /** What has changed since it was imported, a sentence each. */
  verify: oc.input(named).output(type<readonly string[]>()),
  /** Takes it off the list; its files stay. */
  remove: oc.input(named).output(type<void>()),
  /** What would be fetched, to the byte, and under which licence. Fetches nothing of it. */
  plan: oc.input(HubRequest).output(type<DownloadPlan>()),
  /**
   * Fetches what was shown. `bytes` and `licence` (by `licenceName`) are what the person agreed to; where the hub says
   * something else now, nothing is fetched. Closing the stream cancels; what has arrived is kept.
   */
  get: oc
    .input(z.object({ request: HubRequest, bytes: z.int().min(0), licence: z.string() }))
    .output(type<AsyncIteratorObject<DownloadEvent, void, void>>()),
  /** Downloads that were broken off and can be taken up again. */
  unfinished: oc.output(type<readonly UnfinishedDownload[]>()),
  discard: oc.input(z.object({ key: z.string().max(64) })).output(type<void>()),
  settings: oc.output(type<HubSettings>()),
  /** A token goes in and never out; null forgets it. */
  saveSettings: oc
    .input(z.object({ offline: z.boolean().optional(), token: z.string().max(500).nullable().optional() }))
    .output(type<HubSettings>()),
}

/** What one execution provider answered when a small model was really run on it. */
export interface ProviderReport {
  readonly name: 'cpu' | 'webgpu' | 'cuda' | 'dml' | 'coreml'
  readonly available: boolean
  /** One sentence: the device, or why it cannot be used. */
  readonly detail: string
  readonly milliseconds: number | null
}

/** One part of a model that was opened and run once. */
export interface PartReport {
  readonly role: string
  readonly part: string
  readonly provider: ProviderReport['name']
  /** Milliseconds until it could run, and of its run on a tiny input; an ONNX file is opened only. */
  readonly load: number
  readonly run: number | null
  /** Megabytes of the host with this part in it. */
  readonly memory: number
}

const isBytes = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'size' in value && 'arrayBuffer' in value
const bytes = z.custom<Bytes>(isBytes, 'bytes are expected')

/** What one candidate is made from; see `GenerationTask` of the engine. */
export const InferenceTask = z.object({
  request: GenerationRequest,
  candidate: z.int().min(0).max(7),
  /** Where the model lies; null for the built-in one. */
  place: z.string().min(1).max(4096).nullable(),
  size: z.object({ width: z.int().min(1).max(16384), height: z.int().min(1).max(16384) }),
  /** Three bytes a pixel. */
  rgb: bytes.nullable(),
  /** One byte a pixel. */
  mask: bytes.nullable(),
  alsoPlain: z.boolean(),
})
export type InferenceTask = z.infer<typeof InferenceTask>

/**
 * `progress` and `preview` as often as there is something new; `done` once, last. Pixels are as in the task, in base64: the RPC
 * library takes bytes along in answers, not in events.
 */
export type InferenceEvent =
  | { readonly type: 'progress'; readonly fraction: number; readonly stage: string }
  | { readonly type: 'preview'; readonly size: Size; readonly rgb: string }
  | {
      readonly type: 'done'
      readonly rgb: string
      readonly mask: string | null
      readonly plainRgb: string | null
      readonly report: GenerationReport
    }

export const inferenceContract = {
  providers: oc.output(type<readonly ProviderReport[]>()),
  /** Opens every part of a model in turn and runs it once. */
  check: oc
    .input(z.object({ path: z.string(), provider: z.enum(['cpu', 'webgpu', 'cuda', 'dml', 'coreml']) }))
    .output(type<readonly PartReport[]>()),
  /** Makes one candidate, after those that were asked for before. Closing the stream cancels. */
  generate: oc.input(InferenceTask).output(type<AsyncIteratorObject<InferenceEvent, void, void>>()),
}
