/**
 * CLIP's text encoder, with or without projection, from its published configuration.
 *
 * Invariant: no mask but the causal one. The pooled token's place is the caller's (`pooledPlaces`), because the tokenizer's
 * end token is not what published configurations say it is.
 */
import { InlayError } from '../../../../shared/errors.ts'
import { type BuiltGraph, Graph, type GraphOptions, type Value } from '../onnx/graph.ts'
import { Layers } from '../onnx/layers.ts'
import type { Weights } from '../weights.ts'

export interface ClipTextConfig {
  readonly vocabulary: number
  readonly places: number
  readonly width: number
  readonly inner: number
  readonly layers: number
  readonly heads: number
  readonly activation: 'gelu' | 'quick_gelu'
  readonly epsilon: number
  /** Width of the projected pooled vector; null where there is no projection. */
  readonly projection: number | null
}

export interface ClipTextOptions extends GraphOptions {
  /** How many of the last layers `hidden_state` leaves out: 0 to all of them; 1 unless told. */
  readonly skip?: number
}

/**
 * input_ids and pooled_place (B,S) and (B,1), int64, to last_hidden_state (of the last layer, after the final norm), hidden_state (of
 * the layer `skip` before it, no norm: SDXL), normed_hidden_state (the same after the final norm: SD 1 and 2), all (B,S,width), and of
 * the last layer pooler_output (B,width) and text_embeds (B,projection).
 */
export function clipTextGraph(
  weights: Weights,
  config: ClipTextConfig,
  options: ClipTextOptions = {},
): BuiltGraph {
  const { skip = 1, ...graphOptions } = options
  if (!Number.isInteger(skip) || skip < 0 || skip > config.layers)
    throw new InlayError('usage', `Clip skip must be a whole number from 0 to ${config.layers}, not ${skip}.`)
  const graph = new Graph(graphOptions)
  const net = new Layers(graph, weights)
  const { width } = config
  const ids = graph.input('input_ids', 'int64', ['batch', 'length'])
  const place = graph.input('pooled_place', 'int64', ['batch', 1])
  const words = net.tensor('text_model.embeddings.token_embedding.weight', [config.vocabulary, width])
  const places = net.tensor('text_model.embeddings.position_embedding.weight', [config.places, width])
  const zero = graph.integers([0])
  const embedded = graph.node('Gather', [words, ids])
  const length = graph.node('Shape', [embedded], { start: 1, end: 2 })
  let h = net.add(embedded, graph.node('Slice', [places, zero, length, zero]))
  let skipped = h
  for (let layer = 0; layer < config.layers; layer++) {
    h = block(net, h, `text_model.encoder.layers.${layer}`, config)
    if (layer === config.layers - 1 - skip) skipped = h
  }
  const scale = net.tensor('text_model.final_layer_norm.weight', [width])
  const shift = net.tensor('text_model.final_layer_norm.bias', [width])
  const norm = (x: Value) =>
    graph.node('LayerNormalization', [x, scale, shift], { axis: -1, epsilon: { float: config.epsilon } })
  const last = norm(h)
  const pooled = graph.node('GatherND', [last, place], { batch_dims: 1 })
  const tokens = ['batch', 'length', width]
  graph.output('last_hidden_state', last, tokens)
  graph.output('hidden_state', skipped, tokens)
  graph.output('normed_hidden_state', norm(skipped), tokens)
  graph.output('pooler_output', pooled, ['batch', width])
  if (config.projection !== null) {
    // OpenCLIP's own files store this matrix the other way round.
    const projected = net.weights.has('text_projection.transposed')
      ? graph.node('MatMul', [pooled, net.tensor('text_projection.transposed', [width, config.projection])])
      : net.linear(pooled, 'text_projection', width, config.projection, { bias: false, tokens: false })
    graph.output('text_embeds', projected, ['batch', config.projection])
  }
  return graph.build()
}

function block(net: Layers, x: Value, name: string, config: ClipTextConfig): Value {
  const { width, inner } = config
  const normed = net.layerNorm(x, `${name}.layer_norm1`, width, config.epsilon)
  const [q, k, v] = ['q_proj', 'k_proj', 'v_proj'].map((part) =>
    net.linear(normed, `${name}.self_attn.${part}`, width, width),
  ) as [Value, Value, Value]
  const mixed = net.attention(q, k, v, { width, heads: config.heads, causal: config.places })
  const h = net.add(x, net.linear(mixed, `${name}.self_attn.out_proj`, width, width))
  const rows = net.rows(net.layerNorm(h, `${name}.layer_norm2`, width, config.epsilon), width)
  const wide = net.linear(rows, `${name}.mlp.fc1`, width, inner, { tokens: false })
  const active = config.activation === 'gelu' ? net.gelu(wide) : net.quickGelu(wide)
  return net.add(h, net.asTokens(net.linear(active, `${name}.mlp.fc2`, inner, width, { tokens: false }), h))
}

/**
 * Where each row's pooled token stands: the first place of `end`, or, where the configuration says 2 (as all published
 * ones do), the first place of the row's highest id.
 */
export function pooledPlaces(rows: readonly (readonly number[])[], end: number): readonly number[] {
  return rows.map((row) => Math.max(0, row.indexOf(end === 2 ? Math.max(...row) : end)))
}
