/** The list of installed models on a real disk. */
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ModelRegistry } from '../../src/main/engine/models/registry.ts'
import { namesIn, temporaryFolder } from '../support/project-folder.ts'

const golden = fileURLToPath(new URL('../fixtures/golden/components', import.meta.url))

/** A copy of a tiny model to change. */
function model(): string {
  const folder = path.join(temporaryFolder(), 'text')
  fs.mkdirSync(folder)
  for (const name of ['config.json', 'io.safetensors', 'model.safetensors'])
    fs.copyFileSync(path.join(golden, 'text_sd1', name), path.join(folder, name))
  return folder
}

test('keeps models by path, gives each a name of its own, and leaves the files alone', async () => {
  const data = path.join(temporaryFolder(), 'new', 'data')
  const [first, second] = [model(), model()]
  const before = namesIn(first)
  const registry = new ModelRegistry(data)
  expect(await registry.list()).toEqual([])
  await registry.add(first, 'text')
  await registry.add(second, 'text')
  await registry.add(first, 'other name')
  expect((await new ModelRegistry(data).list()).map(({ name, path }) => [name, path])).toEqual([
    ['text', first],
    ['text-2', second],
  ])
  await registry.remove('text')
  await expect(registry.find('text')).rejects.toMatchObject({
    code: 'model.unknown',
    message: expect.stringContaining('text-2'),
  })
  expect(namesIn(first)).toEqual(before)
  expect(namesIn(data)).toEqual(['models.json'])
})

test('says what has changed in a model', async () => {
  const registry = new ModelRegistry(temporaryFolder())
  const folder = model()
  await registry.add(folder, 'text')
  expect(await registry.changes('text')).toEqual([])
  const weights = path.join(folder, 'model.safetensors')
  fs.truncateSync(weights, 2000)
  fs.rmSync(path.join(folder, 'io.safetensors'))
  fs.writeFileSync(path.join(folder, 'README.md'), 'new')
  const config = path.join(folder, 'config.json')
  const { atime, mtime } = fs.statSync(config)
  fs.writeFileSync(config, fs.readFileSync(config, 'utf8').replace('quick_gelu', 'QUICK_GELU'))
  fs.utimesSync(config, atime, mtime)
  const changes = await registry.changes('text')
  expect(changes).toHaveLength(4)
  expect(changes.join('\n')).toMatch(
    /config.json has other contents[\s\S]*io.safetensors is gone[\s\S]*2000 bytes[\s\S]*README.md is new/,
  )
})

test('does not follow links out of a folder, and refuses what is no model', async () => {
  const registry = new ModelRegistry(temporaryFolder())
  const folder = model()
  fs.symlinkSync('/etc/hostname', path.join(folder, 'secret.txt'))
  const { files } = await registry.add(folder, 'text')
  expect(files.map(({ name }) => name)).toEqual(['config.json', 'io.safetensors', 'model.safetensors'])
  await expect(registry.add(path.join(folder, 'none'), 'x')).rejects.toMatchObject({ code: 'file.missing' })
  await expect(registry.add(temporaryFolder(), 'x')).rejects.toMatchObject({ code: 'model.unreadable' })
  const pickle = path.join(folder, 'model.ckpt')
  fs.writeFileSync(pickle, 'anything')
  await expect(registry.add(pickle, 'x')).rejects.toMatchObject({ code: 'model.unsupported' })
})

test('a damaged list is set aside and said, and one of a newer Inlay is left alone', async () => {
  const data = temporaryFolder()
  fs.writeFileSync(path.join(data, 'models.json'), '{"version": 1, "models": [')
  const registry = new ModelRegistry(data)
  await expect(registry.list()).rejects.toMatchObject({ code: 'model.unreadable' })
  expect(await registry.list()).toEqual([])
  expect(namesIn(data)).toEqual(['models.json.damaged'])

  fs.writeFileSync(path.join(data, 'models.json'), '{"version": 2}')
  await expect(registry.list()).rejects.toMatchObject({ code: 'model.unsupported' })
  expect(namesIn(data)).toEqual(['models.json', 'models.json.damaged'])
})
