/**
 * The layers that the architectures are written in, over a graph and the weights of one network.
 *
 * Invariant: each layer takes its tensors by the name the checkpoint gives them and in the shape it computes with, and is
 * written in the form that ONNX Runtime was measured to run fastest: group normalisation as InstanceNormalization and
 * BatchNormalization, SiLU as Sigmoid and Mul, attention and GELU as one fused node each, matrices through Gemm or MatMul
 * untransposed. WebGPU has kernels for all of these.
 * Pictures are (batch, channels, height, width), tokens (batch, length, width).
 */
import type { Weights } from '../weights.ts'
import type { Graph, Value } from './graph.ts'

/** Elements of a kernel from which a convolution is heavy: those of SD 1.5 at a quarter of the latents' size and below. */
const HEAVY = 1280 * 1280 * 9

interface ConvShape {
  readonly in: number
  readonly out: number
  /** Side of the kernel; 3 unless told, padded to keep the size. */
  readonly kernel?: number
  readonly stride?: number
  /** Rows and columns of zeros: top, left, bottom, right. */
  readonly pads?: readonly [number, number, number, number]
  readonly bias?: boolean
}

export class Layers {
  readonly graph: Graph
  readonly weights: Weights

  /**
   * A zero that the runtime cannot know before it runs, (1). Where an architecture sets it, heavy convolutions add it to their
   * bias, because on the CPU the runtime copies the weights of every convolution whose bias it knows into blocks of
   * channels. With few pixels that gains nothing, and held twice they are most of what loading a UNet needs.
   */
  unknownZero: Value | null = null

  constructor(graph: Graph, weights: Weights) {
    this.graph = graph
    this.weights = weights
  }

  tensor(name: string, shape: readonly number[]): Value {
    return this.graph.weight(name, this.weights.take(name, shape), shape)
  }

  conv(x: Value, name: string, shape: ConvShape): Value {
    const { kernel = 3, stride = 1, bias = true } = shape
    const half = Math.floor((kernel - 1) / 2)
    const inputs = [x, this.tensor(`${name}.weight`, [shape.out, shape.in, kernel, kernel])]
    const heavy = shape.in * shape.out * kernel * kernel >= HEAVY
    if (bias) {
      const known = this.tensor(`${name}.bias`, [shape.out])
      inputs.push(heavy && this.unknownZero ? this.add(known, this.unknownZero) : known)
    }
    return this.graph.node('Conv', inputs, {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: shape.pads ?? [half, half, half, half],
    })
  }

  /** y = x W^T + b on the last axis; Gemm works on matrices, so longer shapes are flattened around it. */
  linear(
    x: Value,
    name: string,
    from: number,
    to: number,
    options: { bias?: boolean; tokens?: boolean } = {},
  ): Value {
    const { bias = true, tokens = true } = options
    const inputs = [
      tokens ? this.reshape(x, [-1, from]) : x,
      this.tensor(`${name}.weight`, [to, from]),
      ...(bias ? [this.tensor(`${name}.bias`, [to])] : []),
    ]
    const y = this.graph.node('Gemm', inputs, { transB: 1 })
    return tokens ? this.asTokens(y, x, to) : y
  }

  /** The first half of a linear layer's outputs times the GELU of the second; two products, so that no result is cut up. */
  geglu(x: Value, name: string, from: number, to: number): Value {
    const flat = this.reshape(x, [-1, from])
    const [weight, bias] = [`${name}.weight`, `${name}.bias`]
    const [matrix, shift] = [this.weights.take(weight, [2 * to, from]), this.weights.take(bias, [2 * to])]
    const half = (index: number) =>
      this.graph.node(
        'Gemm',
        [
          flat,
          this.graph.rows(weight, matrix, [2 * to, from], index, 2),
          this.graph.rows(bias, shift, [2 * to], index, 2),
        ],
        { transB: 1 },
      )
    return this.asTokens(this.mul(half(0), this.gelu(half(1))), x, to)
  }

  /** Rows back to the shape of `like`, in another width. */
  private asTokens(rows: Value, like: Value, width: number): Value {
    const ends = this.graph.node('Slice', [
      this.graph.node('Shape', [like]),
      this.ints(0),
      this.ints(-1),
      this.ints(0),
    ])
    return this.graph.node('Reshape', [
      rows,
      this.graph.node('Concat', [ends, this.ints(width)], { axis: 0 }),
    ])
  }

