/**
 * In what form a network runs on an execution provider: what it is computed in, and how its attention is written.
 *
 * Invariant: a form is chosen by what the device did when it was asked, never by its name. The CPU computes in float32: it has
 * no float16 arithmetic and would only cast to and fro. A graphics card computes in float16, half the memory and at least
 * the speed, if it ran a float16 node itself. The fused attention is used where it gave the right numbers: on some devices
 * (subgroups of 4) WebGPU's leaves keys out, without an error.
 */
import {
  type AttentionForm,
  type BuiltGraph,
  Graph,
  Layers,
  type Precision,
  Weights,
} from '../models/index.ts'
import { type Provider, Session } from './session.ts'
import type { Tensor } from './tensors.ts'

export interface ProviderForm {
  readonly precision: Precision
  readonly attention: AttentionForm
}

const asked = new Map<Provider, Promise<ProviderForm>>()

/** Asks a provider once in a process's life. Where it is not to be had at all, the answer is the CPU's. */
export function formOn(provider: Provider): Promise<ProviderForm> {
  if (provider === 'cpu') return Promise.resolve({ precision: 'float32', attention: 'fused' })
  let answer = asked.get(provider)
  if (!answer) {
    answer = ask(provider)
    asked.set(provider, answer)
  }
  return answer
}

async function ask(provider: Provider): Promise<ProviderForm> {
  return {
    precision: (await computesHalf(provider)) ? 'float16' : 'float32',
    attention: (await attendsRightly(provider)) ? 'fused' : 'standard',
  }
}

/** Adds 1 to 0.5 in float16. Whether the device can tells only the run. */
async function computesHalf(provider: Provider): Promise<boolean> {
  const graph = new Graph({ precision: 'float16' })
  const x = graph.input('x', 'float32', [1])
  graph.output('y', graph.node('Add', [x, graph.floats([1], [])]), [1])
  const y = await run(graph.build(), provider, { x: { data: Float32Array.of(0.5), shape: [1] } }).catch(
    () => null,
  )
  return y?.[0] === 1.5
}

const TOKENS = 77
const WIDTH = 64
const HEADS = 4

/** More tokens than any kernel takes at once; with the keys of the last ones as near as those of the first. */
async function attendsRightly(provider: Provider): Promise<boolean> {
  const inputs = Object.fromEntries(
    ['q', 'k', 'v'].map((name, n): [string, Tensor] => {
      const data = Float32Array.from({ length: TOKENS * WIDTH }, (_, i) => Math.sin(1 + n + 2.3 * i))
      return [name, { data, shape: [1, TOKENS, WIDTH] }]
    }),
  )
  for (const causal of [false, true]) {
    const right = await run(attentionGraph('standard', causal), 'cpu', inputs)
    const found = await run(attentionGraph('fused', causal), provider, inputs).catch(() => null)
    if (!found || right.some((value, i) => !(Math.abs(value - found[i]!) < 1e-3))) return false
  }
  return true
}

function attentionGraph(attention: AttentionForm, causal: boolean): BuiltGraph {
  const graph = new Graph({ attention })
  const [q, k, v] = ['q', 'k', 'v'].map((name) => graph.input(name, 'float32', [1, 'length', WIDTH]))
  const shape = { width: WIDTH, heads: HEADS, ...(causal ? { causal: TOKENS } : {}) }
  const mixed = new Layers(graph, new Weights(new Map(), 'a probe')).attention(q!, k!, v!, shape)
  graph.output('y', mixed, [1, 'length', WIDTH])
  return graph.build()
}

async function run(
  graph: BuiltGraph,
  provider: Provider,
  inputs: Readonly<Record<string, Tensor>>,
): Promise<Float32Array> {
  const session = await Session.open(graph, { provider, whole: provider !== 'cpu', threads: 1 })
  try {
    return (await session.run(inputs))['y']!.data as Float32Array
  } finally {
    await session.release()
  }
}
