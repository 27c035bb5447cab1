/**
 * The sessions that are open, by what they compute and where.
 *
 * Invariant: a graph has at most one session here; who asks while it is being opened waits for the same one. A session whose
 * file has changed is released when that is noticed. With a budget, those that were not used for the longest are let go of
 * before another is opened that would not fit beside them; asked for again, they are opened again.
 */
import { stat } from 'node:fs/promises'
import type { BuiltGraph, Component, OnnxComponent } from '../models/index.ts'
import { GraphCache, type Wanted } from './graph-cache.ts'
import { formOn } from './provider-form.ts'
import { type OnnxFile, type Provider, Session } from './session.ts'
import { type SessionBudget, sessionBytes } from './session-budget.ts'

export interface SessionCacheOptions {
  readonly provider: Provider
  /** Of the application: another one may build other graphs. */
  readonly version: string
  /** Where the digests of networks are remembered. */
  readonly dataFolder: string
  readonly threads?: number
  /** Shared with the caches of other providers; without one, every session is kept. */
  readonly budget?: SessionBudget
}

export class SessionCache {
  private readonly options: SessionCacheOptions
  private readonly graphs: GraphCache
  private readonly sessions = new Map<BuiltGraph | string, Promise<Session>>()

  constructor(options: SessionCacheOptions) {
    this.options = options
    this.graphs = new GraphCache(options.version, options.dataFolder)
  }

  /**
   * The session of a part of a network, in the form that is right for the provider unless told.
   * @throws InlayError as `componentGraph` does
   */
  async open(component: Component, wanted: Wanted): Promise<Session> {
    const { graph, precision } = await this.graphOf(component, wanted)
    for (const key of this.sessions.keys())
      if (typeof key !== 'string' && !this.graphs.has(key)) await this.releaseAt(key)
    const { budget } = this.options
    if (this.sessions.has(graph)) budget?.touch(graph)
    else
      await budget?.admit(graph, sessionBytes(component, wanted.part, precision), () => this.releaseAt(graph))
    return this.session(graph, graph)
  }

  /** Whether it is open, so that asking for it takes no time. */
  async isOpen(component: Component, wanted: Wanted): Promise<boolean> {
    return this.sessions.has((await this.graphOf(component, wanted)).graph)
  }

  /** The session of an ONNX file. @throws InlayError `model.unreadable` */
  async openFile({ file }: OnnxComponent): Promise<Session> {
    const { size, mtimeMs } = await stat(file)
    const key = `${file} ${size} ${mtimeMs}`
    const { budget } = this.options
    if (this.sessions.has(key)) budget?.touch(key)
    else await budget?.admit(key, size + (await besideOf(file)), () => this.releaseAt(key))
    return this.session(key, { file })
  }

  /** Lets go of a session; asked for again, it is opened again. */
  async release(session: Session): Promise<void> {
    for (const [key, one] of this.sessions)
      if ((await one.catch(() => null)) === session) await this.releaseAt(key)
  }

  async close(): Promise<void> {
    for (const key of this.sessions.keys()) await this.releaseAt(key)
  }

  private async graphOf(component: Component, wanted: Wanted) {
    const form = { ...(await formOn(this.options.provider)), ...wanted }
    return { graph: await this.graphs.get(component, form), precision: form.precision }
  }

  private session(key: BuiltGraph | string, model: BuiltGraph | OnnxFile): Promise<Session> {
    const known = this.sessions.get(key)
    if (known) return known
    const session = Session.open(model, this.options)
    this.sessions.set(key, session)
    session.catch(() => {
      this.sessions.delete(key)
      this.options.budget?.forget(key)
    })
    return session
  }

  private async releaseAt(key: BuiltGraph | string): Promise<void> {
    const session = this.sessions.get(key)
    this.sessions.delete(key)
    this.options.budget?.forget(key)
    await session?.then((one) => one.release()).catch(() => {})
  }
}

/** Bytes of the file that an exporter puts weights into which do not fit into the graph. */
async function besideOf(file: string): Promise<number> {
  return (await stat(`${file}_data`).catch(() => null))?.size ?? 0
}
