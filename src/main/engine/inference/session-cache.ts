/**
 * The sessions that are open, by what they compute and where.
 *
 * Invariant: a graph has at most one session here; who asks while it is being opened waits for the same one. A session whose
 * file has changed is released when that is noticed. Which to keep when memory is short is for the caller, who lets go of
 * one by `release` and gets it again by `open`.
 */
import { stat } from 'node:fs/promises'
import type { BuiltGraph, Component, OnnxComponent } from '../models/index.ts'
import { GraphCache, type Wanted } from './graph-cache.ts'
import { formOn } from './provider-form.ts'
import { type OnnxFile, type Provider, Session } from './session.ts'

export interface SessionCacheOptions {
  readonly provider: Provider
  /** Of the application: another one may build other graphs. */
  readonly version: string
  /** Where the digests of networks are remembered. */
  readonly dataFolder: string
  readonly threads?: number
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
    const form = await formOn(this.options.provider)
    const graph = await this.graphs.get(component, { ...form, ...wanted })
    for (const key of this.sessions.keys())
      if (typeof key !== 'string' && !this.graphs.has(key)) await this.releaseAt(key)
    return this.session(graph, graph)
  }

  /** The session of an ONNX file. @throws InlayError `model.unreadable` */
  async openFile({ file }: OnnxComponent): Promise<Session> {
    const { size, mtimeMs } = await stat(file)
    return this.session(`${file} ${size} ${mtimeMs}`, { file })
  }

  /** Lets go of a session; asked for again, it is opened again. */
  async release(session: Session): Promise<void> {
    for (const [key, one] of this.sessions)
      if ((await one.catch(() => null)) === session) await this.releaseAt(key)
  }

  async close(): Promise<void> {
    for (const key of this.sessions.keys()) await this.releaseAt(key)
  }

  private session(key: BuiltGraph | string, model: BuiltGraph | OnnxFile): Promise<Session> {
    const known = this.sessions.get(key)
    if (known) return known
    const session = Session.open(model, this.options)
    this.sessions.set(key, session)
    session.catch(() => this.sessions.delete(key))
    return session
  }

  private async releaseAt(key: BuiltGraph | string): Promise<void> {
    const session = this.sessions.get(key)
    this.sessions.delete(key)
    await session?.then((one) => one.release()).catch(() => {})
  }
}
