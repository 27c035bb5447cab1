/**
 * The project host's inside: the table of open projects, the three services on it, and the list of models.
 *
 * Invariant: windows get `project` and `models`, the shell alone gets `control`, `tiles` and, to join them to the inference host,
 * `inference-line`. All projects are closed, each leaving one
 * whole file, before the host ends.
 */
import { implement } from '@orpc/server'
import { projectContract } from '../../shared/rpc/contract.ts'
import type { Generator } from '../engine/index.ts'
import { controlContract } from './control-contract.ts'
import { editCalls } from './edit-calls.ts'
import { fileCalls } from './file-calls.ts'
import { FileTable } from './file-table.ts'
import { generationCalls } from './generation-calls.ts'
import type { HostConfig, HostServer } from './host-types.ts'
import { InferenceLine } from './inference-line.ts'
import { modelPlaces } from './model-places.ts'
import { serveModels } from './models-service.ts'
import { Notes } from './notes.ts'
import { pixelCalls } from './pixel-calls.ts'
import type { FramePort } from './ports.ts'
import { ProjectTable } from './project-table.ts'
import { remoteGenerator } from './remote-generator.ts'
import { removalCalls } from './removal-calls.ts'
import { type Caller, serve } from './rpc.ts'
import { tileAnswer } from './tile-answer.ts'
import { serveTiles } from './tile-channel.ts'

/** What the calls of the project service work on. */
export interface ProjectParts {
  readonly config: HostConfig
  readonly files: FileTable
  readonly projects: ProjectTable
  readonly notes: Notes
  /** What makes pictures with models. */
  readonly generator: Generator
}

export type ProjectImplementer = ReturnType<typeof implementer>

export function createProjectHost(config: HostConfig): HostServer {
  // Where the engine keeps drafts.
  process.env['INLAY_DATA'] = config.dataFolder
  const notes = new Notes()
  const files = new FileTable((grant) => notes.tell({ type: 'granted', ...grant }))
  const projects = new ProjectTable((note) => notes.tell(note))
  const inference = new InferenceLine(notes)
  const generator = remoteGenerator(inference, modelPlaces(config))
  const services: Readonly<Record<string, (port: FramePort) => void>> = {
    project: serveProjects({ config, files, projects, notes, generator }),
    models: serveModels(config, files),
    control: serveControl(files, projects, notes),
    'inference-line': (port) => inference.take(port),
    tiles: serveTiles(({ session, hashes, level }, room) =>
      tileAnswer(projects.get(session), hashes, level, room),
    ),
  }
  return {
    accept(service, port) {
      const take = services[service]
      if (take) take(port)
      else port.close()
    },
    close: () => projects.closeAll(),
  }
}

function implementer() {
  return implement(projectContract).$context<Caller>()
}

function serveProjects(parts: ProjectParts): (port: FramePort) => void {
  const os = implementer()
  return serve(
    os.router({
      ...fileCalls(os, parts),
      ...editCalls(os, parts),
      ...pixelCalls(os, parts),
      ...removalCalls(os, parts),
      ...generationCalls(os, parts),
    }),
  )
}

function serveControl(files: FileTable, projects: ProjectTable, notes: Notes): (port: FramePort) => void {
  const os = implement(controlContract).$context<Caller>()
  return serve(
    os.router({
      restore: os.restore.handler(({ input }) => {
        for (const grant of input.grants) files.add(grant)
        projects.restore(input.sessions)
      }),
      grant: os.grant.handler(({ input }) => files.add(input)),
      alive: os.alive.handler(() => {}),
      notes: os.notes.handler(async ({ context, signal }) => notes.follow(context.port, signal)),
      taken: os.taken.handler(({ context }) => notes.taken(context.port)),
    }),
  )
}
