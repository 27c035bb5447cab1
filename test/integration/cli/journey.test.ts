/** The main job on the command line, and law 2: outside the mask every byte stays. */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { inlay, SAMPLE, SAMPLE_MASK } from '../../support/inlay-command.ts'
import { namesIn, temporaryFolder } from '../../support/project-folder.ts'

async function rgb(file: string): Promise<Buffer> {
  return sharp(file).removeAlpha().toColourspace('srgb').raw().toBuffer()
}

async function gray(file: string): Promise<Buffer> {
  return sharp(file).toColourspace('b-w').raw().toBuffer()
}

test('a photograph loses what the mask covers, and nothing else', async () => {
  const out = path.join(temporaryFolder(), 'out.png')
  const { status, stdout, stderr } = await inlay('remove', SAMPLE, '--mask', SAMPLE_MASK, '-o', out, '--json')
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(JSON.parse(stdout)).toMatchObject({ output: out })
  const [before, after, mask] = await Promise.all([rgb(SAMPLE), rgb(out), gray(SAMPLE_MASK)])
  let changedOutside = 0
  let changedInside = 0
  let dark = 0
  for (let i = 0; i < mask.length; i++) {
    const same = [0, 1, 2].every((c) => before[3 * i + c] === after[3 * i + c])
    if (mask[i] === 0) changedOutside += same ? 0 : 1
    else {
      changedInside += same ? 0 : 1
      // The hikers wear black; the sand is never dark.
      if (after[3 * i]! < 60) dark++
    }
  }
  expect(changedOutside).toBe(0)
  expect(changedInside).toBeGreaterThan(1000)
  expect(dark).toBe(0)
})

test('a project gets one layer and one history entry, and exports the same picture as the photograph', async () => {
  const folder = temporaryFolder()
  const project = path.join(folder, 'hike "α".inlay')
  const direct = path.join(folder, 'direct.png')
  const exported = path.join(folder, 'exported.png')
  const options = ['--mask', SAMPLE_MASK, '--grow', '3', '--feather', '4', '--seed', '11']
  expect((await inlay('import', SAMPLE, '-o', project)).status).toBe(0)
  expect((await inlay('remove', project, ...options)).status).toBe(0)
  const history = JSON.parse((await inlay('history', project, '--json')).stdout)
  expect(history.map((entry: { label: string }) => entry.label)).toEqual(['Import', 'Remove'])
  expect(history[1]).toMatchObject({ head: true, undone: false, parent: history[0].id })
  const inspected = JSON.parse((await inlay('inspect', project, '--json')).stdout)
  expect(inspected.layers.map((layer: { mask: boolean }) => layer.mask)).toEqual([true, false])
  expect((await inlay('export', project, '-o', exported)).status).toBe(0)
  expect((await inlay('remove', SAMPLE, ...options, '-o', direct)).status).toBe(0)
  expect((await rgb(exported)).equals(await rgb(direct))).toBe(true)
  expect(JSON.parse((await inlay('verify', project, '--json')).stdout)).toMatchObject({
    ok: true,
    commands: 2,
  })
  expect(namesIn(folder)).toEqual(['direct.png', 'exported.png', 'hike "α".inlay'])
})

test('with -o a project stays as it is and the result goes elsewhere', async () => {
  const folder = temporaryFolder()
  const project = path.join(folder, 'a.inlay')
  const copy = path.join(folder, 'b.inlay')
  await inlay('import', SAMPLE, '-o', project)
  const before = readFileSync(project)
  expect((await inlay('remove', project, '--mask', SAMPLE_MASK, '-o', copy)).status).toBe(0)
  expect(readFileSync(project).equals(before)).toBe(true)
  expect(JSON.parse((await inlay('history', copy, '--json')).stdout)).toHaveLength(2)
  const compacted = JSON.parse((await inlay('compact', copy, '--json')).stdout)
  expect(compacted.after).toBeLessThanOrEqual(compacted.before)
  expect(JSON.parse((await inlay('verify', copy, '--json')).stdout).ok).toBe(true)
})

test('the same seed gives the same bytes, another seed another fill', async () => {
  const folder = temporaryFolder()
  const run = async (name: string, seed: string) => {
    const out = path.join(folder, name)
    await inlay('remove', SAMPLE, '--mask', SAMPLE_MASK, '--seed', seed, '-o', out)
    return rgb(out)
  }
  const [a, b, c] = [await run('a.png', '5'), await run('b.png', '5'), await run('c.png', '6')]
  expect(a.equals(b)).toBe(true)
  expect(a.equals(c)).toBe(false)
})

test('a damaged project is named so, and recovered', async () => {
  const folder = temporaryFolder()
  const project = path.join(folder, 'a.inlay')
  await inlay('import', SAMPLE, '-o', project)
  const damaged = path.join(folder, 'damaged.inlay')
  copyFileSync(project, damaged)
  const bytes = readFileSync(damaged)
  bytes.fill(0xa5, Math.floor(bytes.length * 0.6), Math.floor(bytes.length * 0.6) + 40_000)
  writeFileSync(damaged, bytes)
  const verdict = await inlay('verify', damaged, '--json')
  expect(verdict.status).toBe(4)
  const recovered = path.join(folder, 'recovered.inlay')
  expect((await inlay('recover', damaged, '-o', recovered)).status).toBe(0)
  expect(JSON.parse((await inlay('verify', recovered, '--json')).stdout).ok).toBe(true)
})

test('providers tells what ran a model, the processor at least', async () => {
  const { status, stdout } = await inlay('providers', '--json')
  expect(status).toBe(0)
  const reports = JSON.parse(stdout) as { name: string; available: boolean; detail: string }[]
  expect(reports.find((report) => report.name === 'cpu')).toMatchObject({ available: true })
  expect(reports.map((report) => report.name)).toEqual(
    expect.arrayContaining(['cpu', 'webgpu', 'cuda', 'dml']),
  )
  for (const { detail } of reports) expect(detail).toMatch(/\.$/)
})
