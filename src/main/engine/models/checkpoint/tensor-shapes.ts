/**
 * The names and shapes of a network's tensors, asked for what they say of it.
 *
 * Invariant: a size comes from a tensor that is there and has that many dimensions; else it is an error that names the tensor.
 */
import { InlayError } from '../../../../shared/errors.ts'
import type { StoredTensor } from '../safetensors.ts'

export class TensorShapes {
  private readonly tensors: ReadonlyMap<string, StoredTensor>
  private readonly source: string

  /** `source` is the file or folder that errors name. */
  constructor(tensors: ReadonlyMap<string, StoredTensor>, source: string) {
    this.tensors = tensors
    this.source = source
  }

  has(name: string): boolean {
    return this.tensors.has(name)
  }

  some(part: RegExp): boolean {
    return [...this.tensors.keys()].some((name) => part.test(name))
  }

  /** @throws InlayError `model.incomplete`, `model.unreadable` */
  size(name: string, axis: number): number {
    const size = this.sizeIfThere(name, axis)
    if (size !== undefined) return size
    throw new InlayError('model.incomplete', `${this.source} lacks the tensor ${name}. Get the model again.`)
  }

  /** @throws InlayError `model.unreadable` */
  sizeIfThere(name: string, axis: number): number | undefined {
    const shape = this.tensors.get(name)?.shape
    if (!shape) return undefined
    const size = shape[axis]
    if (size !== undefined && size > 0) return size
    throw new InlayError(
      'model.unreadable',
      `In ${this.source} the tensor ${name} is ${shape.join('x') || 'a single number'}, as in no network that Inlay knows.`,
    )
  }

  /** The size of the first tensor whose name ends so; undefined where none does. */
  sizeOfFirst(ending: string, axis: number): number | undefined {
    const name = [...this.tensors.keys()].find((one) => one.endsWith(ending))
    return name === undefined ? undefined : this.size(name, axis)
  }

  /** How many there are, counted from 0. */
  count(name: (i: number) => string): number {
    let n = 0
    while (this.tensors.has(name(n))) n++
    return n
  }

  /** The first sizes of those that `count` counts. */
  widths(name: (i: number) => string): readonly number[] {
    return Array.from({ length: this.count(name) }, (_, i) => this.size(name(i), 0))
  }
}
