/**
 * Compiles the fill's AssemblyScript kernel and writes it, as base64, beside its source.
 * Run after changing kernel.ts: `npx node scripts/build-kernel.ts`. A test checks that the committed bytes are these.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const FOLDER = fileURLToPath(new URL('../src/main/engine/imaging/patch-fill/', import.meta.url))

/** Compiles `kernel.ts`; the same compiler version gives the same bytes. @throws Error with the compiler's messages */
export async function compileKernel(): Promise<Uint8Array> {
  const outputs = new Map<string, string | Uint8Array>()
  const { error, stderr } = await asc.main(
    // Settings that the source relies on: no runtime and no data segments, so one module serves any number of threads.
    [
      'kernel.ts',
      '--baseDir',
      FOLDER,
      '--outFile',
      'kernel.wasm',
      '-O3',
      '--noAssert',
      '--runtime',
      'stub',
      '--importMemory',
      '--sharedMemory',
      '--initialMemory',
      '1',
      '--maximumMemory',
      '65536',
      '--enable',
      'simd,threads,bulk-memory',
    ],
    { writeFile: (name, contents) => void outputs.set(name, contents) },
  )
  const wasm = outputs.get('kernel.wasm')
  if (error !== null || !(wasm instanceof Uint8Array))
    throw new Error(`The kernel does not compile:\n${stderr}`)
  return wasm
}

/** The text of `kernel.generated.ts` for these bytes. */
export function kernelModule(wasm: Uint8Array): string {
  const base64 = Buffer.from(wasm).toString('base64')
  const lines = base64.match(/.{1,100}/g) ?? []
  return [
    '/** Made by scripts/build-kernel.ts from kernel.ts: do not edit. WebAssembly with SIMD and shared memory, as base64. */',
    'export const KERNEL_BASE64 =',
    ...lines.map((line, i) => `  '${line}'${i === lines.length - 1 ? '' : ' +'}`),
    '',
  ].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(`${FOLDER}kernel.generated.ts`, kernelModule(await compileKernel()))
}
