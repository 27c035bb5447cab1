/**
 * The application around the canvas.
 *
 * Invariant: lays out and connects; it knows no edits. Without a project it is the start screen, with one the editor.
 */
import { CSPProvider } from '@base-ui/react/csp-provider'
import { Tooltip } from '@base-ui/react/tooltip'
import { ImageDown } from 'lucide-react'
import { useStore } from 'zustand'
import { CanvasView } from '../canvas/CanvasView.tsx'
import { GeneratePanel } from '../panels/generate/generate-panel.tsx'
import { HistoryPanel } from '../panels/history-panel.tsx'
import { LayersPanel } from '../panels/layers-panel.tsx'
import { RemovePanel } from '../panels/remove-panel.tsx'
import { ToolOptions } from '../panels/tool-options.tsx'
import { EditorProvider, useContextOf, useDocumentState, useEditorState } from '../ui/editor-context.ts'
import { Landmark } from '../ui/popup-host.tsx'
import { Splitter } from '../ui/splitter.tsx'
import { TipBox } from '../ui/tooltip.tsx'
import { Dialogs } from './dialogs/dialogs.tsx'
import { Hint } from './hint.tsx'
import { LIMITS, useLayout } from './layout.ts'
import { useMenuState, useTheme, useTitle } from './shell-sync.ts'
import { StartScreen } from './start-screen.tsx'
import { StatusBar } from './status-bar.tsx'
import { TitleBar } from './title-bar.tsx'
import { Toasts } from './toasts.tsx'
import { ToolBar } from './tool-bar.tsx'
import { useFileDrop } from './use-file-drop.ts'
import { useShortcuts } from './use-shortcuts.ts'
import type { Workspace } from './workspace.ts'
import './app.css'

export function App({ workspace }: { readonly workspace: Workspace }) {
  const ctx = useStore(workspace.store)
  return (
    <CSPProvider disableStyleElements>
      <Tooltip.Provider delay={500} timeout={300}>
        <EditorProvider value={ctx}>
          <Window workspace={workspace} />
          <TipBox />
        </EditorProvider>
      </Tooltip.Provider>
    </CSPProvider>
  )
}

function Window({ workspace }: { readonly workspace: Workspace }) {
  const ctx = useContextOf()
  useTheme()
  useTitle(ctx)
  useMenuState(ctx)
  useShortcuts(ctx)
  const dropping = useFileDrop(ctx)
  return (
    <div className="window">
      {ctx.page.host === 'loopback' && <TitleBar />}
      {ctx.editor.document ? (
        <EditorArea key={ctx.editor.document.session} workspace={workspace} />
      ) : (
        <StartScreen />
      )}
      <Dialogs />
      <Busy />
      <Toasts />
      {dropping && <DropSign />}
    </div>
  )
}

function EditorArea({ workspace }: { readonly workspace: Workspace }) {
  const { editor } = useContextOf()
  const panels = useEditorState((state) => state.panels)
  const [layout, setLayout] = useLayout()
  return (
    <>
      <div
        className="editor"
        data-bare={!panels || undefined}
        style={{ '--panel-width': `${layout.width}px` } as object}
      >
        {panels && (
          <Landmark as="section" className="options-bar" aria-label="Tool options" data-region="options">
            <ToolOptions />
          </Landmark>
        )}
        {panels && <ToolBar />}
        <main className="canvas-area" data-region="canvas" aria-label="Picture">
          <CanvasView editor={editor} onHandle={workspace.setCanvas} />
          <LostBanner />
          <Hint />
        </main>
        {panels && (
          <Landmark as="aside" className="panels" aria-label="Panels" data-region="panels">
            <Splitter
              label="Width of the panels"
              orientation="vertical"
              direction={-1}
              value={layout.width}
              min={LIMITS.width[0]}
              max={LIMITS.width[1]}
              onChange={(width) => setLayout({ width })}
            />
            <LayersPanel grow={layout.layers} />
            <Splitter
              label="Height of the layers"
              orientation="horizontal"
              direction={1}
              value={layout.layers}
              min={LIMITS.layers[0]}
              max={LIMITS.layers[1]}
              scale={0.2}
              onChange={(layers) => setLayout({ layers })}
            />
            <HistoryPanel grow={100 - layout.layers} />
            <RemovePanel />
            <GeneratePanel />
          </Landmark>
        )}
      </div>
      {panels && <StatusBar />}
    </>
  )
}

/** The project host went away; the document's client comes back by itself. */
function LostBanner() {
  const lost = useDocumentState((state) => state.lost)
  if (!lost) return null
  return (
    <p className="lost-banner" role="alert">
      The connection to the editor’s engine was lost. It is being restored; everything up to the last edit is
      saved.
    </p>
  )
}

function Busy() {
  const { document } = useContextOf().editor
  const busy = useEditorState((state) => state.busy)
  if (!busy || document) return null
  return (
    <div className="busy" role="status">
      <span className="busy-mark" aria-hidden="true" />
      {busy}…
    </div>
  )
}

function DropSign() {
  const { document } = useContextOf().editor
  const models = useEditorState((state) => state.dialog === 'models')
  return (
    <div className="drop-sign">
      <p>
        <ImageDown size={24} strokeWidth={1.5} aria-hidden="true" />
        {models
          ? 'Let go to put the model on the list'
          : document
            ? 'Let go to place it as a layer'
            : 'Let go to open'}
      </p>
    </div>
  )
}
