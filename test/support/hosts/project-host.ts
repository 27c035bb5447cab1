/** The echo service as a host process of its own, under a name that the starters know. */
import { runHost } from '../../../src/main/hosts/host-entry.ts'
import { createEchoHost } from '../echo-service.ts'

runHost(createEchoHost)
