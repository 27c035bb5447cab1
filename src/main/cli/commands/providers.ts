/**
 * `inlay providers`: what this machine can run models on, found by running one.
 *
 * The probes run in an inference host of their own, because a broken driver may take its process with it.
 */
import type { Command } from 'commander'
import type { inferenceContract } from '../../../shared/rpc/contract.ts'
import { childStarter } from '../../hosts/child-starter.ts'
import { defaultDataFolder } from '../../hosts/data-folder.ts'
import { HostSupervisor } from '../../hosts/host-supervisor.ts'
import { clientOf } from '../../hosts/rpc.ts'
import { type OutputOptions, printResult } from '../output.ts'

export function addProviders(program: Command): void {
  program
    .command('providers')
    .summary('list the execution providers of this machine, each tried with a small model')
    .option('--json', 'print the result as JSON')
    .action(run)
}

async function run(options: OutputOptions): Promise<void> {
  const supervisor = new HostSupervisor({
    starter: childStarter(new URL('../../hosts/', import.meta.url)),
    config: { dataFolder: defaultDataFolder(), assetsFolder: '' },
  })
  try {
    const port = await supervisor.connect('inference', 'inference')
    const reports = await clientOf<typeof inferenceContract>(port).providers()
    printResult(
      options,
      reports,
      reports.map(({ name, available, detail, milliseconds }) => {
        const time = milliseconds === null ? '' : ` (${milliseconds.toFixed(1)} ms)`
        return `${available ? '✓' : '✗'} ${name.padEnd(7)} ${detail}${time}`
      }),
    )
  } finally {
    await supervisor.stop()
  }
}
