/**
 * The window's way to everything outside it: one object, the same over message ports and over WebSockets.
 *
 * Invariant: nothing else in the renderer knows which shell it runs under.
 */
import type { FileToken, SessionId, TileHash } from '../../shared/ids.ts'
import type { modelsContract, projectContract } from '../../shared/rpc/contract.ts'
import type { shellContract } from '../../shared/rpc/shell-contract.ts'
import type { ModelsClient, ProjectClient, ShellClient } from './clients.ts'
import { bridge } from './line.ts'
import { LiveLine } from './live-client.ts'
import { errorOf, fetchTiles } from './tiles.ts'

export interface Connection {
  readonly project: ProjectClient
  readonly shell: ShellClient
  readonly models: ModelsClient
  fetchTiles(
    session: SessionId,
    hashes: readonly TileHash[],
    level: number,
  ): Promise<Map<TileHash, Uint8Array>>
  /** Gives the editor a file from this computer (dropped, chosen, pasted) and gets the token that stands for it. */
  upload(file: Blob, name: string): Promise<{ file: FileToken; name: string }>
  /** A dropped model, where it lies; null under a browser, which does not say where that is. */
  modelFile(file: File): Promise<{ file: FileToken; name: string } | null>
  /**
   * Called whenever the project host's line ends. What was under way fails with `host.lost`; new calls open the line
   * again, and open projects are where they were.
   */
  onClose(listener: () => void): () => void
  /** Electron: an action was chosen in the native menu. */
  onMenuAction(listener: (action: string) => void): void
  /** Electron: a file was opened from outside. */
  onOpenFile(listener: (file: FileToken, name: string) => void): void
}

/** Opens the lines; that to the models when first needed. @throws InlayError `host.lost` when the shell does not answer. */
export async function connect(): Promise<Connection> {
  const listeners = new Set<() => void>()
  const project = new LiveLine('project', () => {
    for (const listener of listeners) listener()
  })
  const shell = new LiveLine('shell', () => {})
  const models = new LiveLine('models', () => {})
  await Promise.all([project.open(), shell.open()])
  const electron = bridge()
  return {
    project: project.client<typeof projectContract>(),
    shell: shell.client<typeof shellContract>(),
    models: models.client<typeof modelsContract>(),
    fetchTiles,
    upload: electron ? (file, name) => electron.upload(file, name) : uploadByPost,
    modelFile: async (file) => (electron ? electron.model(file) : null),
    onClose(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    onMenuAction: (listener) => electron?.onMenuAction(listener),
    onOpenFile: (listener) => electron?.onOpenFile(listener),
  }
}

async function uploadByPost(file: Blob, name: string): Promise<{ file: FileToken; name: string }> {
  const response = await fetch(`/upload?name=${encodeURIComponent(name)}`, { method: 'POST', body: file })
  if (response.ok) return response.json()
  throw await errorOf(response)
}
