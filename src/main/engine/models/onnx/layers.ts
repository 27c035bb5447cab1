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

interface AttentionShape {
  readonly width: number
  readonly heads: number
  /** Each token sees those before it and itself; the most tokens there can be. */
  readonly causal?: number
  /** Whether the tokens are float32 whatever the graph computes in. */
  readonly exact?: boolean
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

  /**
   * y = x W^T + b on the last axis. Matrices go through Gemm. Tokens of another width than they had go through a convolution of
   * length one, since their shape could only be put together from numbers, and those a graphics card leaves to the CPU.
   */
  linear(
    x: Value,
    name: string,
    from: number,
    to: number,
    options: { bias?: boolean; tokens?: boolean } = {},
  ): Value {
    const { bias = true, tokens = true } = options
    const matrix = this.weights.take(`${name}.weight`, [to, from])
    const weight = (shape: readonly number[]) => this.graph.weight(`${name}.weight`, matrix, shape)
    const shift = bias ? [this.tensor(`${name}.bias`, [to])] : []
    if (!tokens) return this.graph.node('Gemm', [x, weight([to, from]), ...shift], { transB: 1 })
    if (from === to)
      return this.asTokens(
        this.graph.node('Gemm', [this.rows(x, from), weight([to, from]), ...shift], { transB: 1 }),
        x,
      )
    const turned = this.graph.node('Transpose', [x], { perm: [0, 2, 1] })
    const y = this.graph.node('Conv', [turned, weight([to, from, 1]), ...shift], { kernel_shape: [1] })
    return this.graph.node('Transpose', [y], { perm: [0, 2, 1] })
  }

  /** Tokens as the rows of one matrix. */
  rows(x: Value, width: number): Value {
    return this.reshape(x, [-1, width])
  }

  /** Rows as tokens in the shape of `like`, which are as wide. */
  asTokens(rows: Value, like: Value): Value {
    return this.graph.node('Reshape', [rows, this.graph.node('Shape', [like])])
  }

  /**
   * Of rows: the first half of a linear layer's outputs times the GELU of the second; two products, so that no result is cut
   * up.
   */
  geglu(rows: Value, name: string, from: number, to: number): Value {
    const [weight, bias] = [`${name}.weight`, `${name}.bias`]
    const [matrix, shift] = [this.weights.take(weight, [2 * to, from]), this.weights.take(bias, [2 * to])]
    const half = (index: number) =>
      this.graph.node(
        'Gemm',
        [
          rows,
          this.graph.rows(weight, matrix, [2 * to, from], index, 2),
          this.graph.rows(bias, shift, [2 * to], index, 2),
        ],
        { transB: 1 },
      )
    return this.mul(half(0), this.gelu(half(1)))
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

  /**
   * Scaled dot-product attention of tokens that are projected already: one fused node, or, in a graph that asks for it, the
   * formula in standard operators, which holds all scores at once.
   */
  attention(q: Value, k: Value, v: Value, { width, heads, causal, exact }: AttentionShape): Value {
    const { graph } = this
    if (graph.attention === 'fused')
      return graph.node('MultiHeadAttention', [q, k, v], {
        num_heads: heads,
        ...(causal === undefined ? {} : { unidirectional: 1 }),
      })
    const precision = exact ? 'float32' : graph.precision
    const split = (x: Value, perm: readonly number[]) =>
      graph.node('Transpose', [this.reshape(x, [0, -1, heads, width / heads])], { perm })
    const scale = graph.floats([Math.sqrt(heads / width)], [], precision)
    let scores = this.mul(graph.node('MatMul', [split(q, [0, 2, 1, 3]), split(k, [0, 2, 3, 1])]), scale)
    if (causal !== undefined) {
      const hidden = Float32Array.from({ length: causal ** 2 }, (_, i) =>
        i % causal > Math.floor(i / causal) ? -1e4 : 0,
      )
      const length = graph.node('Shape', [q], { start: 1, end: 2 })
      const cut = (x: Value, axis: number) =>
        graph.node('Slice', [x, graph.integers([0]), length, graph.integers([axis])])
      scores = this.add(scores, cut(cut(graph.floats(hidden, [causal, causal], precision), 0), 1))
    }
    const mixed = graph.node('MatMul', [
      graph.node('Softmax', [scores], { axis: -1 }),
      split(v, [0, 2, 1, 3]),
    ])
    return this.reshape(graph.node('Transpose', [mixed], { perm: [0, 2, 1, 3] }), [0, -1, width])
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

  /** The `index`th `size` values along an axis. */
  share(x: Value, index: number, size: number, axis: number): Value {
    const { graph } = this
    const [from, to] = [graph.integers([index * size]), graph.integers([(index + 1) * size])]
    return graph.node('Slice', [x, from, to, graph.integers([axis])])
  }

  /**
   * A value as often as it takes to have the shape of another, along axes where it has one. Both sides of the choice are the
   * same: what it is for is the shape, which no graphics card computes with.
   */
  repeated(x: Value, like: Value): Value {
    const { graph } = this
    const any = graph.node('GreaterOrEqual', [like, graph.floats([0], [])])
    return graph.node('Where', [any, x, x])
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
    const size = this.graph.node('Shape', [like], { start: 2, end: 4 })
    return this.graph.node('Resize', [x, null, null, size], { ...NEAREST, axes: [2, 3] })
  }

  /** (batch, channels, height, width) to (batch, height x width, channels). */
  toTokens(x: Value, channels: number): Value {
    // Turned first and joined then: the shape of what is turned would be worked out on the CPU.
    return this.reshape(this.graph.node('Transpose', [x], { perm: [0, 2, 3, 1] }), [0, -1, channels])
  }

  /** The inverse of `toTokens`, in the size of `like`. */
  toPicture(tokens: Value, like: Value): Value {
    const planes = this.graph.node('Transpose', [tokens], { perm: [0, 2, 1] })
    return this.graph.node('Reshape', [planes, this.graph.node('Shape', [like])])
  }
}

const NEAREST = {
  mode: 'nearest',
  coordinate_transformation_mode: 'asymmetric',
  nearest_mode: 'floor',
} as const
