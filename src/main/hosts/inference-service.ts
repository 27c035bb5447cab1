/**
 * The inference host's service: what can run models here, whether a model does, and making pictures with it.
 *
 * Invariant: the probes run once in a host's life, one after the other; whoever asks meanwhile waits for the same answer.
 */
import { implement } from '@orpc/server'
import { inferenceContract, type ProviderReport } from '../../shared/rpc/contract.ts'
import { checkModel, probeProviders } from '../engine/inference/index.ts'
import { GenerationService } from './generation-service.ts'
import type { HostConfig, HostServer } from './host-types.ts'
import { serve } from './rpc.ts'

export function createInferenceHost(config: HostConfig): HostServer {
  let reports: Promise<readonly ProviderReport[]> | undefined
  const pictures = new GenerationService(config)
  const os = implement(inferenceContract)
  const accept = serve(
    os.router({
      providers: os.providers.handler(async () => {
        reports ??= probeProviders()
        return reports
      }),
      check: os.check.handler(({ input }) => checkModel(input.path, input.provider)),
      generate: os.generate.handler(({ input, signal }) => pictures.generate(input, signal)),
    }),
  )
  return {
    accept(service, port) {
      if (service === 'inference') accept(port)
      else port.close()
    },
    close: () => pictures.close(),
  }
}
