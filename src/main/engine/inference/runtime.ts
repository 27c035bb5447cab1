/**
 * ONNX Runtime, made ready to be given float16.
 *
 * Invariant: whoever uses ONNX Runtime takes it from here. Its JavaScript half asks once, at its first tensor, whether the
 * language has Float16Array, and would then send that type to a native half that does not know it; so that one question is
 * asked while the type is out of sight, and float16 crosses the border as bits in a Uint16Array.
 */
import * as ort from 'onnxruntime-node'

const kept = globalThis.Float16Array
Reflect.deleteProperty(globalThis, 'Float16Array')
try {
  new ort.Tensor('float32', new Float32Array(1), [1])
} finally {
  Object.defineProperty(globalThis, 'Float16Array', { value: kept, writable: true, configurable: true })
}

export { ort }
