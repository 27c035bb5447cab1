/** The pure parts of a download by name: paths, choice of files, licences, waiting, settings. */
import fs from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { retryAfter } from '../../../src/main/engine/models/download/retry-after.ts'
import { hubAccess, hubSettings, saveHubSettings } from '../../../src/main/engine/models/hub/access.ts'
import { chooseFiles } from '../../../src/main/engine/models/hub/choice.ts'
import { frontMatterOf, termsOf } from '../../../src/main/engine/models/hub/licence.ts'
import { collisionOf, faultOfPath } from '../../../src/main/engine/models/hub/paths.ts'
import { HubRequest } from '../../../src/shared/model-download.ts'
import { temporaryFolder } from '../../support/project-folder.ts'

const SEED = Math.floor(Math.random() * 2 ** 31)

describe('paths', () => {
  test('of real models pass', () => {
    for (const name of [
      'model_index.json',
      'unet/diffusion_pytorch_model.fp16-00001-of-00002.safetensors',
      'v1-5 (pruned).safetensors',
    ])
      expect(faultOfPath(name), name).toBeNull()
  })

  test(`that pass never lead out of their folder (seed ${SEED})`, () => {
    const part = fc.oneof(
      fc.constantFrom('..', '.', '', 'aux', 'a', 'C:', '\\', '..\\x', 'x.part', '\u0000'),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
        const name = parts.join('/')
        if (faultOfPath(name) !== null) return
        for (const system of [path.posix, path.win32]) {
          const root = system.resolve('/data/models/m')
          const full = system.resolve(root, name)
          expect(full.startsWith(root + system.sep)).toBe(true)
          expect(system.relative(root, full).split(system.sep).join('/')).toBe(name)
        }
      }),
      { seed: SEED, numRuns: 5_000 },
    )
  })

  test('that are one file on some disk are found', () => {
    expect(collisionOf(['a/b.json', 'a/c.json', 'A/B.json'])).toBe('A/B.json')
    expect(collisionOf(['caf\u00e9.json', 'cafe\u0301.json'])).toBe('cafe\u0301.json')
    expect(collisionOf(['unet', 'UNET/config.json'])).toBe('UNET/config.json')
    expect(collisionOf(['a/b.json', 'b/a.json'])).toBeNull()
  })
})

describe('choice', () => {
  const request = { repo: 'a/b', revision: null, variant: null, file: null } as const
  const choose = (names: readonly string[], change: Partial<HubRequest> = {}) =>
    chooseFiles(
      names.map((name) => ({ path: name, size: 10, sha256: null, gitDigest: null })),
      { ...request, ...change },
    )
      .entries.map((entry) => entry.path)
      .sort()

  test('takes all shards of one set, with their index', () => {
    const names = [
      'config.json',
      'diffusion_pytorch_model-00001-of-00002.safetensors',
      'diffusion_pytorch_model-00002-of-00002.safetensors',
      'diffusion_pytorch_model.safetensors.index.json',
      'diffusion_pytorch_model.fp16-00001-of-00002.safetensors',
      'diffusion_pytorch_model.fp16.safetensors',
      'diffusion_pytorch_model.non_ema.safetensors',
    ]
    expect(choose(names)).toEqual([names[0], names[1], names[2], names[3]])
    expect(choose(names, { variant: 'fp16' })).toEqual([names[0], names[5]])
    const old = ['config.json', 'model-00001-of-00001.fp16.safetensors', 'model.safetensors.index.fp16.json']
    expect(choose(old)).toEqual(old)
  })

  test('takes an ONNX folder where that is all there is, with its weights beside the graph', () => {
    const onnx = [
      'model_index.json',
      'unet/config.json',
      'unet/model.onnx',
      'unet/model.onnx_data',
      'vae_decoder/model.onnx',
      'vae_encoder/model.onnx',
    ]
    expect(
      choose([...onnx, 'tokenizer/vocab.json', 'tokenizer/tokenizer.json', 'safety_checker/model.onnx']),
    ).toEqual(['model_index.json', 'tokenizer/vocab.json', ...onnx.slice(1)])
    expect(choose([...onnx, 'unet/diffusion_pytorch_model.safetensors'])).toEqual([
      'model_index.json',
      'unet/config.json',
      'unet/diffusion_pytorch_model.safetensors',
    ])
  })

  test('takes the only single file, and by its precision where two differ in that', () => {
    expect(choose(['v1.safetensors', 'v1.ckpt', 'LICENSE'])).toEqual(['LICENSE', 'v1.safetensors'])
    expect(choose(['v1.safetensors', 'v1-fp16.safetensors'], { variant: 'fp16' })).toEqual([
      'v1-fp16.safetensors',
    ])
    expect(() => choose(['v1.safetensors', 'v1-fp16.safetensors'])).toThrow(
      expect.objectContaining({ code: 'usage' }),
    )
    expect(() => choose(['v1.ckpt'])).toThrow(expect.objectContaining({ code: 'model.unsupported' }))
    expect(() => choose(['notes.txt'])).toThrow(expect.objectContaining({ code: 'model.incomplete' }))
    expect(() => choose(['v1.ckpt'], { file: 'v1.ckpt' })).toThrow(
      expect.objectContaining({ code: 'model.unsupported' }),
    )
  })
})

