/** `inlay models` as a person runs it. */
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test, vi } from 'vitest'
import { inlay } from '../support/inlay-command.ts'
import { temporaryFolder } from '../support/project-folder.ts'

const golden = fileURLToPath(new URL('../fixtures/golden/components/text_sd1', import.meta.url))

afterEach(() => {
  vi.unstubAllEnvs()
})

test('a model is imported, listed, checked and taken off the list', async () => {
  vi.stubEnv('INLAY_DATA', path.join(temporaryFolder(), 'data'))
  const folder = path.join(temporaryFolder(), 'tiny')
  fs.cpSync(golden, folder, { recursive: true, filter: (name) => !name.includes('.fp16.') })
  expect(await inlay('models', 'list')).toMatchObject({ status: 0, stdout: 'No model is installed.\n' })
  expect(await inlay('models', 'import', folder)).toMatchObject({ status: 0, stderr: '' })
  const { stdout } = await inlay('models', 'list', '--json')
  expect(JSON.parse(stdout)).toMatchObject([{ name: 'tiny', path: folder }])
  expect(await inlay('models', 'verify', 'tiny')).toMatchObject({ status: 0 })
  fs.rmSync(path.join(folder, 'config.json'))
  expect(await inlay('models', 'verify', 'tiny')).toMatchObject({
    status: 7,
    stdout: 'config.json is gone.\n',
  })
  expect(await inlay('models', 'remove', 'tiny')).toMatchObject({ status: 0 })
  expect(fs.existsSync(path.join(folder, 'model.safetensors'))).toBe(true)
  const unknown = await inlay('models', 'verify', 'tiny')
  expect(unknown).toMatchObject({ status: 7, stdout: '', stderr: expect.stringContaining('(model.unknown)') })
})
