import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { childStarter } from '../../../src/main/hosts/child-starter.ts'
import { HostSupervisor } from '../../../src/main/hosts/host-supervisor.ts'
import { clientOf } from '../../../src/main/hosts/rpc.ts'
import type { inferenceContract } from '../../../src/shared/rpc/contract.ts'
import { GOLDEN, writeTinyPipeline } from '../../support/checkpoints.ts'

let folder: string
let supervisor: HostSupervisor
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'inlay-check-'))
  const starter = childStarter(new URL('../../../src/main/hosts/', import.meta.url))
  supervisor = new HostSupervisor({ starter, config: { dataFolder: folder, assetsFolder: '' } })
})
afterEach(async () => {
  await supervisor.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function check(place: string) {
  const client = clientOf<typeof inferenceContract>(await supervisor.connect('inference', 'inference'))
  return client.check({ path: place, provider: 'cpu' })
}

test('the inference host opens and runs every part of a checkpoint', async () => {
  const reports = await check(writeTinyPipeline(path.join(folder, 'tiny')))
  expect(reports.map(({ role, part }) => `${role} ${part}`).sort()).toEqual([
    'text_encoder text',
    'unet denoiser',
    'vae decoder',
    'vae encoder',
  ])
  for (const { load, run, memory } of reports) {
    expect(load).toBeGreaterThan(0)
    expect(run).toBeGreaterThan(0)
    expect(memory).toBeGreaterThan(10)
  }
})

test('a lone asymmetric autoencoder runs in its three parts', async () => {
  const reports = await check(path.join(GOLDEN, 'asym_x_1_5'))
  expect(reports.map(({ part }) => part)).toEqual(['encoder', 'decoder', 'conditioned-decoder'])
})

test('what is no model ends in one error that names it, and the host lives on', async () => {
  const file = path.join(folder, 'broken.safetensors')
  writeFileSync(file, 'nothing of the kind')
  await expect(check(file)).rejects.toMatchObject({
    code: 'model.unreadable',
    message: expect.stringContaining(file),
  })
  expect(await check(path.join(GOLDEN, 'tiny_vae'))).toHaveLength(2)
})
