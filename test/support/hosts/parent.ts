/** A process that starts a host, tells its id, and waits to be ended from outside. */
import { childStarter } from '../../../src/main/hosts/child-starter.ts'
import { HostSupervisor } from '../../../src/main/hosts/host-supervisor.ts'

const supervisor = new HostSupervisor({
  starter: childStarter(new URL('./', import.meta.url)),
  config: { dataFolder: '/nowhere', assetsFolder: '/nowhere' },
})
await supervisor.connect('project', 'echo')
process.send?.(supervisor.pid('project'))
