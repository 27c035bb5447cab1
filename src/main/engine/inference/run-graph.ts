/**
 * Running built graphs on the CPU; a graph that was run before keeps its session.
 *
 * Invariant: every session is gone after `close`; weights come from the checkpoint by the graph's external data. One
 * thread computes: this is for checks on tiny models, where handing work to others costs more than the work.
 */
import { createHash } from 'node:crypto'
import * as ort from 'onnxruntime-node'
import type { BuiltGraph } from '../models/index.ts'

/** float32 values, or ids as int64, and their shape. */
export interface Tensor {
  readonly data: Float32Array | BigInt64Array
  readonly shape: readonly number[]
}

export class GraphRunner {
  private readonly sessions = new Map<string, ort.InferenceSession>()

  /** Inputs that the graph does not name are left aside; one that it names and that is missing is an error. */
  async run(graph: BuiltGraph, inputs: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
    const session = await this.session(graph)
    const feeds: Record<string, ort.Tensor> = {}
    for (const { name } of graph.inputs) {
      const input = inputs[name]
      if (!input) throw new Error(`the graph's input ${name} is missing`)
      feeds[name] =
        input.data instanceof Float32Array
          ? new ort.Tensor('float32', input.data, input.shape)
          : new ort.Tensor('int64', input.data, input.shape)
    }
    const results = await session.run(feeds)
    return Object.fromEntries(
      Object.entries(results).map(([name, result]) => [
        name,
        { data: Float32Array.from(result.data as Float32Array), shape: result.dims },
      ]),
    )
  }

  async close(): Promise<void> {
    for (const session of this.sessions.values()) await session.release()
    this.sessions.clear()
  }

  private async session(graph: BuiltGraph): Promise<ort.InferenceSession> {
    const key = `${graph.folder} ${createHash('sha256').update(graph.bytes).digest('hex')}`
    const known = this.sessions.get(key)
    if (known) return known
    const folder = graph.folder === null ? {} : { model_external_initializers_file_folder_path: graph.folder }
    const session = await ort.InferenceSession.create(graph.bytes, {
      executionProviders: ['cpu'],
      logSeverityLevel: 3,
      intraOpNumThreads: 1,
      extra: { session: { ...folder, disable_prepacking: '1' } },
    })
    this.sessions.set(key, session)
    return session
  }
}
