/** Tiny models that are real: the fixtures that graphs are held against, as a person or a hub would have them. */
import { cpSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const components = fileURLToPath(new URL('../fixtures/golden/components/', import.meta.url))

/** The asymmetric autoencoder as its makers publish it: a configuration and weights. */
export const ASYMMETRIC = path.join(components, 'asym_x_1_5')
/** An inpainting checkpoint in one file. */
export const SINGLE_FILE = path.join(components, 'checkpoints', 'sd1_inpaint', 'model.safetensors')

/** A Stable Diffusion 2 in one file, which does not say what it predicts. */
export const SINGLE_FILE_2 = path.join(components, 'checkpoints', 'sd2', 'model.safetensors')

/** A copy of the asymmetric autoencoder to import, without what belongs to the tests. */
export function copyOfAsymmetric(folder: string): string {
  const place = path.join(folder, 'asymmetric-autoencoder')
  for (const name of Object.keys(asymmetricFiles()))
    cpSync(path.join(ASYMMETRIC, name), path.join(place, name))
  return place
}

/** Its files by name, for a hub to offer. */
export function asymmetricFiles(): Record<string, Buffer> {
  return Object.fromEntries(
    ['config.json', 'diffusion_pytorch_model.safetensors'].map((name) => [
      name,
      readFileSync(path.join(ASYMMETRIC, name)),
    ]),
  )
}