test('requests name one model and nothing else', () => {
  for (const repo of ['stabilityai/stable-diffusion-2-inpainting', 'a_b/c.d-e'])
    expect(
      HubRequest.safeParse({ repo, revision: 'refs/pr/1', variant: 'fp16', file: null }).success,
      repo,
    ).toBe(true)
  for (const repo of ['one', 'a/b/c', '../b', 'a/..', 'a/b?x', 'http://a/b', 'a /b', ''])
    expect(HubRequest.safeParse({ repo, revision: null, variant: null, file: null }).success, repo).toBe(
      false,
    )
  for (const revision of ['../x', '-x', 'a b', ''])
    expect(HubRequest.safeParse({ repo: 'a/b', revision, variant: null, file: null }).success, revision).toBe(
      false,
    )
})

test('a licence is what the card states', () => {
  const page = 'https://hub.example/a/b/blob/main'
  expect(termsOf(frontMatterOf('---\r\nlicense: "mit"\r\n---\r\nlicense: gpl'), page)).toEqual({
    id: 'mit',
    name: null,
    link: null,
  })
  expect(termsOf(frontMatterOf('license: mit'), page)).toEqual({ id: null, name: null, link: null })
  expect(termsOf({ license: ['mit', 'apache-2.0'], license_link: 'javascript:alert(1)' }, page)).toEqual({
    id: 'mit, apache-2.0',
    name: null,
    link: null,
  })
  expect(termsOf({ license: 7, license_name: 'x\u001b[31m', license_link: '../LICENSE' }, page)).toEqual({
    id: null,
    name: 'x [31m',
    link: 'https://hub.example/a/b/blob/LICENSE',
  })
})

test('a server may say how long to wait in seconds or by a date', () => {
  const asked = (value: string) => retryAfter(new Headers({ 'retry-after': value }), Date.UTC(2026, 0, 1))
  expect(asked('3')).toBe(3_000)
  expect(asked('Thu, 01 Jan 2026 00:00:30 GMT')).toBe(30_000)
  expect(asked('Wed, 31 Dec 2025 00:00:30 GMT')).toBe(0)
  expect(asked('soon')).toBeNull()
  expect(retryAfter(new Headers())).toBeNull()
})

describe('settings', () => {
  const VARIABLES = ['INLAY_HUB', 'INLAY_HUB_TOKEN', 'HF_TOKEN', 'INLAY_OFFLINE'] as const
  afterEach(() => {
    for (const name of VARIABLES) delete process.env[name]
  })

  test('come from the environment before the file, and say no token', async () => {
    const data = temporaryFolder()
    for (const name of VARIABLES) delete process.env[name]
    expect(await hubSettings(data)).toEqual({
      address: 'https://huggingface.co',
      offline: false,
      offlineFixed: false,
      token: 'none',
    })
    await saveHubSettings(data, { token: 'kept', offline: true })
    expect(await hubAccess(data)).toMatchObject({ token: 'kept', offline: true })
    expect(JSON.stringify(await hubSettings(data))).not.toContain('kept')
    if (process.platform !== 'win32') expect(fs.statSync(path.join(data, 'hub.json')).mode & 0o077).toBe(0)
    Object.assign(process.env, { HF_TOKEN: 'theirs', INLAY_OFFLINE: '1', INLAY_HUB: 'http://127.0.0.1:1/' })
    await saveHubSettings(data, { offline: false })
    expect(await hubAccess(data)).toEqual({ address: 'http://127.0.0.1:1', token: 'theirs', offline: true })
    expect(await hubSettings(data)).toMatchObject({ offlineFixed: true, token: 'environment' })
    process.env['INLAY_HUB_TOKEN'] = 'ours'
    expect((await hubAccess(data)).token).toBe('ours')
    for (const name of VARIABLES) delete process.env[name]
    await saveHubSettings(data, { token: null })
    expect(await hubAccess(data)).toMatchObject({ token: null, offline: false })
  })

  test('that are damaged read as none, and nonsense is refused', async () => {
    const data = temporaryFolder()
    fs.writeFileSync(path.join(data, 'hub.json'), '{"token": 3')
    expect((await hubAccess(data)).token).toBeNull()
    await expect(saveHubSettings(data, { token: 'a\nb' })).rejects.toMatchObject({ code: 'usage' })
    Object.assign(process.env, { INLAY_HUB: 'http://mirror.example', HF_TOKEN: 'theirs' })
    await expect(hubAccess(data)).rejects.toMatchObject({ code: 'usage' })
    delete process.env['HF_TOKEN']
    expect((await hubAccess(data)).address).toBe('http://mirror.example')
    process.env['INLAY_HUB'] = 'ftp://x'
    await expect(hubAccess(data)).rejects.toMatchObject({ code: 'usage' })
  })
})
