/**
 * Where the time goes, from the profile that ONNX Runtime writes.
 *
 * Invariant: of every node the fastest of its runs counts, so that what else the machine did meanwhile weighs little. A
 * floating point operation is a multiplication or an addition: two for each term of a convolution, a matrix product or
 * attention's two products; what is not one of these counts as none.
 */
export interface OperatorTime {
  readonly operator: string
  readonly nodes: number
  readonly milliseconds: number
  /** Floating point operations. */
  readonly operations: number
}

interface Event {
  readonly cat: string
  readonly name: string
  /** Microseconds. */
  readonly dur: number
  readonly args: {
    readonly op_name?: string
    readonly input_type_shape?: readonly Readonly<Record<string, readonly number[]>>[]
    readonly output_type_shape?: readonly Readonly<Record<string, readonly number[]>>[]
  }
}

type Shapes = readonly (readonly number[])[]

/** By operator, the longest first. Convolutions are told apart by their kernel. */
export function operatorTimes(profile: string): readonly OperatorTime[] {
  const nodes = new Map<string, { operator: string; operations: number; microseconds: number }>()
  for (const { cat, name, dur, args } of JSON.parse(profile) as readonly Event[]) {
    if (cat !== 'Node' || !name.endsWith('_kernel_time') || !args.op_name) continue
    const inputs = shapesOf(args.input_type_shape)
    const outputs = shapesOf(args.output_type_shape)
    const known = nodes.get(name)
    nodes.set(name, {
      operator: args.op_name === 'Conv' ? `Conv ${inputs[1]?.slice(2).join('x')}` : args.op_name,
      operations: operationsOf(args.op_name, inputs, outputs),
      microseconds: Math.min(dur, known?.microseconds ?? dur),
    })
  }
  const sums = new Map<string, OperatorTime>()
  for (const { operator, operations, microseconds } of nodes.values()) {
    const sum = sums.get(operator) ?? { operator, nodes: 0, milliseconds: 0, operations: 0 }
    sums.set(operator, {
      operator,
      nodes: sum.nodes + 1,
      milliseconds: sum.milliseconds + microseconds / 1000,
      operations: sum.operations + operations,
    })
  }
  return [...sums.values()].sort((a, b) => b.milliseconds - a.milliseconds)
}

function operationsOf(operator: string, inputs: Shapes, outputs: Shapes): number {
  const [first = [], second = []] = inputs
  const [out = []] = outputs
  switch (operator) {
    case 'Conv':
      return 2 * product(out) * product(second.slice(1))
    case 'Gemm':
    case 'MatMul':
    case 'FusedGemm':
    case 'FusedMatMul':
      return 2 * product(out) * (first.at(-1) ?? 0)
    case 'MultiHeadAttention':
      return 4 * product(first) * (second[1] ?? 0)
    default:
      return 0
  }
}

function shapesOf(typed: Event['args']['input_type_shape']): Shapes {
  return (typed ?? []).map((one) => Object.values(one)[0] ?? [])
}

function product(shape: readonly number[]): number {
  return shape.reduce((result, side) => result * side, 1)
}
