/** Batches that are run again, changed, killed and split; with fills that need no model. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
import { beforeAll, expect, test } from 'vitest'
import { inlay, repository } from '../../support/inlay-command.ts'
import { namesIn, temporaryFolder } from '../../support/project-folder.ts'

let photo: Buffer
let mask: Buffer

beforeAll(async () => {
  const [width, height] = [160, 120]
  const raw = (value: (x: number, y: number, c: number) => number, channels: 1 | 3) =>
    sharp(
      Uint8Array.from({ length: width * height * channels }, (_, i) => {
        const at = Math.floor(i / channels)
        return value(at % width, Math.floor(at / width), i % channels)
      }),
      { raw: { width, height, channels } },
    )
      .png()
      .toBuffer()
  photo = await raw((x, y, c) => 128 + 100 * Math.sin(x / 7 + c) * Math.cos(y / 9), 3)
  mask = await raw((x, y) => (x > 60 && x < 90 && y > 40 && y < 70 ? 255 : 0), 1)
})

/** A folder `in` of pictures with masks beside them. */
function folderOf(names: readonly string[]): string {
  const folder = temporaryFolder()
  mkdirSync(path.join(folder, 'in'))
  for (const name of names) {
    writeFileSync(path.join(folder, 'in', `${name}.png`), photo)
    writeFileSync(path.join(folder, 'in', `${name}-mask.png`), mask)
  }
  return folder
}

function removal(folder: string, ...more: readonly string[]) {
  const places = [path.join(folder, 'in'), '-o', path.join(folder, 'out')]
  return inlay('batch', ...places, '--command', 'remove', '--json', ...more)
}

interface Report {
  readonly done: number
  readonly skipped: number
  readonly failed: number
  readonly items: readonly { name: string; output: string; state: string; error: { code: string } | null }[]
}

const counts = (stdout: string) => {
  const { done, skipped, failed } = JSON.parse(stdout) as Report
  return [done, skipped, failed]
}

function fingerprint(file: string): string {
  return `${createHash('sha256').update(readFileSync(file)).digest('hex')} ${statSync(file).ino}`
}

test('run again it skips, and does again what was changed or is gone', async () => {
  const folder = folderOf(['a', 'b', 'c'])
  const out = (name: string) => path.join(folder, 'out', name)
  expect(counts((await removal(folder)).stdout)).toEqual([3, 0, 0])
  expect(namesIn(path.join(folder, 'out'))).toEqual(
    ['a', 'b', 'c'].flatMap((name) => [`${name}.png`, `${name}.png.inlay.json`]),
  )
  const before = ['a.png', 'b.png', 'c.png'].map((name) => fingerprint(out(name)))
  expect(counts((await removal(folder)).stdout)).toEqual([0, 3, 0])
  expect(['a.png', 'b.png', 'c.png'].map((name) => fingerprint(out(name)))).toEqual(before)

  // Another picture, a result that is gone, a result that was spoilt.
  writeFileSync(path.join(folder, 'in', 'a.png'), await sharp(photo).negate().png().toBuffer())
  rmSync(out('b.png'))
  writeFileSync(out('c.png'), readFileSync(out('c.png')).subarray(0, 100))
  expect(counts((await removal(folder)).stdout)).toEqual([3, 0, 0])
  expect(fingerprint(out('b.png')).split(' ')[0]).toBe(before[1]!.split(' ')[0])
  expect(fingerprint(out('a.png')).split(' ')[0]).not.toBe(before[0]!.split(' ')[0])

  expect(counts((await removal(folder, '--seed', '4')).stdout)).toEqual([3, 0, 0])
  expect(counts((await removal(folder, '--seed', '4')).stdout)).toEqual([0, 3, 0])
  writeFileSync(path.join(folder, 'in', 'b-mask.png'), await sharp(mask).blur(4).png().toBuffer())
  expect(counts((await removal(folder, '--seed', '4')).stdout)).toEqual([1, 2, 0])
  // A record that is damaged proves nothing.
  writeFileSync(out('b.png.inlay.json'), '{"version": 1, "request"')
  expect(counts((await removal(folder, '--seed', '4')).stdout)).toEqual([1, 2, 0])
})

test('a failed job is told and counted, and stops no other', async () => {
  const folder = folderOf(['a', 'b', 'c', 'd'])
  writeFileSync(path.join(folder, 'in', 'a.png'), 'no picture')
  writeFileSync(path.join(folder, 'in', 'b-mask.png'), await sharp(mask).resize(80, 60).png().toBuffer())
  rmSync(path.join(folder, 'in', 'd-mask.png'))
  const { status, stdout, stderr } = await removal(folder)
  expect(status).toBe(103)
  expect(stderr).toBe('')
  const { items } = JSON.parse(stdout) as Report
  expect(items.map(({ name, state, error }) => [name, state, error?.code])).toEqual([
    ['a.png', 'failed', 'image.unreadable'],
    ['b.png', 'failed', 'mask.size'],
    ['c.png', 'done', undefined],
    ['d.png', 'failed', 'file.missing'],
  ])
  expect(namesIn(path.join(folder, 'out'))).toEqual(['c.png', 'c.png.inlay.json'])
})

