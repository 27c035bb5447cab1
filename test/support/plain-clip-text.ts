/**
 * A CLIP text encoder in plain loops over doubles, slow and simple: what a merged LoRA is checked through. Pre-norm layers,
 * causal attention, quick_gelu (x * sigmoid(1.702 x)), layer norms with 1e-5, a final norm.
 */
type Weights = (name: string) => Float32Array
type Rows = readonly Float64Array[]

/** @returns the last hidden state of one sequence, a row a token */
export function clipText(weight: Weights, ids: readonly number[], heads: number, layers: number): Rows {
  const [tokens, positions] = ['token', 'position'].map((kind) =>
    weight(`embeddings.${kind}_embedding.weight`),
  )
  const width = positions!.length / 77
  let rows: Rows = ids.map((id, at) =>
    Float64Array.from({ length: width }, (_, i) => tokens![id * width + i]! + positions![at * width + i]!),
  )
  for (let layer = 0; layer < layers; layer++) {
    const of: Weights = (name) => weight(`encoder.layers.${layer}.${name}`)
    rows = add(rows, attention(of, norm(of, 'layer_norm1', rows), heads))
    const inner = linear(of, 'mlp.fc1', norm(of, 'layer_norm2', rows))
    const active = inner.map((row) => row.map((x) => x / (1 + Math.exp(-1.702 * x))))
    rows = add(rows, linear(of, 'mlp.fc2', active))
  }
  return norm(weight, 'final_layer_norm', rows)
}

function attention(of: Weights, rows: Rows, heads: number): Rows {
  const [q, k, v] = ['q', 'k', 'v'].map((name) => linear(of, `self_attn.${name}_proj`, rows)) as [
    Rows,
    Rows,
    Rows,
  ]
  const size = q[0]!.length / heads
  const mixed = q.map((query, at) => {
    const out = new Float64Array(query.length)
    for (let head = 0; head < heads; head++) {
      const from = head * size
      const scores = k.slice(0, at + 1).map((key) => {
        let dot = 0
        for (let i = from; i < from + size; i++) dot += query[i]! * key[i]!
        return Math.exp(dot / Math.sqrt(size))
      })
      const sum = scores.reduce((total, score) => total + score, 0)
      for (const [other, score] of scores.entries())
        for (let i = from; i < from + size; i++) out[i]! += (score / sum) * v[other]![i]!
    }
    return out
  })
  return linear(of, 'self_attn.out_proj', mixed)
}

function linear(of: Weights, name: string, rows: Rows): Rows {
  const [matrix, bias] = [of(`${name}.weight`), of(`${name}.bias`)]
  return rows.map((row) =>
    Float64Array.from(bias, (start, o) =>
      row.reduce((sum, x, i) => sum + x * matrix[o * row.length + i]!, start),
    ),
  )
}

function norm(of: Weights, name: string, rows: Rows): Rows {
  const [scale, shift] = [of(`${name}.weight`), of(`${name}.bias`)]
  return rows.map((row) => {
    const mean = row.reduce((sum, x) => sum + x, 0) / row.length
    const variance = row.reduce((sum, x) => sum + (x - mean) ** 2, 0) / row.length
    return row.map((x, i) => ((x - mean) / Math.sqrt(variance + 1e-5)) * scale[i]! + shift[i]!)
  })
}

function add(a: Rows, b: Rows): Rows {
  return a.map((row, at) => row.map((x, i) => x + b[at]![i]!))
}
