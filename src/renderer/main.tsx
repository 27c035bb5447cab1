/** Starts the page: connects, then renders. Nothing here can fail without a sentence on the page. */
import './ui/tokens.css'
import './ui/base.css'
import './ui/controls.css'
import './ui/popups.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { toWireError } from '../shared/errors.ts'
import { App } from './app/App.tsx'
import { watchFocusOrigin } from './app/focus-origin.ts'
import { listenToShell } from './app/shell-sync.ts'
import { createWorkspace } from './app/workspace.ts'
import { connect } from './transport/connect.ts'

watchFocusOrigin()
const root = createRoot(document.getElementById('root')!)

try {
  const connection = await connect()
  const workspace = await createWorkspace(connection)
  listenToShell(connection, workspace)
  root.render(
    <StrictMode>
      <App workspace={workspace} />
    </StrictMode>,
  )
} catch (error) {
  console.error(error)
  root.render(
    <main className="failed" role="alert">
      <h1>Inlay could not start</h1>
      <p>{toWireError(error).message}</p>
      <button type="button" className="button" onClick={() => window.location.reload()}>
        Try again
      </button>
    </main>,
  )
}
