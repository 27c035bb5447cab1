/** Opens the checkpoints it is given, builds every graph of theirs, and prints what that took as JSON. */
import fs from 'node:fs'
import type { Architecture } from '../../../src/main/engine/models/checkpoint/checkpoint.ts'
import { componentGraph, openCheckpoint, type Part } from '../../../src/main/engine/models/index.ts'

const PARTS: Readonly<Record<Architecture, readonly Part[]>> = {
  unet: ['denoiser'],
  'clip-text': ['text'],
  autoencoder: ['encoder', 'decoder'],
  'asymmetric-autoencoder': ['encoder', 'decoder', 'conditioned-decoder'],
  'tiny-autoencoder': ['encoder', 'decoder'],
  'small-asymmetric-decoder': ['decoder', 'conditioned-decoder'],
  'latent-denoiser': ['denoiser'],
}

/** Linux counts what a process writes; elsewhere nobody says. */
function written(): number | null {
  const io = fs.existsSync('/proc/self/io') ? fs.readFileSync('/proc/self/io', 'utf8') : ''
  const found = /^wchar: (\d+)$/m.exec(io)
  return found ? Number(found[1]) : null
}

const before = written()
const start = performance.now()
let graphBytes = 0
for (const place of process.argv.slice(2)) {
  const { components } = await openCheckpoint(place)
  for (const component of components)
    if (component.architecture !== 'onnx')
      for (const part of PARTS[component.architecture])
        graphBytes += componentGraph(component, part).bytes.length
}
const milliseconds = performance.now() - start
const after = written()
const writtenBytes = before === null || after === null ? null : after - before
process.stdout.write(JSON.stringify({ milliseconds, graphBytes, writtenBytes }))
