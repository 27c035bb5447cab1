/**
 * Starts a host as a Node child process: the starter of the loopback server and of the command line.
 *
 * Invariant: the child's only tie to us is its IPC channel; when we die, by whatever signal, the channel closes and the
 * child ends. Ctrl+C in a terminal goes to the whole process group, so hosts ignore it and wait to be asked to quit.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ChannelMux } from './channel-mux.ts'
import type { HostConfig, HostProcess, HostStarter } from './host-types.ts'

/** The ending of this file: from source a host is a `.ts` file, in the bundle a `.js` file beside this one. */
const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf('.'))

/** Flags of Node itself that a host needs too (running TypeScript on an older Node), and nothing a debugger left. */
const execArgv = process.execArgv.filter((flag) => /strip-types|--disable-warning/.test(flag))

/** Starts the entry points in a folder, by default those beside this file. */
export function childStarter(folder = new URL('./', import.meta.url)): HostStarter {
  return (kind, config) => startChild(fileURLToPath(new URL(`./${kind}-host${EXTENSION}`, folder)), config)
}

function startChild(entry: string, config: HostConfig): HostProcess {
  const child = fork(entry, [JSON.stringify(config)], {
    serialization: 'advanced',
    execArgv,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const send = (message: object): void => {
    // A child that has just died makes sending fail; its exit tells the story.
    if (child.connected) child.send(message, () => {})
  }
  const mux = new ChannelMux(send, () => {})
  child.on('message', (message) => mux.receive(message))
  const exited = new Promise<string>((resolve) => {
    const end = (how: string) => {
      mux.end()
      resolve(how)
    }
    child.once('error', (error) => end(`could not be started: ${error.message}`))
    child.once('exit', (code, signal) => end(signal ? `ended by ${signal}` : `ended with status ${code}`))
  })
  return {
    pid: child.pid,
    connect: (service) => mux.open(service),
    exited,
    kill: () => void child.kill('SIGKILL'),
    quit: () => send({ quit: true }),
  }
}
