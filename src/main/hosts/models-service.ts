/**
 * The models service: what is installed, putting more on the list, fetching from a hub.
 *
 * Served by the project host, beside `project`: the file grants are there, so a window names a model by token; and it is never
 * blocked for long, while the inference host is for as long as a model runs. What is done here waits for disks and servers, or
 * reads headers of some hundred kilobytes.
 *
 * Invariant: a token of the hub comes in by `saveSettings` and never goes out. A download that its window leaves is
 * cancelled, and can be taken up again.
 */
import { implement } from '@orpc/server'
import { InlayError } from '../../shared/errors.ts'
import { licenceName } from '../../shared/model-download.ts'
import { type DownloadEvent, modelsContract } from '../../shared/rpc/contract.ts'
import { TimeLeft } from '../../shared/time-left.ts'
import {
  discardDownload,
  downloadModel,
  hubAccess,
  hubSettings,
  inspectModel,
  ModelRegistry,
  planDownload,
  saveHubSettings,
  unfinishedDownloads,
} from '../engine/index.ts'
import { EventQueue } from './event-queue.ts'
import type { FileTable } from './file-table.ts'
import type { HostConfig } from './host-types.ts'
import type { FramePort } from './ports.ts'
import { type Caller, serve } from './rpc.ts'

/** Progress is told this often, milliseconds. */
const BETWEEN = 150

export function serveModels({ dataFolder }: HostConfig, files: FileTable): (port: FramePort) => void {
  const os = implement(modelsContract).$context<Caller>()
  const registry = new ModelRegistry(dataFolder)
  return serve(
    os.router({
      list: os.list.handler(() => registry.list()),
      import: os.import.handler(({ input }) => registry.add(files.toModel(input.file).path)),
      inspect: os.inspect.handler(async ({ input }) => {
        const { path, statedPrediction } = await registry.find(input.name)
        return inspectModel(path, statedPrediction === null ? {} : { predictionType: statedPrediction })
      }),
      state: os.state.handler(async ({ input: { name, predictionType } }) =>
        registry.add((await registry.find(name)).path, name, { predictionType }),
      ),
      verify: os.verify.handler(({ input }) => registry.changes(input.name)),
      remove: os.remove.handler(async ({ input }) => {
        await registry.remove(input.name)
      }),
      plan: os.plan.handler(async ({ input, signal }) => {
        const asked = await planDownload(
          input,
          await hubAccess(dataFolder),
          dataFolder,
          signal ? { signal } : {},
        )
        return asked.plan
      }),
      get: os.get.handler(({ input, signal }) => {
        const events = new EventQueue<DownloadEvent>(signal)
        get(input, signal ?? new AbortController().signal, (event) => events.push(event)).then(
          () => events.close(),
          (error) => events.fail(error),
        )
        return events
      }),
      unfinished: os.unfinished.handler(() => unfinishedDownloads(dataFolder)),
      discard: os.discard.handler(({ input }) => discardDownload(dataFolder, input.key)),
      settings: os.settings.handler(() => hubSettings(dataFolder)),
      saveSettings: os.saveSettings.handler(async ({ input }) => {
        await saveHubSettings(dataFolder, input)
        return hubSettings(dataFolder)
      }),
    }),
  )

  async function get(
    {
      request,
      bytes,
      licence,
    }: { request: Parameters<typeof planDownload>[0]; bytes: number; licence: string },
    signal: AbortSignal,
    tell: (event: DownloadEvent) => void,
  ): Promise<void> {
    const access = await hubAccess(dataFolder)
    const planned = await planDownload(request, access, dataFolder, { signal })
    if (planned.plan.bytes !== bytes || licenceName(planned.plan.licence) !== licence)
      throw new InlayError(
        'download.refused',
        'The hub offers something else now than was shown; look the model up again.',
      )
    const left = new TimeLeft(bytes)
    let now = { bytes: planned.plan.have, file: '' }
    let told = now
    // By the clock and not by what arrives: the last that came before a silence is told too.
    const telling = setInterval(() => {
      if (now === told) return
      told = now
      tell({ type: 'progress', ...now, secondsLeft: left.after(now.bytes, performance.now()) })
    }, BETWEEN)
    const { folder, name } = await downloadModel(planned, access, dataFolder, {
      signal,
      onProgress(done, file) {
        now = { bytes: done, file }
      },
    }).finally(() => clearInterval(telling))
    tell({ type: 'done', model: await registry.add(folder, name) })
  }
}
