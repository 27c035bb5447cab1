/** Bad input: one clear error, the right exit status, nothing half-made. */
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { inlay, SAMPLE, SAMPLE_MASK } from '../../support/inlay-command.ts'
import { mountDisk } from '../../support/project-disks.ts'
import { namesIn, temporaryFolder } from '../../support/project-folder.ts'

/** One error: at most three lines, the code among them, nothing on stdout, nothing new in the folder. */
async function refuses(
  code: string,
  exit: number,
  args: readonly string[],
  folder?: string,
): Promise<string> {
  const before = folder ? namesIn(folder) : []
  const { status, stdout, stderr } = await inlay(...args)
  expect(stderr).toContain(`(${code})`)
  expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(3)
  expect({ status, stdout }).toEqual({ status: exit, stdout: '' })
  if (folder) expect(namesIn(folder)).toEqual(before)
  return stderr
}

/** A PNG header that promises 100,000 x 100,000 pixels and holds nothing. */
function bomb(): Buffer {
  const png = Buffer.alloc(33)
  Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex').copy(png)
  png.writeUInt32BE(100_000, 16)
  png.writeUInt32BE(100_000, 20)
  Buffer.from('0806000000', 'hex').copy(png, 24)
  return png
}

test('pictures that are none', async () => {
  const folder = temporaryFolder()
  const out = path.join(folder, 'out.png')
  const cases: [string, Buffer, string][] = [
    ['truncated.jpg', readFileSync(SAMPLE).subarray(0, 20_000), 'image.unreadable'],
    ['text.png', Buffer.from('this is no picture\n'), 'image.unreadable'],
    ['empty.jpg', Buffer.alloc(0), 'image.unreadable'],
    ['bomb.png', bomb(), 'image.too-large'],
  ]
  for (const [name, bytes, code] of cases) {
    const file = path.join(folder, name)
    writeFileSync(file, bytes)
    const text = await refuses(code, 3, ['remove', file, '--mask', SAMPLE_MASK, '-o', out], folder)
    expect(text).toContain(name)
    await refuses(code, 3, ['import', file, '-o', path.join(folder, 'x.inlay')], folder)
  }
})

test('masks that do not fit', async () => {
  const folder = temporaryFolder()
  const out = path.join(folder, 'out.png')
  const black = path.join(folder, 'black.png')
  const small = path.join(folder, 'small.png')
  const full = path.join(folder, 'full.png')
  const canvas = (width: number, height: number, background: string) =>
    sharp({ create: { width, height, channels: 3, background } }).png()
  await canvas(1280, 854, '#000').toFile(black)
  await canvas(640, 427, '#fff').toFile(small)
  await canvas(1280, 854, '#fff').toFile(full)
  const with_ = (mask: string) => ['remove', SAMPLE, '--mask', mask, '-o', out]
  await refuses('mask.empty', 3, with_(black), folder)
  expect(await refuses('mask.size', 3, with_(small), folder)).toContain('640 × 427')
  await refuses('fill.no-source', 3, with_(full), folder)
  await refuses('file.missing', 5, with_(path.join(folder, 'nope.png')), folder)
})

test('projects that are none, are newer, or are gone', async () => {
  const folder = temporaryFolder()
  const foreign = path.join(folder, 'foreign.inlay')
  new Database(foreign).exec('create table t (a)').close()
  const text = path.join(folder, 'text.inlay')
  writeFileSync(text, 'not a database')
  const newer = path.join(folder, 'newer.inlay')
  await inlay('import', SAMPLE, '-o', newer)
  const db = new Database(newer)
  db.pragma('user_version = 999')
  db.close()
  for (const verb of [['inspect'], ['verify'], ['history'], ['compact']]) {
    await refuses('project.foreign', 4, [...verb, foreign], folder)
    await refuses('project.foreign', 4, [...verb, text], folder)
    await refuses('project.newer', 4, [...verb, newer], folder)
    await refuses('file.missing', 5, [...verb, path.join(folder, 'gone.inlay')], folder)
  }
})