test('killed midway it leaves no half file, and finishes when run again', async () => {
  const names = Array.from({ length: 8 }, (_, i) => `p${i}`)
  const folder = folderOf(names)
  const entry = path.join(repository, 'src/main/cli/inlay.mjs')
  const args = ['batch', path.join(folder, 'in'), '-o', path.join(folder, 'out'), '--command', 'remove']
  for (const after of [1, 3]) {
    const child = spawn(process.execPath, [entry, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
    let told = ''
    let done = 0
    for await (const chunk of child.stderr.setEncoding('utf8')) {
      told += chunk
      if (told.split(' → ').length > after) child.kill('SIGKILL')
    }
    for (const name of namesIn(path.join(folder, 'out')).filter((one) => /^[^.].*\.png$/.test(one))) {
      const { data } = await sharp(path.join(folder, 'out', name))
        .raw()
        .toBuffer({ resolveWithObject: true })
      expect(data).toHaveLength(160 * 120 * 3)
      done++
    }
    expect(done).toBeGreaterThanOrEqual(after)
  }
  const { status, stdout } = await removal(folder)
  expect(status).toBe(0)
  const [done = 0, skipped = 0, failed] = counts(stdout)
  expect({ all: done + skipped, failed }).toEqual({ all: 8, failed: 0 })
  expect(skipped).toBeGreaterThanOrEqual(3)
  const sums = names.map((name) => fingerprint(path.join(folder, 'out', `${name}.png`)).split(' ')[0])
  expect(new Set(sums).size).toBe(1)
})

test('a cancelled batch keeps what is done, says so by its status, and goes on later', async () => {
  const folder = folderOf(['a', 'b', 'c', 'z'])
  // The last one takes long enough to be met.
  for (const [name, small] of [
    ['z.png', photo],
    ['z-mask.png', mask],
  ] as const)
    writeFileSync(path.join(folder, 'in', name), await sharp(small).resize(1920, 1440).png().toBuffer())
  const entry = path.join(repository, 'src/main/cli/inlay.mjs')
  const args = ['batch', path.join(folder, 'in'), '-o', path.join(folder, 'out'), '--command', 'remove']
  const child = spawn(process.execPath, [entry, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  let told = ''
  for await (const chunk of child.stderr.setEncoding('utf8')) {
    told += chunk
    // What a cluster's scheduler sends before it kills.
    if (!child.killed && told.includes(' → ')) child.kill('SIGTERM')
  }
  expect(await ended).toBe(6)
  const done = namesIn(path.join(folder, 'out')).filter((name) => name.endsWith('.png'))
  expect(namesIn(path.join(folder, 'out'))).toEqual(done.flatMap((name) => [name, `${name}.inlay.json`]))
  expect(done.length).toBeLessThan(4)
  expect(counts((await removal(folder)).stdout)).toEqual([4 - done.length, done.length, 0])
})

test('shards together do each job once', async () => {
  const folder = folderOf(['a', 'b', 'c', 'd', 'e'])
  const shards = await Promise.all(['1/3', '2/3', '3/3'].map((shard) => removal(folder, '--shard', shard)))
  expect(shards.map(({ stdout }) => counts(stdout))).toEqual([
    [2, 0, 0],
    [2, 0, 0],
    [1, 0, 0],
  ])
  expect(counts((await removal(folder)).stdout)).toEqual([0, 5, 0])
})

test('names that are hard on shells and tables', async () => {
  const names = ['-rf', 'a "b", c', 'пляж', "it's; $(true) `x`", '%s %d', '  spaces  ', 'line\nend']
  const folder = folderOf(names)
  expect((await removal(folder)).status).toBe(0)
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
  const table = path.join(folder, 'jobs.csv')
  const rows = names.map((name) =>
    ['remove', `in/${name}.png`, `in/${name}-mask.png`, `out2/${name}.jpg`].map(quoted).join(','),
  )
  writeFileSync(table, ['command,input,mask,output', ...rows].join('\r\n'))
  mkdirSync(path.join(folder, 'out2'))
  const { status, stderr } = await inlay('batch', table, '--quality', '90')
  expect({ status, lines: stderr.trimEnd().split('\n').length }).toEqual({ status: 0, lines: names.length })
  for (const name of names) expect(namesIn(path.join(folder, 'out2')), name).toContain(`${name}.jpg`)
  expect((await inlay('batch', table, '--quality', '90', '--json')).stdout).toContain('"skipped": 7')
})

test('what is wrong with the batch itself is one error before any work', async () => {
  const folder = folderOf(['a'])
  const bad = path.join(folder, 'bad.csv')
  writeFileSync(bad, 'input,mask\n"a.png,b.png\n')
  const cases: [string, number, readonly string[]][] = [
    ['file.missing', 5, [path.join(folder, 'nope')]],
    ['usage', 2, [bad, '-o', path.join(folder, 'out')]],
    ['usage', 2, [path.join(folder, 'in')]],
    ['usage', 2, [path.join(folder, 'in'), '-o', path.join(folder, 'out'), '--shard', '4/3']],
    ['usage', 2, [path.join(folder, 'in'), '-o', path.join(folder, 'in', '.')]],
    ['file.denied', 5, [path.join(folder, 'in'), '-o', path.join(bad, 'out')]],
  ]
  for (const [code, exit, args] of cases) {
    const { status, stdout, stderr } = await inlay('batch', ...args)
    expect(stderr).toContain(`(${code})`)
    expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(3)
    expect({ status, stdout }).toEqual({ status: exit, stdout: '' })
  }
  expect(namesIn(folder)).toEqual(['bad.csv', 'in'])
})