  groupNorm(x: Value, name: string, channels: number, groups: number, epsilon: number): Value {
    const grouped = this.reshape(x, [0, groups, -1])
    const ones = this.graph.floats(new Float32Array(groups).fill(1))
    const zeros = this.graph.floats(new Float32Array(groups))
    const even = this.graph.node('InstanceNormalization', [grouped, ones, zeros], {
      epsilon: { float: epsilon },
    })
    const back = this.graph.node('Reshape', [even, this.graph.node('Shape', [x])])
    const scale = this.tensor(`${name}.weight`, [channels])
    const shift = this.tensor(`${name}.bias`, [channels])
    const mean = this.graph.floats(new Float32Array(channels))
    const variance = this.graph.floats(new Float32Array(channels).fill(1))
    return this.graph.node('BatchNormalization', [back, scale, shift, mean, variance], {
      epsilon: { float: 0 },
    })
  }

  layerNorm(x: Value, name: string, width: number, epsilon = 1e-5): Value {
    const inputs = [x, this.tensor(`${name}.weight`, [width]), this.tensor(`${name}.bias`, [width])]
    return this.graph.node('LayerNormalization', inputs, { axis: -1, epsilon: { float: epsilon } })
  }

  /** Scaled dot-product attention of tokens that are projected already. */
  attention(q: Value, k: Value, v: Value, heads: number, causal = false): Value {
    return this.graph.node('MultiHeadAttention', [q, k, v], {
      num_heads: heads,
      ...(causal ? { unidirectional: 1 } : {}),
    })
  }

  silu(x: Value): Value {
    return this.mul(x, this.graph.node('Sigmoid', [x]))
  }

  relu(x: Value): Value {
    return this.graph.node('Relu', [x])
  }

  /** x Φ(x), exactly. One node: the five of the standard's own formula pass over the largest values of a network. */
  gelu(x: Value): Value {
    return this.graph.node('Gelu', [x])
  }

  /** x sigmoid(1.702 x), CLIP's cheaper GELU. */
  quickGelu(x: Value): Value {
    return this.mul(x, this.graph.node('Sigmoid', [this.mul(x, this.graph.floats([1.702], []))]))
  }

  add(a: Value, b: Value): Value {
    return this.graph.node('Add', [a, b])
  }

  mul(a: Value, b: Value): Value {
    return this.graph.node('Mul', [a, b])
  }

  concat(values: readonly Value[], axis: number): Value {
    return this.graph.node('Concat', values, { axis })
  }

  reshape(x: Value, shape: readonly number[]): Value {
    return this.graph.node('Reshape', [x, this.graph.integers(shape)])
  }

  /** Twice the size, each pixel repeated. */
  upsample(x: Value): Value {
    return this.graph.node('Resize', [x, null, this.graph.floats([1, 1, 2, 2], [4], 'float32')], NEAREST)
  }

  /** The height and width of `like`, by nearest neighbour: source = floor(target x scale). */
  resizeLike(x: Value, like: Value): Value {
    const own = this.graph.node('Slice', [
      this.graph.node('Shape', [x]),
      this.ints(0),
      this.ints(2),
      this.ints(0),
    ])
    const other = this.graph.node('Slice', [
      this.graph.node('Shape', [like]),
      this.ints(2),
      this.ints(4),
      this.ints(0),
    ])
    return this.graph.node('Resize', [x, null, null, this.concat([own, other], 0)], NEAREST)
  }

  /** (batch, channels, height, width) to (batch, height x width, channels). */
  toTokens(x: Value, channels: number): Value {
    return this.graph.node('Transpose', [this.reshape(x, [0, channels, -1])], { perm: [0, 2, 1] })
  }

  /** The inverse of `toTokens`, in the size of `like`. */
  toPicture(tokens: Value, like: Value): Value {
    const planes = this.graph.node('Transpose', [tokens], { perm: [0, 2, 1] })
    return this.graph.node('Reshape', [planes, this.graph.node('Shape', [like])])
  }

  private ints(value: number): Value {
    return this.graph.integers([value])
  }
}

const NEAREST = {
  mode: 'nearest',
  coordinate_transformation_mode: 'asymmetric',
  nearest_mode: 'floor',
} as const
