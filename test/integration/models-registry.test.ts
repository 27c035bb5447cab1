/** The list of installed models on a real disk. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ModelRegistry } from '../../src/main/engine/models/registry/registry.ts'
import { editJson } from '../support/checkpoints.ts'
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
  // But for weights, which many keep in one place.
  const weights = path.join(folder, 'model.safetensors')
  const elsewhere = path.join(temporaryFolder(), 'weights')
  fs.renameSync(weights, elsewhere)
  fs.symlinkSync(elsewhere, weights)
  const linked = await registry.add(folder)
  expect(linked.files.find(({ name }) => name === 'model.safetensors')).toEqual(files[2])
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

test('a model that cannot be opened is not added, and one that can says what it is', async () => {
  const [data, folder] = [temporaryFolder(), model()]
  const registry = new ModelRegistry(data)
  const added = await registry.add(folder)
  expect(added).toMatchObject({
    name: 'text',
    statedPrediction: null,
    summary: {
      layout: 'component',
      family: null,
      components: [{ role: 'text_encoder', architecture: 'clip-text', parameters: 89_088 }],
      dtypes: ['F32'],
      missing: [],
    },
  })
  editJson(path.join(folder, 'config.json'), (json) => {
    json['num_hidden_layers'] = 4
  })
  await expect(registry.add(folder)).rejects.toMatchObject({ code: 'model.incomplete' })
  expect(await registry.list()).toEqual([added])
})

test('what was stated of a model is kept when it is imported again, and a name has to be one', async () => {
  const registry = new ModelRegistry(temporaryFolder())
  const folder = path.join(temporaryFolder(), 'unet')
  fs.cpSync(path.join(golden, 'unet_sd2'), folder, { recursive: true })
  await registry.add(folder, 'v2', { predictionType: 'v_prediction' })
  const again = await registry.add(folder)
  expect(again).toMatchObject({
    name: 'v2',
    statedPrediction: 'v_prediction',
    summary: { predictionType: 'v_prediction' },
  })
  for (const name of ['', ' ', 'a\nb', 'x'.repeat(101)])
    await expect(registry.add(folder, name)).rejects.toMatchObject({ code: 'usage' })
  expect(await registry.list()).toEqual([again])
})

test('a list from before models were looked into is read', async () => {
  const data = temporaryFolder()
  const file = { name: '', bytes: 1, modified: 0, digest: '0'.repeat(64) }
  const models = [{ name: 'old', path: '/old.safetensors', files: [file] }]
  fs.writeFileSync(path.join(data, 'models.json'), JSON.stringify({ version: 1, models }))
  expect(await new ModelRegistry(data).list()).toMatchObject([{ name: 'old', summary: null }])
})

const CHILD = path.join(import.meta.dirname, '../support/registry-child.ts')

test('processes that add models at once lose none', async () => {
  const data = temporaryFolder()
  const children = Array.from({ length: 3 }, () => {
    const places = [model(), model(), model()]
    return { places, child: spawn(process.execPath, [CHILD, 'add', data, ...places], { stdio: 'inherit' }) }
  })
  const codes = await Promise.all(children.map(async ({ child }) => (await once(child, 'exit'))[0] as number))
  expect(codes).toEqual([0, 0, 0])
  const models = await new ModelRegistry(data).list()
  expect(models.map(({ path: place }) => place).sort()).toEqual(
    children.flatMap(({ places }) => places).sort(),
  )
  expect(new Set(models.map(({ name }) => name)).size).toBe(9)
  expect(namesIn(data)).toEqual(['models.json'])
})

test('a process that died while it changed the list keeps nobody out', async () => {
  const data = temporaryFolder()
  const child = spawn(process.execPath, [CHILD, 'hold', data], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  expect(namesIn(data)).toEqual(['models.json.lock'])
  child.kill('SIGKILL')
  await once(child, 'exit')
  const added = await Promise.all([model(), model()].map((place) => new ModelRegistry(data).add(place)))
  expect(await new ModelRegistry(data).list()).toHaveLength(added.length)
  expect(namesIn(data)).toEqual(['models.json'])
})
