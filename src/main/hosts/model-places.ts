/** Where what the application brings for its models lies, from the one folder that a host is told. */
import path from 'node:path'
import type { HostConfig } from './host-types.ts'

/** Beside `assets`, in the repository as in the package. */
export function modelPlaces({ dataFolder, assetsFolder }: HostConfig) {
  return { dataFolder, builtInFolder: path.join(assetsFolder, '..', 'models', 'built-in') }
}

export function tokenizerFolder({ assetsFolder }: HostConfig): string {
  return path.join(assetsFolder, 'clip-tokenizer')
}
