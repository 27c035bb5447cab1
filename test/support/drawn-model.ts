/** A folder with the built-in model in which the networks that are wanted have weights that a rule draws. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { componentDigest } from '../../src/main/engine/models/checkpoint/component-digest.ts'
import { drawnComponent } from './drawn-weights.ts'

export type DrawnNetwork = 'decoder' | 'denoiser'

const PARTS = { decoder: 'asymmetricDecoder', denoiser: 'denoiser' } as const

/**
 * Copies a model and gives it drawn networks, in place of its own of the same kind.
 * @param keep whether its other networks stay; else only the autoencoder does
 */
export async function drawnModel(
  from: string,
  folder: string,
  networks: readonly DrawnNetwork[],
  keep = false,
): Promise<string> {
  cpSync(from, folder, { recursive: true })
  const file = path.join(folder, 'manifest.json')
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as { parts: Record<string, unknown> }
  const { autoencoder } = manifest.parts
  if (!keep) manifest.parts = { autoencoder }
  for (const network of networks) {
    const place = `drawn-${network}`
    const component = await drawnComponent(network, path.join(folder, place))
    manifest.parts[PARTS[network]] = { path: place, digest: await componentDigest(component, folder) }
  }
  writeFileSync(file, JSON.stringify(manifest))
  return folder
}