test('options that make no sense', async () => {
  const folder = temporaryFolder()
  const remove = ['remove', SAMPLE, '--mask', SAMPLE_MASK]
  await refuses('usage', 2, remove)
  await refuses('usage', 2, [...remove, '--grow', '-1', '-o', path.join(folder, 'a.png')], folder)
  await refuses('usage', 2, [...remove, '--seed', '1.5', '-o', path.join(folder, 'a.png')], folder)
  await refuses('usage', 2, [...remove, '--feather', '', '-o', path.join(folder, 'a.png')], folder)
  await refuses('image.unsupported', 3, [...remove, '-o', path.join(folder, 'a.psd')], folder)
  for (const args of [['bogus'], ['remove'], ['remove', SAMPLE], ['import', SAMPLE], [...remove, '--nope']]) {
    const { status, stdout, stderr } = await inlay(...args)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(3)
  }
})

test('with --json an error is one JSON object on stderr', async () => {
  const { status, stdout, stderr } = await inlay('inspect', 'gone.inlay', '--json')
  expect({ status, stdout }).toEqual({ status: 5, stdout: '' })
  expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'file.missing' } })
})

test('places that cannot be written: a missing folder, a folder, a read-only folder', async () => {
  const folder = temporaryFolder()
  const remove = ['remove', SAMPLE, '--mask', SAMPLE_MASK, '-o']
  await refuses('file.missing', 5, [...remove, path.join(folder, 'no', 'out.png')], folder)
  mkdirSync(path.join(folder, 'there.png'))
  await refuses('file.denied', 5, [...remove, path.join(folder, 'there.png')], folder)
  const disk = mountDisk(8_000_000)
  if (disk) {
    try {
      disk.readOnly(true)
      await refuses('file.denied', 5, [...remove, path.join(disk.folder, 'out.png')], disk.folder)
    } finally {
      disk.remove()
    }
  } else {
    const closed = path.join(folder, 'closed')
    mkdirSync(closed, { mode: 0o500 })
    await refuses('file.denied', 5, [...remove, path.join(closed, 'out.png')], folder)
    chmodSync(closed, 0o700)
  }
})

test('a full disk keeps what was there', async () => {
  const disk = mountDisk(256 * 1024)
  if (!disk) {
    // Without the right to mount, the kernel's own full device says the same.
    const { status, stderr } = await inlay('export', SAMPLE, '-o', '/dev/full')
    expect({ status, failed: stderr.length > 0 }).toMatchObject({ failed: true })
    return
  }
  try {
    const out = path.join(disk.folder, 'out.png')
    copyFileSync(SAMPLE_MASK, out)
    await refuses('disk.full', 5, ['remove', SAMPLE, '--mask', SAMPLE_MASK, '-o', out], disk.folder)
    expect(readFileSync(out).equals(readFileSync(SAMPLE_MASK))).toBe(true)
    await refuses('disk.full', 5, ['import', SAMPLE, '-o', path.join(disk.folder, 'a.inlay')], disk.folder)
  } finally {
    disk.remove()
  }
})

test('a project that another process has open is read but not changed', async () => {
  const folder = temporaryFolder()
  const project = path.join(folder, 'a.inlay')
  await inlay('import', SAMPLE, '-o', project)
  const { ProjectSession } = await import('../../../src/main/engine/index.ts')
  const session = ProjectSession.open(project)
  try {
    expect((await inlay('inspect', project)).status).toBe(0)
    await refuses('project.read-only', 4, ['remove', project, '--mask', SAMPLE_MASK])
    await refuses('project.read-only', 4, ['compact', project])
  } finally {
    session.close()
  }
  expect((await inlay('remove', project, '--mask', SAMPLE_MASK)).status).toBe(0)
})

test('Node 20 is told what to do instead of crashing', () => {
  const check = path.resolve('scripts/node-version.mjs')
  const code = `Object.defineProperty(process.versions,'node',{value:'20.20.2'});await import(${JSON.stringify(check)});console.log('went on')`
  let failure: { status: number; stderr: string } | undefined
  try {
    execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    failure = error as { status: number; stderr: string }
  }
  expect(failure?.status).toBe(1)
  expect(failure?.stderr).toContain('22.12')
})
