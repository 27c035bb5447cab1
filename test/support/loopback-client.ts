/** The loopback server as its users meet it: started as a process, visited with its token, spoken to by WebSocket. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ContractRouterClient } from '@orpc/contract'
import { WebSocket } from 'ws'
import { PortEnd } from '../../src/main/hosts/ports.ts'
import { clientOf } from '../../src/main/hosts/rpc.ts'
import type { modelsContract, projectContract } from '../../src/shared/rpc/contract.ts'
import type { shellContract } from '../../src/shared/rpc/shell-contract.ts'

const MAIN = fileURLToPath(new URL('../../src/main/loopback/main.ts', import.meta.url))

export class LoopbackProcess {
  readonly url: URL
  readonly data: string
  readonly process: ChildProcess
  cookie = ''

  private constructor(child: ChildProcess, url: URL, data: string) {
    this.process = child
    this.url = url
    this.data = data
  }

  static async start(args: readonly string[] = [], data?: string): Promise<LoopbackProcess> {
    const folder = data ?? (await mkdtemp(path.join(os.tmpdir(), 'inlay-test-data-')))
    const child = spawn(process.execPath, [MAIN, '--data', folder, ...args], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    })
    const address = await new Promise<string>((resolve, reject) => {
      let text = ''
      child.stdout?.on('data', (chunk) => {
        text += chunk
        const found = /http:\S+/.exec(text)
        if (found) resolve(found[0])
      })
      child.once('exit', (code) => reject(new Error(`the server ended with status ${code}: ${text}`)))
    })
    const server = new LoopbackProcess(child, new URL(address), folder)
    const welcome = await fetch(server.url)
    server.cookie = (welcome.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
    return server
  }

  get origin(): string {
    return this.url.origin
  }

  fetch(where: string, init: RequestInit = {}): Promise<Response> {
    return fetch(new URL(where, this.origin), {
      ...init,
      headers: { cookie: this.cookie, origin: this.origin, ...init.headers },
    })
  }

  socket(service: string, headers: Record<string, string> = {}): WebSocket {
    return new WebSocket(`ws://${this.url.host}/rpc/${service}`, {
      headers: { cookie: this.cookie, origin: this.origin, ...headers },
    })
  }

  project(): Promise<ContractRouterClient<typeof projectContract> & { hangUp(): void }> {
    return this.#client<typeof projectContract>('project')
  }

  models(): Promise<ContractRouterClient<typeof modelsContract> & { hangUp(): void }> {
    return this.#client<typeof modelsContract>('models')
  }

  shell(): Promise<ContractRouterClient<typeof shellContract> & { hangUp(): void }> {
    return this.#client<typeof shellContract>('shell')
  }

  async #client<C extends typeof projectContract | typeof shellContract | typeof modelsContract>(
    service: 'project' | 'shell' | 'models',
  ) {
    const socket = this.socket(service)
    await new Promise((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    const port: PortEnd = new PortEnd({
      transmit: (frame) => socket.send(frame),
      hangUp: () => socket.close(),
    })
    socket.on('message', (data: Buffer, binary) =>
      port.deliver(binary ? new Uint8Array(data) : data.toString()),
    )
    socket.on('close', () => port.end())
    const client = clientOf<C>(port)
    return new Proxy(client, {
      get: (target, key) => {
        // What is returned by an async function is asked whether it is a promise.
        if (key === 'then') return undefined
        return key === 'hangUp' ? () => port.close() : Reflect.get(target, key)
      },
    }) as ContractRouterClient<C> & { hangUp(): void }
  }

  /** Ends it as Ctrl+C does. @returns its exit status */
  async stop(keepData = false): Promise<number | null> {
    const ended = new Promise<number | null>((resolve) => this.process.once('exit', (code) => resolve(code)))
    if (this.process.exitCode === null) this.process.kill('SIGINT')
    else return this.process.exitCode
    const code = await ended
    if (!keepData) await rm(this.data, { recursive: true, force: true })
    return code
  }
}
