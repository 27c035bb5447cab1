/**
 * The compiled kernel, bound to one fill's memory.
 *
 * Invariant: the types here are those of kernel.ts's exported functions; all arguments are addresses or whole numbers
 * unless said otherwise there.
 */
import { KERNEL_BASE64 } from './kernel.generated.ts'

export interface Kernel {
  search(
    level: number,
    swap: number,
    x0: number,
    y0: number,
    x1: number,
    y1: number,
    backward: number,
    radius: number,
    seed: number,
  ): void
  weigh(level: number, y0: number, y1: number, table: number, scale: number, trust: number): void
  vote(level: number, x0: number, y0: number, x1: number, y1: number): void
}

/** Memory that every thread of a fill sees; may be posted to workers. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer
}

/** The largest memory the kernel accepts, in pages of 64 KiB: 4 GiB. */
const MAX_PAGES = 65536

/** The part of WebAssembly's interface used here: its types belong to the browser's library, which Node rooms lack. */
interface WasmApi {
  readonly Memory: new (size: { initial: number; maximum: number; shared: true }) => SharedMemory
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown }
}
const wasm = (globalThis as unknown as { readonly WebAssembly: WasmApi }).WebAssembly

let compiled: object | undefined

/**
 * @param pages of 64 KiB, zeroed
 * @throws RangeError when the kernel cannot address that much, or the machine does not have it
 */
export function makeMemory(pages: number): SharedMemory {
  return new wasm.Memory({ initial: pages, maximum: MAX_PAGES, shared: true })
}

export function instantiateKernel(memory: SharedMemory): Kernel {
  compiled ??= new wasm.Module(Buffer.from(KERNEL_BASE64, 'base64'))
  return new wasm.Instance(compiled, { env: { memory } }).exports as Kernel
}
