/**
 * A weight with low-rank factors added, as nodes on constants: W + sum of scale x up x down (Hu et al. 2021, section 4.1).
 *
 * Invariant: everything is float32 whatever the files hold, and nothing is read here: the factors are external data in the
 * adapter's file, as weights are in the checkpoint's. The runtime computes the sum once, when it loads the graph.
 */
import type { StoredTensor } from '../safetensors.ts'
import type { Graph, Value } from './graph.ts'

/** One adapter's factors for one weight; their shapes fit it. */
export interface LowRank {
  /** Unique in the graph: what the factors' tensors are called there. */
  readonly name: string
  /** (rank, columns), in its order of elements; with a middle factor (rank, inputs). */
  readonly down: StoredTensor
  /** (rows, rank). */
  readonly up: StoredTensor
  /** (rank, rank, kernel) between the two, of adapters that decompose the kernel as well. */
  readonly mid: StoredTensor | null
  readonly rank: number
  readonly scale: number
  /** Whether the weight is stored as (columns, rows). */
  readonly transposed: boolean
}

/** The weight in float32, of the given shape, adapted. `adapters` is not empty. */
export function addLowRank(
  graph: Graph,
  name: string,
  tensor: StoredTensor,
  shape: readonly number[],
  adapters: readonly LowRank[],
): Value {
  const transposed = adapters[0]!.transposed
  const first = shape[0]!
  const rest = shape.slice(1).reduce((product, size) => product * size, 1)
  const [rows, columns] = transposed ? [rest, first] : [first, rest]
  const ups = adapters.map((adapter) => {
    const up = graph.tensor(`${adapter.name}.up`, adapter.up, [rows, adapter.rank], 'float32')
    return adapter.scale === 1 ? up : graph.node('Mul', [up, graph.floats([adapter.scale], [], 'float32')])
  })
  const downs = adapters.map((adapter) => downFactor(graph, adapter, columns))
  // One product for all adapters: each folded step holds a matrix as large as the weight until the load is over.
  const up = ups.length === 1 ? ups[0]! : graph.node('Concat', ups, { axis: 1 })
  const down = downs.length === 1 ? downs[0]! : graph.node('Concat', downs, { axis: 0 })
  const weight = graph.tensor(name, tensor, [first, rest], 'float32')
  const sum = transposed
    ? graph.node('Gemm', [down, up, weight], { transA: 1, transB: 1 })
    : graph.node('Gemm', [up, down, weight])
  return shape.length === 2 ? sum : graph.node('Reshape', [sum, graph.integers(shape)])
}

function downFactor(graph: Graph, { name, down, mid, rank }: LowRank, columns: number): Value {
  if (!mid) return graph.tensor(`${name}.down`, down, [rank, columns], 'float32')
  const size = mid.shape.slice(2).reduce((product, side) => product * side, 1)
  const inner = graph.tensor(`${name}.mid`, mid, [rank, rank, size], 'float32')
  const first = graph.tensor(`${name}.down`, down, [rank, columns / size], 'float32')
  // [a, b, kernel] and [b, input] to [a, input, kernel].
  const turned = graph.node('Transpose', [inner], { perm: [0, 2, 1] })
  const joined = graph.node('Transpose', [graph.node('MatMul', [turned, first])], { perm: [0, 2, 1] })
  return graph.node('Reshape', [joined, graph.integers([rank, columns])])
}
