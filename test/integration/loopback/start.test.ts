import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** Runs `scripts/start.mjs` until it prints an address, then calls `then` and ends it. */
async function start(args: string[], signal: NodeJS.Signals, cwd = ROOT) {
  const data = await mkdtemp(path.join(os.tmpdir(), 'inlay-test-start-'))
  const child = spawn(
    process.execPath,
    [path.join(ROOT, 'scripts', 'start.mjs'), '--browser-only', '--data', data, ...args],
    {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, INIT_CWD: cwd, DISPLAY: '', WAYLAND_DISPLAY: '' },
    },
  )
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += chunk
  })
  child.stderr.on('data', (chunk) => {
    text += chunk
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  await expect.poll(() => /http:\S+|inlay: /.exec(text)?.[0], { timeout: 60_000 }).toBeTruthy()
  const url = /http:\S+/.exec(text)?.[0]
  if (url) child.kill(signal)
  const status = await ended
  await rm(data, { recursive: true, force: true })
  return { text, url, status }
}

it('builds the page in silence, prints the address and ends cleanly', async () => {
  const { text, url, status } = await start([], 'SIGTERM')
  expect(status).toBe(0)
  expect(text.replace(url ?? '', '…')).toBe('Inlay is at …\nCtrl+C ends it.\n')
  await expect(fetch(url ?? '')).rejects.toThrow()
})

it('counts a file name from where the person is', async () => {
  const photos = path.join(ROOT, 'test', 'fixtures', 'photos')
  expect(await start(['pink-house.jpg'], 'SIGTERM', photos)).toMatchObject({ status: 0 })
  const missing = await start(['no-such.jpg'], 'SIGTERM', photos)
  expect(missing).toMatchObject({
    status: 2,
    text: expect.stringContaining(path.join(photos, 'no-such.jpg')),
  })
})
