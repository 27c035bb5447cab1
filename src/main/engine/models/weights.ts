/**
 * The tensors of one network, handed out by name and shape.
 *
 * Invariant: a tensor is handed out at most once and only in the shape that the architecture expects, so a graph that was
 * built has used the right tensors, and `left` are those that it has not used.
 */
import { InlayError } from '../../../shared/errors.ts'
import type { StoredTensor } from './safetensors.ts'

export class Weights {
  private readonly tensors: ReadonlyMap<string, StoredTensor>
  private readonly taken = new Set<string>()
  private readonly source: string

  /** `source` is the file or folder that errors name. */
  constructor(tensors: ReadonlyMap<string, StoredTensor>, source: string) {
    this.tensors = tensors
    this.source = source
  }

  has(name: string): boolean {
    return this.tensors.has(name)
  }

  /** A 1x1 convolution serves as the matrix it is, where a matrix is asked for: the bytes are the same. */
  take(name: string, shape: readonly number[]): StoredTensor {
    const tensor = this.tensors.get(name)
    if (!tensor)
      throw new InlayError(
        'model.incomplete',
        `${this.source} lacks the tensor ${name}. Get the model again.`,
      )
    if (this.taken.has(name)) throw new Error(`the tensor ${name} is used twice`)
    const found = shape.length === 2 && tensor.shape.length === 4 ? squeezed(tensor.shape) : tensor.shape
    if (found.length !== shape.length || found.some((size, i) => size !== shape[i]))
      throw new InlayError(
        'model.unreadable',
        `In ${this.source} the tensor ${name} is ${tensor.shape.join('x')} where the configuration asks for ${shape.join('x')}.`,
      )
    this.taken.add(name)
    return tensor
  }

  /** The names that nobody has taken. */
  left(): readonly string[] {
    return [...this.tensors.keys()].filter((name) => !this.taken.has(name))
  }
}

function squeezed(shape: readonly number[]): readonly number[] {
  return shape[2] === 1 && shape[3] === 1 ? shape.slice(0, 2) : shape
}
