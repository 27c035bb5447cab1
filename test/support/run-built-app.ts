/**
 * Runs the application as it was built for Electron (out/main/main.js) under plain Node, with the stand-in in the place of
 * the `electron` module, does a removal and an export in it, and prints what came of it as JSON.
 */
import { registerHooks } from 'node:module'
import type { MessagePortMain } from 'electron'
import type { projectContract } from '../../src/shared/rpc/contract.ts'
import type { shellContract } from '../../src/shared/rpc/shell-contract.ts'
import type { StandInPort } from './electron-stand-in-port.ts'

const standIn = new URL('./electron-stand-in.ts', import.meta.url).href
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: standIn, shortCircuit: true } : next(specifier, context),
})
const [main, target] = process.argv.slice(2) as [string, string]
const electron = await import('./electron-stand-in.ts')
const { portOf } = await import('../../src/main/electron/utility-starter.ts')
const { clientOf } = await import('../../src/main/hosts/rpc.ts')

await import(main)
while (electron.BrowserWindow.all.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
const { webContents } = electron.BrowserWindow.all[0]!

async function line(service: string) {
  const id = crypto.randomUUID()
  const event = { sender: webContents, senderFrame: webContents.mainFrame }
  electron.ipcMain.emit('inlay:connect', event, service, id)
  for (;;) {
    const found = webContents.ports.find(({ message }) => message === id)
    if (found) return portOf(found.port as StandInPort as unknown as MessagePortMain)
    await new Promise((resolve) => webContents.once('port', () => resolve(undefined)))
  }
}

const project = clientOf<typeof projectContract>(await line('project'))
const shell = clientOf<typeof shellContract>(await line('shell'))
const { session, name } = await project.openSample()
const rect = { x: 40, y: 40, width: 40, height: 30 }
await project.perform({
  session,
  intent: { kind: 'select', shape: { kind: 'rect', rect }, combine: 'replace', feather: 0 },
})
const request = { kind: 'removal', grow: 2, feather: 2, seed: 0, fill: 'patch-fill' } as const
for await (const event of await project.remove({ session, request }))
  if (event.type === 'done')
    await project.perform({ session, intent: { kind: 'apply-candidate', candidate: event.candidate.id } })
electron.dialog.save = { canceled: false, filePath: target }
const place = await shell.chooseTarget({ suggestedName: 'out.png', kind: 'image' })
let bytes = 0
const options = { format: 'png', quality: 90, stripMetadata: false } as const
for await (const event of await project.export({ session, file: place!.file, options }))
  if (event.type === 'done') bytes = event.bytes
const page = await electron.protocol.handlers.get('inlay')!(new Request('inlay://app/'))
const { history } = await project.state({ session })
await project.close({ session })
electron.app.quit()
while (electron.app.quits === 0) await new Promise((resolve) => setTimeout(resolve, 10))
const labels = history.entries.map(({ label }) => label)
console.log(JSON.stringify({ name, labels, bytes, page: page.status }))
process.exit(0)
