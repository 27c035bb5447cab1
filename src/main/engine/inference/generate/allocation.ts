/**
 * Telling that memory ran out from what else may have gone wrong.
 *
 * Invariant: judged by the words that ONNX Runtime, its providers and the JavaScript engine use for it, which are all there is:
 * native errors come without a code.
 */
const WORDS = [
  // The CPU's arena, and C++ below it.
  /failed to allocate memory|bad[_ ]alloc(ation)?|cannot allocate memory|\benomem\b/i,
  // CUDA, DirectML, Vulkan and Metal, WebGPU.
  /out of (device |host |gpu )?memory|e_outofmemory|8007000e|not enough memory|alloc_failed/i,
  /error_out_of_(device|host|pool)_memory|memory allocation .*failed|buffer allocation failed/i,
  // JavaScript's own.
  /array buffer allocation failed|invalid typed array length|array length exceeds/i,
]

export function isAllocationFailure(error: unknown): boolean {
  const text = error instanceof Error ? error.message : String(error)
  return WORDS.some((words) => words.test(text))
}
