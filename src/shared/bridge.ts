/**
 * What Electron's preload script offers the page as `window.inlay`; without it the page runs under the loopback server.
 *
 * Invariant: no paths, no Electron types, nothing that could be called with something to run. A port cannot be handed over
 * the bridge, so it arrives as a window message: `{ inlayPort: id }` with the port transferred.
 */
import type { FileToken } from './ids.ts'

export type BridgeService = 'project' | 'models' | 'shell'

export interface InlayBridge {
  /** Asks for a line to a service; the port arrives as a window message with this id. */
  connect(service: BridgeService, id: string): void
  /** Lets the editor read a file that was dropped or chosen in the page, or bytes from the clipboard. */
  upload(file: unknown, name: string): Promise<{ file: FileToken; name: string }>
  /** Lets the editor read a model's file or folder that was dropped, where it is; null where it lies nowhere on this computer. */
  model(file: unknown): Promise<{ file: FileToken; name: string } | null>
  /** Called with an action's id when it is chosen in the native menu. */
  onMenuAction(listener: (action: string) => void): void
  /** Called with a file that was opened from outside: a double click, a second start. */
  onOpenFile(listener: (file: FileToken, name: string) => void): void
}

/** The key of the window message that brings a port. */
export const PORT_MESSAGE = 'inlayPort'
