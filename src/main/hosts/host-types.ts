/** What a host is, seen from outside: shared by the supervisor, the starters and the hosts themselves. */
import type { FramePort } from './ports.ts'

export type HostKind = 'project' | 'inference'

/** What a host is told at its start; plain JSON, it travels as a command-line argument. */
export interface HostConfig {
  /** Drafts and settings live here. */
  readonly dataFolder: string
  /** The folder `assets` of the repository or the package. */
  readonly assetsFolder: string
}

/** A started host. */
export interface HostProcess {
  /** Undefined for a host in this process. */
  readonly pid: number | undefined
  /** Opens a line to one of the host's services. */
  connect(service: string): FramePort
  /** Resolves, never rejects, when the host has ended; the text says how. */
  readonly exited: Promise<string>
  /** Ends it at once. */
  kill(): void
  /** Asks it to close everything properly and to end. */
  quit(): void
}

/** Starts a host; where and how is the starter's secret. */
export type HostStarter = (kind: HostKind, config: HostConfig) => HostProcess

/** The inside of a host: takes connections until it is closed. */
export interface HostServer {
  accept(service: string, port: FramePort): void
  /** Closes projects, sessions and workers; after it the process may end. */
  close(): Promise<void>
}
