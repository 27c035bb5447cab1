/** The dialog that is open, if one is. */
import { useContextOf, useEditorState } from '../../ui/editor-context.ts'
import { AboutDialog } from './about-dialog.tsx'
import { AmountDialog } from './amount-dialog.tsx'
import { CanvasSizeDialog } from './canvas-size-dialog.tsx'
import { CompareDialog } from './compare-dialog.tsx'
import { ExportDialog } from './export-dialog.tsx'
import { ModelsDialog } from './models-dialog.tsx'
import { NewDialog } from './new-dialog.tsx'
import { OpenDialog } from './open-dialog.tsx'
import { Palette } from './palette.tsx'
import { SaveDialog } from './save-dialog.tsx'
import { ShortcutsDialog } from './shortcuts-dialog.tsx'

export interface DialogProps {
  onClose(): void
}

/** Dialogs about the open project; without one they have nothing to show. */
const OF_PROJECT = {
  save: SaveDialog,
  export: ExportDialog,
  'canvas-size': CanvasSizeDialog,
  amount: AmountDialog,
  compare: CompareDialog,
}
const OF_WINDOW = {
  new: NewDialog,
  open: OpenDialog,
  shortcuts: ShortcutsDialog,
  about: AboutDialog,
  palette: Palette,
  models: ModelsDialog,
}

export function Dialogs() {
  const { store, document } = useContextOf().editor
  const dialog = useEditorState((state) => state.dialog)
  if (dialog === null) return null
  const onClose = () => store.setState({ dialog: null })
  if (dialog in OF_WINDOW) {
    const Shown = OF_WINDOW[dialog as keyof typeof OF_WINDOW]
    return <Shown onClose={onClose} />
  }
  const Shown = OF_PROJECT[dialog as keyof typeof OF_PROJECT]
  return document && <Shown onClose={onClose} />
}
