/**
 * The window's state as a whole: which project is open, and the services actions are given.
 *
 * Invariant: at most one project is open in a window; another one is shown only once it could be opened, and the one
 * before is closed then. The action context is a new object whenever its parts change, and only then.
 */
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Document } from '../../shared/document/model.ts'
import { LayerId, SessionId } from '../../shared/ids.ts'
import type { ProjectState } from '../../shared/rpc/contract.ts'
import type { ActionContext, PageServices } from '../editor/action-context.ts'
import { attempt, say } from '../editor/action-context.ts'
import { DocumentClient } from '../editor/document-client.ts'
import type { CanvasHandle } from '../editor/editor.ts'
import { createEditorStore } from '../editor/editor-state.ts'
import { openFile, openSample, waiting } from '../editor/files.ts'
import { dropInHand } from '../editor/in-hand.ts'
import { createModelsStore } from '../editor/models.ts'
import type { Connection } from '../transport/connect.ts'
import { download, pickFile } from './page-files.ts'

/** Where a page that is loaded again finds its project. */
const OPEN_SESSION = 'inlay.session'

export interface Workspace {
  readonly store: StoreApi<ActionContext>
  setCanvas(handle: CanvasHandle | null): void
}

/** Asks the shell who it is, and shows what it was started with, or what this page showed before it was loaded again. */
export async function createWorkspace(connection: Connection): Promise<Workspace> {
  const { project, shell, models } = connection
  const [info, settings, folder] = await Promise.all([
    shell.info(),
    shell.settings(),
    shell.listFolder({ path: '' }).catch(() => null),
  ])
  const page: PageServices = {
    host: info.host,
    version: info.version,
    mac: info.platform === 'darwin',
    dialogs: info.dialogs,
    folder: folder !== null,
    show,
    leave,
    pickFile: async () => {
      const file = await pickFile()
      return (
        file &&
        (await waiting(store.getState(), `Reading ${file.name}`, () => connection.upload(file, file.name)))
      )
    },
    upload: (file, name) => connection.upload(file, name),
    modelFile: (file) => connection.modelFile(file),
    download,
  }
  const store = createStore<ActionContext>(() => ({
    page,
    editor: {
      project,
      shell,
      models,
      store: createEditorStore(),
      modelsStore: createModelsStore(),
      document: null,
      canvas: null,
      fetchTiles: async () => new Map(),
    },
  }))
  const { store: editorStore } = store.getState().editor
  editorStore.setState({ settings })

  async function show(what: string, open: () => Promise<ProjectState>): Promise<void> {
    await waiting(store.getState(), `Opening ${what}`, async () => {
      const before = store.getState().editor.document
      let state = await open()
      // The same file again: this window's own lock would make it read-only.
      const same = before && state.readOnly && !before.state.readOnly && before.state.name === state.name
      if (same) {
        await project.close({ session: state.session })
        await leave()
        state = await open()
      } else await leave()
      attach(state)
    })
  }

  function attach(state: ProjectState): void {
    const client = new DocumentClient(project, state)
    const { session } = client
    editorStore.setState({
      activeLayer: firstLayer(state),
      plane: 'pixels',
      collapsed: new Set(),
      zoom: null,
    })
    client.store.subscribe(({ document }) => keepActiveLayer(document))
    store.setState(({ editor }) => ({
      editor: {
        ...editor,
        document: client,
        fetchTiles: (hashes, level) => connection.fetchTiles(session, hashes, level),
      },
    }))
    sessionStorage.setItem(OPEN_SESSION, session)
    for (const notice of state.notices) say(store.getState(), notice)
  }

  /** The active layer may go away by undo: then the one on top is. */
  function keepActiveLayer(document: Document): void {
    const { activeLayer, plane } = editorStore.getState()
    const layer = activeLayer === null ? undefined : document.layers[activeLayer]
    if (!layer) {
      const activeLayer = document.root.at(-1) ?? null
      if (activeLayer !== editorStore.getState().activeLayer)
        editorStore.setState({ activeLayer, plane: 'pixels' })
    } else if (plane === 'mask' && !layer.mask) editorStore.setState({ plane: 'pixels' })
  }

  async function leave(): Promise<void> {
    const ctx = store.getState()
    const client = ctx.editor.document
    if (!client) return
    dropInHand(ctx)
    client.dispose()
    sessionStorage.removeItem(OPEN_SESSION)
    editorStore.setState({ activeLayer: null, plane: 'pixels', renaming: null, dialog: null, zoom: null })
    // The start screen lists drafts, and a draft that is still open is not among them.
    await attempt(ctx, () => project.close({ session: client.session }))
    store.setState(({ editor }) => ({
      editor: { ...editor, document: null, canvas: null, fetchTiles: async () => new Map() },
    }))
  }

  async function start(): Promise<void> {
    const ctx = store.getState()
    if (info.open === 'sample') return void (await attempt(ctx, () => openSample(ctx)))
    if (info.open !== null) {
      const file = info.open
      return void (await attempt(ctx, () => openFile(ctx, { file, name: 'the file' })))
    }
    const session = SessionId.safeParse(sessionStorage.getItem(OPEN_SESSION))
    if (!session.success) return
    try {
      attach(await project.state({ session: session.data }))
    } catch {
      // It was closed meanwhile: the start screen offers it among the drafts or the recent files.
      sessionStorage.removeItem(OPEN_SESSION)
    }
  }
  void start()

  return {
    store,
    setCanvas: (canvas) => store.setState(({ editor }) => ({ editor: { ...editor, canvas } })),
  }
}

/** The layer that was active when the project was closed, or the one on top. */
function firstLayer({ view, document }: ProjectState): LayerId | null {
  const kept = LayerId.safeParse(view.activeLayer)
  return kept.success && document.layers[kept.data] ? kept.data : (document.root.at(-1) ?? null)
}
