/**
 * Running built graphs on the CPU; a graph that was run before keeps its session.
 *
 * Invariant: every session is gone after `close`. One thread computes: this is for checks on tiny models, where handing
 * work to others costs more than the work.
 */
import { createHash } from 'node:crypto'
import type { BuiltGraph } from '../models/index.ts'
import { Session } from './session.ts'
import type { Tensor } from './tensors.ts'

export type { Tensor } from './tensors.ts'

export class GraphRunner {
  private readonly sessions = new Map<string, Session>()

  /** Inputs that the graph does not name are left aside; one that it names and that is missing is an error. */
  async run(graph: BuiltGraph, inputs: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
    const key = `${graph.folder} ${createHash('sha256').update(graph.bytes).digest('hex')}`
    let session = this.sessions.get(key)
    if (!session) {
      session = await Session.open(graph, { threads: 1 })
      this.sessions.set(key, session)
    }
    return session.run(inputs)
  }

  async close(): Promise<void> {
    for (const session of this.sessions.values()) await session.release()
    this.sessions.clear()
  }
}
