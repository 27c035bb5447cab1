/**
 * The part of the contract (`contract.ts`) that is about the window's surroundings: dialogs, recent files, settings.
 *
 * Invariant: the window names files by tokens; a path comes in only where it was typed, and never goes out.
 */
import { oc, type } from '@orpc/contract'
import { z } from 'zod'
import { FileToken } from '../ids.ts'

export const Settings = z
  .object({
    theme: z.enum(['system', 'light', 'dark']),
    maskColour: z.object({ r: z.number(), g: z.number(), b: z.number() }).readonly(),
    maskOpacity: z.number().min(0.05).max(1),
    hintSeen: z.boolean(),
  })
  .readonly()
export type Settings = z.infer<typeof Settings>
export const DEFAULT_SETTINGS: Settings = {
  theme: 'system',
  maskColour: { r: 1, g: 0.15, b: 0.2 },
  maskOpacity: 0.5,
  hintSeen: false,
}

export const shellContract = {
  info: oc.output(
    type<{
      readonly host: 'electron' | 'loopback'
      readonly version: string
      readonly platform: string
      /** Whether the shell has file dialogs of its own; otherwise files come by upload and go by download. */
      readonly dialogs: boolean
      /** A project or photograph given on the command line, to open at once; 'sample' opens the sample. */
      readonly open: FileToken | 'sample' | null
    }>(),
  ),
  /** Shows an open dialog. @returns null when the person cancelled. Loopback: not offered (`dialogs` is false). */
  chooseFile: oc.output(type<{ file: FileToken; name: string } | null>()),
  /** Shows a dialog for a model's file or folder. Loopback: not offered (`dialogs` is false). */
  chooseModel: oc
    .input(z.object({ kind: z.enum(['file', 'folder']) }))
    .output(type<{ file: FileToken; name: string } | null>()),
  /**
   * A model by its path, as a person typed it. Loopback only: there is no dialog, and weights are too large to upload.
   * Electron refuses: there paths come from dialogs and dropped files.
   */
  modelAt: oc
    .input(z.object({ path: z.string().min(1).max(4096) }))
    .output(type<{ file: FileToken; name: string }>()),
  /** Where an export or a project shall go. Loopback: a file under the folder given at launch, or a download. */
  chooseTarget: oc
    .input(z.object({ suggestedName: z.string().min(1).max(200), kind: z.enum(['image', 'project']) }))
    .output(type<{ file: FileToken; name: string } | null>()),
  /** Loopback: the address a finished target can be downloaded from, once; null where the file is in place already. */
  delivery: oc.input(z.object({ file: FileToken })).output(type<{ url: string } | null>()),
  /** Files opened or saved lately, newest first; files that are gone are left out. */
  recent: oc.output(type<readonly { file: FileToken; name: string; folder: string; time: number }[]>()),
  clearRecent: oc.output(type<void>()),
  settings: oc.output(type<Settings>()),
  saveSettings: oc.input(Settings).output(type<void>()),
  /** Folders and pictures and projects, or models, under the folder given at launch (loopback only). */
  listFolder: oc.input(z.object({ path: z.string().max(4096), of: z.enum(['models']).optional() })).output(
    type<{
      path: string
      /** The folder itself, to be taken as a model. */
      whole: FileToken | null
      entries: readonly { name: string; folder: boolean; file: FileToken | null }[]
    } | null>(),
  ),
  /** Tells the native menu which actions are enabled and checked (Electron only). */
  menuState: oc
    .input(z.object({ enabled: z.array(z.string().max(64)), checked: z.array(z.string().max(64)) }))
    .output(type<void>()),
}
