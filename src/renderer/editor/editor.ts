/**
 * One window's editor: what panels, tools and actions are handed. A plain bundle of parts, not an object that does things.
 */
import type { TileHash } from '../../shared/ids.ts'
import type { ModelsClient, ProjectClient, ShellClient } from '../transport/clients.ts'
import type { DocumentClient } from './document-client.ts'
import type { EditorStore } from './editor-state.ts'
import type { ModelsStore } from './models.ts'

/** What the canvas offers to tools and actions; it is there while a picture is shown. */
export interface CanvasHandle {
  fit(): void
  actualSize(): void
  zoomBy(factor: number): void
  /** Zooms about the middle of the view, to screen pixels per document pixel. */
  zoomTo(zoom: number): void
}

export interface Editor {
  readonly project: ProjectClient
  readonly shell: ShellClient
  readonly models: ModelsClient
  readonly store: EditorStore
  readonly modelsStore: ModelsStore
  /** The open project; null in the empty state. */
  readonly document: DocumentClient | null
  readonly canvas: CanvasHandle | null
  fetchTiles(hashes: readonly TileHash[], level: number): Promise<Map<TileHash, Uint8Array>>
}
