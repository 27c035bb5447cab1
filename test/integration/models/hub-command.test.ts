/** `inlay models get` as scripts and people use it, against a hub on this machine. */
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { HubServer, send } from '../../support/hub-server.ts'
import { type Outcome, repository } from '../../support/inlay-command.ts'
import { namesIn, temporaryFolder } from '../../support/project-folder.ts'
import { asymmetricFiles } from '../../support/tiny-models.ts'

const REPO = 'cross/asymmetric-autoencoder-kl-x-1-5'
const FILES: Readonly<Record<string, Buffer | string>> = {
  ...asymmetricFiles(),
  'README.md': '---\nlicense: mit\n---\n',
  'diffusion_pytorch_model.bin': 'pickle',
}
const AGREED = ['--accept-licence', '--yes']

let hub: HubServer
let data: string
beforeEach(async () => {
  hub = await HubServer.start()
  hub.add(REPO, FILES)
  data = temporaryFolder()
})
afterEach(() => hub.stop())

interface Running extends Promise<Outcome> {
  interrupt(): void
}

function models(args: readonly string[], environment: Record<string, string> = {}): Running {
  const child = spawn(
    process.execPath,
    [path.join(repository, 'src/main/cli/inlay.mjs'), 'models', ...args],
    {
      env: { ...process.env, INLAY_DATA: data, INLAY_HUB: hub.address, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const text = async (stream: NodeJS.ReadableStream) => {
    let all = ''
    for await (const chunk of stream.setEncoding('utf8')) all += chunk
    return all
  }
  const outcome = Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ]).then(([stdout, stderr, status]) => ({ stdout, stderr, status }))
  return Object.assign(outcome, { interrupt: () => void child.kill('SIGINT') })
}

const bytes =
  Object.values(FILES).reduce((sum, file) => sum + Buffer.from(file as string).length, 0) - 'pickle'.length

test('shows the exact bytes and the licence, and fetches nothing before both are agreed to', async () => {
  const shown = await models(['get', REPO])
  expect(shown.status).toBe(2)
  expect(shown.stdout).toContain(`${bytes} bytes`)
  expect(shown.stdout).toContain('Licence: mit')
  expect(shown.stderr).toContain('--accept-licence --yes')
  for (const half of AGREED) expect((await models(['get', REPO, half])).status).toBe(2)
  const dry = await models(['get', `https://hub.example/${REPO}/tree/main`, '--dry-run', '--json'])
  expect(JSON.parse(dry.stdout)).toMatchObject({
    bytes,
    have: 0,
    licence: { id: 'mit' },
    request: { repo: REPO },
  })
  expect(hub.fetched().filter((name) => name !== 'README.md')).toEqual([])
  expect(namesIn(data)).toEqual([])
})

test('fetches, recognises and lists the model, with a token that is never shown', async () => {
  const got = await models(['get', REPO, ...AGREED, '--json'], { HF_TOKEN: 'hf_secret' })
  expect(got.stderr).toBe('')
  const folder = path.join(data, 'models', 'asymmetric-autoencoder-kl-x-1-5')
  expect(JSON.parse(got.stdout)).toMatchObject({
    name: 'asymmetric-autoencoder-kl-x-1-5',
    path: folder,
    summary: { components: [{ architecture: 'asymmetric-autoencoder' }], licence: 'mit' },
  })
  expect(namesIn(folder).filter((name) => !name.startsWith('.'))).toEqual([
    'README.md',
    'config.json',
    'diffusion_pytorch_model.safetensors',
  ])
  expect(
    hub.asked.filter(({ server, token }) => (token === 'Bearer hf_secret') !== (server === 'hub')),
  ).toEqual([])
  const listed = await models(['list', '--json'])
  expect(JSON.parse(listed.stdout)).toHaveLength(1)
  const again = await models(['get', REPO, ...AGREED])
  expect(again.status).toBe(0)
  expect(JSON.parse((await models(['list', '--json'])).stdout)).toHaveLength(1)
})

test('Ctrl+C keeps what has arrived, and so does being killed; the same command goes on', async () => {
  const weights = FILES['diffusion_pytorch_model.safetensors'] as Buffer
  const half = weights.length >> 1
  const begun = () =>
    new Promise<void>((resolve) => {
      hub.fault = ({ server, range }, response) => {
        if (server !== 'store') return false
        const from = Number(/\d+/.exec(range ?? '')?.[0] ?? 0)
        response.writeHead(from > 0 ? 206 : 200, {
          etag: '"one"',
          'content-length': weights.length - from,
          ...(from > 0 ? { 'content-range': `bytes ${from}-${weights.length - 1}/${weights.length}` } : {}),
        })
        response.write(weights.subarray(from, half), () => resolve())
        return true
      }
    })
  const part = async (least: number): Promise<void> => {
    await expect
      .poll(
        () =>
          fs
            .readdirSync(data, { recursive: true, withFileTypes: true })
            .filter((entry) => entry.name.endsWith('.part'))
            .map((entry) => fs.statSync(path.join(entry.parentPath, entry.name)).size)[0] ?? 0,
        { timeout: 20_000 },
      )
      .toBeGreaterThanOrEqual(least)
  }
  const first = begun()
  const stopped = models(['get', REPO, ...AGREED])
  await first
  await part(half)
  stopped.interrupt()
  expect(await stopped).toMatchObject({ status: 6, stderr: expect.stringContaining('kept') })

  const second = spawn(
    process.execPath,
    [path.join(repository, 'src/main/cli/main.ts'), 'models', 'get', REPO, ...AGREED],
    {
      env: { ...process.env, INLAY_DATA: data, INLAY_HUB: hub.address },
      stdio: 'ignore',
    },
  )
  const asked = hub.asked.length
  await expect
    .poll(() => hub.asked.slice(asked).some(({ server }) => server === 'store'), { timeout: 20_000 })
    .toBe(true)
  const ended = new Promise((resolve) => second.once('close', resolve))
  second.kill('SIGKILL')
  await ended

  hub.fault = ({ server }, response, request) => {
    if (server !== 'store') return false
    send(request, response, weights)
    return true
  }
  hub.asked.length = 0
  expect(await models(['get', REPO, ...AGREED])).toMatchObject({ status: 0 })
  expect(hub.asked.filter(({ server }) => server === 'store').map(({ range }) => range)).toEqual([
    `bytes=${half}-`,
  ])
  const [model] = JSON.parse((await models(['list', '--json'])).stdout)
  expect(fs.readFileSync(path.join(model.path, 'diffusion_pytorch_model.safetensors')).equals(weights)).toBe(
    true,
  )
})

test('in the offline mode says so and asks nobody; names and options that make no sense are usage', async () => {
  for (const offline of [models(['get', REPO, '--offline']), models(['get', REPO], { INLAY_OFFLINE: '1' })])
    expect(await offline).toMatchObject({ status: 5, stderr: expect.stringContaining('network.offline') })
  for (const args of [['nobody'], [REPO, '--variant', 'fp8'], [REPO, '--revision', '../x']])
    expect(await models(['get', ...args]), args.join(' ')).toMatchObject({ status: 2 })
  expect(hub.asked).toEqual([])
  expect(await models(['get', 'no/body'])).toMatchObject({
    status: 5,
    stderr: expect.stringContaining('download.refused'),
  })
})
