/**
 * The projects that are open in this host.
 *
 * Invariant: a project is open as long as a window uses it. When its last window goes away without closing it (a tab shut, a
 * page loaded again, a crash), it stays for a while for the window to come back, and is then closed. A session of an
 * earlier host is opened again at the first call that names it.
 */

import { InlayError } from '../../shared/errors.ts'
import type { SessionId } from '../../shared/ids.ts'
import { ProjectSession } from '../engine/index.ts'
import type { Note, OpenSession } from './control-contract.ts'
import { OpenProject } from './open-project.ts'
import type { FramePort } from './ports.ts'

/** How long a project waits for its window, in milliseconds. */
const GRACE = 30_000

export class ProjectTable {
  readonly #open = new Map<SessionId, OpenProject>()
  readonly #earlier = new Map<SessionId, OpenSession>()
  readonly #waiting = new Map<SessionId, NodeJS.Timeout>()
  readonly #closing = new Set<Promise<void>>()
  readonly #known = new WeakSet<FramePort>()
  readonly #tell: (note: Note) => void

  constructor(tell: (note: Note) => void) {
    this.#tell = tell
  }

  /** Sessions of a host that died; they are opened when somebody asks for them. */
  restore(sessions: readonly OpenSession[]): void {
    for (const session of sessions)
      if (!this.#open.has(session.session)) this.#earlier.set(session.session, session)
  }

  /** Takes a session that was just opened for a window. */
  add(session: ProjectSession, caller: FramePort): OpenProject {
    const project = this.#enter(new OpenProject(session))
    this.#attach(project, caller)
    return project
  }

  /**
   * The project a call is about; a call by URL has no caller to remember.
   * @throws InlayError `host.lost` when it is open no more.
   */
  get(id: SessionId, caller?: FramePort): OpenProject {
    const project = this.#open.get(id) ?? this.#reopen(id)
    if (caller) this.#attach(project, caller)
    return project
  }

  /** Closes what lies in a file and is used by no window, so that it can be opened for writing. */
  async closeForgotten(path: string): Promise<void> {
    for (const project of this.#open.values())
      if (project.callers.size === 0 && project.session.path === path) void this.close(project)
    await Promise.all(this.#closing)
  }

  async close(project: OpenProject): Promise<void> {
    if (!this.#open.delete(project.id)) return
    clearTimeout(this.#waiting.get(project.id))
    this.#waiting.delete(project.id)
    const closing = project.close()
    this.#closing.add(closing)
    try {
      await closing
    } finally {
      this.#closing.delete(closing)
      this.#tell({ type: 'closed', session: project.id })
    }
  }

  async closeAll(): Promise<void> {
    await Promise.allSettled([...this.#open.values()].map((project) => this.close(project)))
    await Promise.allSettled(this.#closing)
  }

  /** The project goes on in another file. */
  moved({ id, session, generation }: OpenProject): void {
    this.#tell({ type: 'opened', session: id, path: session.path, readOnly: session.readOnly, generation })
  }

  #reopen(id: SessionId): OpenProject {
    const earlier = this.#earlier.get(id)
    if (!earlier) throw new InlayError('host.lost', 'This project is not open any more; open it again.')
    const session = ProjectSession.open(earlier.path, { readOnly: earlier.readOnly })
    this.#earlier.delete(id)
    return this.#enter(new OpenProject(session, id, earlier.generation + 1))
  }

  #enter(project: OpenProject): OpenProject {
    this.#open.set(project.id, project)
    this.moved(project)
    return project
  }

  #attach(project: OpenProject, caller: FramePort): void {
    if (caller.closed) return
    project.callers.add(caller)
    clearTimeout(this.#waiting.get(project.id))
    this.#waiting.delete(project.id)
    if (this.#known.has(caller)) return
    this.#known.add(caller)
    caller.onClose(() => this.#detach(caller))
  }

  #detach(caller: FramePort): void {
    for (const project of this.#open.values()) {
      if (!project.callers.delete(caller) || project.callers.size > 0) continue
      const timer = setTimeout(() => void this.close(project).catch(console.error), GRACE)
      timer.unref()
      this.#waiting.set(project.id, timer)
    }
  }
}
