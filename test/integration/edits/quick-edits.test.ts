/** Edits that follow each other faster than the host answers: none is lost, and the window never jumps back meanwhile. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  type BuildEdit,
  DocumentClient,
  shownDocument,
} from '../../../src/renderer/editor/document-client.ts'
import { setProperties } from '../../../src/renderer/editor/layer-edits.ts'
import { moveEdit } from '../../../src/renderer/tools/move-edit.ts'
import type { LayerId } from '../../../src/shared/ids.ts'
import { LoopbackProcess } from '../../support/loopback-client.ts'

let server: LoopbackProcess
let client: DocumentClient
let layer: LayerId

beforeEach(async () => {
  server = await LoopbackProcess.start()
  const project = await server.project()
  const state = await project.openSample()
  client = new DocumentClient(project, state)
  layer = state.document.root[0]!
})
afterEach(async () => {
  client.dispose()
  await server.stop()
})

const offset = () => shownDocument(client.state).layers[layer]!.offset

test('twenty nudges at once are twenty commands, and the layer is always shown where they take it', async () => {
  const shown: number[] = []
  const stop = client.store.subscribe(() => shown.push(offset().x))
  const sent = Array.from({ length: 20 }, () => {
    const nudge = moveEdit(layer, { x: 1, y: 0 })
    client.preview(nudge)
    return client.edit('move', nudge)
  })
  expect(offset()).toEqual({ x: 20, y: 0 })
  await Promise.all(sent)
  stop()
  expect(client.state.document.layers[layer]!.offset).toEqual({ x: 20, y: 0 })
  expect(client.state.history.entries).toHaveLength(21)
  expect(client.state.preview).toBeNull()
  expect(shown).toEqual([...shown].sort((a, b) => a - b))
})

test('an undo given at once takes back the last of them', async () => {
  const nudges = [1, 10].map((x) => client.edit('move', moveEdit(layer, { x, y: 0 })))
  await Promise.all([...nudges, client.undo()])
  expect(client.state.document.layers[layer]!.offset).toEqual({ x: 1, y: 0 })
})

test('an edit that makes no sense when its turn comes, or is refused, is shown no longer and stops nothing', async () => {
  const locked = client.edit('layer', (document) => setProperties(document, layer, { locked: true }, 'Lock'))
  const late = moveEdit(layer, { x: 5, y: 5 })
  client.preview(late)
  const nothing = client.edit('move', late)
  const stale: BuildEdit = () => ({
    label: 'Stale',
    changes: [{ type: 'layer.set', v: 1, id: layer, before: { opacity: 0.25 }, after: { opacity: 0.5 } }],
  })
  const refused = client.edit('layer', stale)
  await locked
  expect(await nothing).toBeNull()
  await expect(refused).rejects.toThrow(/another opacity/)
  expect(client.state.preview).toBeNull()
  expect(await client.edit('layer', (d) => setProperties(d, layer, { name: 'Sky' }, 'Rename'))).not.toBeNull()
  expect(client.state.history.entries.map(({ label }) => label).slice(1)).toEqual(['Lock', 'Rename'])
})
