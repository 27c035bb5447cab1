/**
 * The inference host's service: what can run models here, and whether a model does.
 *
 * Invariant: the probes run once in a host's life, one after the other; whoever asks meanwhile waits for the same answer.
 */
import { implement } from '@orpc/server'
import { inferenceContract, type ProviderReport } from '../../shared/rpc/contract.ts'
import { checkModel, probeProviders } from '../engine/inference/index.ts'
import type { HostServer } from './host-types.ts'
import { serve } from './rpc.ts'

export function createInferenceHost(): HostServer {
  let reports: Promise<readonly ProviderReport[]> | undefined
  const os = implement(inferenceContract)
  const accept = serve(
    os.router({
      providers: os.providers.handler(async () => {
        reports ??= probeProviders()
        return reports
      }),
      check: os.check.handler(({ input }) => checkModel(input.path, input.provider)),
    }),
  )
  return {
    accept(service, port) {
      if (service === 'inference') accept(port)
      else port.close()
    },
    close: async () => {},
  }
}
