/** What Electron runs: starts the application with the folders of the build this file is in. */
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { app } from 'electron'
import { startApp } from './app.ts'

const built = fileURLToPath(new URL('../', import.meta.url))
const assets = path.join(app.isPackaged ? process.resourcesPath : app.getAppPath(), 'assets')

startApp({ built, assets }).catch((error) => {
  console.error(error)
  app.exit(1)
})
