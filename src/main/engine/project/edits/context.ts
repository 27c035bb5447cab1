/**
 * What an edit works with, and what it makes.
 *
 * Invariant: an edit reads one document (the one that was live when it began), writes tiles, and ends in at most one
 * command. What comes from outside the project (files, colours, candidates) comes through the context.
 */
import type { Change, Command } from '../../../../shared/document/commands.ts'
import type { CanvasSize, Document } from '../../../../shared/document/model.ts'
import type { GenerationRequest } from '../../../../shared/generation.ts'
import type { Rect } from '../../../../shared/geometry.ts'
import type { BlobHash, CandidateId, FileToken, LayerId } from '../../../../shared/ids.ts'
import type { RemovalRequest } from '../../../../shared/removal.ts'
import type { TileMap } from '../../../../shared/tiles.ts'
import type { Pace } from '../../imaging/pace.ts'
import type { TileAccess } from '../../imaging/tile-access.ts'

/** What `ProjectSession` offers to edits. */
export interface EditSession {
  readonly document: Document
  readonly tiles: TileAccess
  commit(edit: Edit): Command
  recordRequest(candidate: CandidateId, request: unknown): void
  /** The bytes of a profile. */
  blob(hash: BlobHash): Uint8Array
}

export interface Edit {
  readonly label: string
  readonly origin: string
  readonly changes: readonly Change[]
}

/** A candidate's pixels, ready to become a layer: document coordinates, opaque where filled, and their mask. */
export interface CandidateLayer {
  readonly request: RemovalRequest | GenerationRequest
  readonly tiles: TileMap
  /** Null where the layer is not to have one. */
  readonly mask: TileMap | null
  /** What the canvas becomes with it, in coordinates of the canvas that it was made on; null where that stays. */
  readonly frame: CandidateFrame | null
}

export interface CandidateFrame {
  readonly canvas: CanvasSize
  readonly rect: Rect
}

export interface CandidateSource {
  /** @returns undefined when the candidate was discarded or has expired */
  layerOf(id: CandidateId): CandidateLayer | undefined
  /** The candidate has become a layer and need not be kept. */
  drop(id: CandidateId): void
}

export interface EditContext {
  /** The bytes of a file the shell granted, or its path. @throws InlayError `file.missing` */
  fileBytes(token: FileToken): Uint8Array | string | Promise<Uint8Array | string>
  readonly candidates: CandidateSource
  /** A fresh id of up to 64 URL-safe characters; random when left out. */
  readonly newId?: () => string
  readonly signal?: AbortSignal | undefined
}

/** What one intent's code gets. */
export interface EditWork {
  readonly document: Document
  readonly tiles: TileAccess
  readonly context: EditContext
  readonly pace: Pace
  /** The document's ICC profile; null for sRGB. */
  profile(): Uint8Array | null
  /** A fresh layer id. */
  newLayerId(): LayerId
}
