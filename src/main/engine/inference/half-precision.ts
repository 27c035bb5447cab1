/**
 * What a network is computed in on an execution provider.
 *
 * Invariant: the CPU computes in float32: it has no float16 arithmetic and would only cast to and fro. A graphics card computes
 * in float16, half the memory and at least the speed, if it ran a float16 node itself when it was asked; else in float32.
 */
import { Graph, type Precision } from '../models/index.ts'
import { type Provider, Session } from './session.ts'

const asked = new Map<Provider, Promise<boolean>>()

export async function precisionOn(provider: Provider): Promise<Precision> {
  if (provider === 'cpu') return 'float32'
  let answer = asked.get(provider)
  if (!answer) {
    answer = computesHalf(provider)
    asked.set(provider, answer)
  }
  return (await answer) ? 'float16' : 'float32'
}

/** Adds 1 to 0.5 in float16. Whether the device can tells only the run. */
async function computesHalf(provider: Provider): Promise<boolean> {
  const graph = new Graph({ precision: 'float16' })
  const x = graph.input('x', 'float32', [1])
  graph.output('y', graph.node('Add', [x, graph.floats([1], [])]), [1])
  let session: Session | undefined
  try {
    session = await Session.open(graph.build(), { provider, whole: true })
    const { y } = await session.run({ x: { data: Float32Array.of(0.5), shape: [1] } })
    return y?.data[0] === 1.5
  } catch {
    return false
  } finally {
    await session?.release()
  }
}
