/** Recognises the checkpoints named and graphs all their parts, in a process that has done nothing else; prints one line of JSON. */
import { readFileSync } from 'node:fs'
import {
  type Component,
  componentGraph,
  openCheckpoint,
  type Part,
} from '../../../src/main/engine/models/index.ts'

export interface InstantResult {
  readonly seconds: number
  readonly graphs: number
  /** Bytes of all graphs, and bytes written to anything meanwhile; NaN where the system does not tell. */
  readonly graphBytes: number
  readonly written: number
}

const PARTS: Readonly<Record<Component['architecture'], readonly Part[]>> = {
  unet: ['denoiser'],
  'clip-text': ['text'],
  autoencoder: ['encoder', 'decoder'],
  'asymmetric-autoencoder': ['encoder', 'conditioned-decoder'],
  'tiny-autoencoder': ['encoder', 'decoder'],
  'small-asymmetric-decoder': ['decoder', 'conditioned-decoder'],
  'latent-denoiser': ['denoiser'],
}

const before = writtenSoFar()
const start = performance.now()
const sizes: number[] = []
for (const place of process.argv.slice(2)) {
  const { components } = await openCheckpoint(place)
  for (const component of components)
    if (component.architecture !== 'onnx')
      for (const part of PARTS[component.architecture])
        sizes.push(componentGraph(component, part).bytes.length)
}
const result: InstantResult = {
  seconds: (performance.now() - start) / 1000,
  graphs: sizes.length,
  graphBytes: sizes.reduce((sum, size) => sum + size, 0),
  written: writtenSoFar() - before,
}
console.log(JSON.stringify(result))

function writtenSoFar(): number {
  try {
    return Number(/^wchar: (\d+)/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1])
  } catch {
    return Number.NaN
  }
}
