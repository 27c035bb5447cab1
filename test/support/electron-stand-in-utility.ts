/** Runs a host's entry point in a thread as if it were an Electron utility process. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { StandInPort } from './electron-stand-in-port.ts'

const { entry, args } = workerData as { entry: string; args: string[] }
process.argv.splice(1, process.argv.length, entry, ...args)
Object.assign(process, {
  parentPort: {
    on(_: 'message', listener: (event: { data: unknown; ports: StandInPort[] }) => void) {
      parentPort?.on('message', ({ data, ports }: { data: unknown; ports: MessagePort[] }) =>
        listener({ data, ports: ports.map((port) => new StandInPort(port)) }),
      )
    },
  },
})
await import(entry)
