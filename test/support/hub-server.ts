/**
 * A model hub on this machine: the pages of the real one that a download needs, and a second server where large files lie, as
 * the real one has. Faults are put in per request.
 */
import { createHash } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'

export interface HubFile {
  readonly bytes: Buffer
  /** Large files have a SHA-256 and lie on the other server; small ones a git digest. */
  readonly large: boolean
}

export interface HubRepo {
  readonly files: ReadonlyMap<string, HubFile>
  readonly commit: string
  readonly card?: unknown
  readonly gated?: boolean
}

export interface Asked {
  readonly server: 'hub' | 'store'
  readonly path: string
  readonly token: string | undefined
  readonly range: string | undefined
}

type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void
/** Answers itself and says so, or leaves the request to the server. */
export type Fault = (
  asked: Asked,
  response: http.ServerResponse,
  request: http.IncomingMessage,
) => boolean | undefined

export const COMMIT = 'c0ffee'.padEnd(40, '0')
export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
const gitDigest = (bytes: Buffer): string =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')

export class HubServer {
  readonly repos = new Map<string, HubRepo>()
  readonly asked: Asked[] = []
  /** Changes the entries of a list before they are sent. */
  lie: (entries: Record<string, unknown>[]) => unknown[] = (entries) => entries
  fault: Fault = () => false
  pageSize = 1000
  readonly #servers: http.Server[] = []
  address = ''
  #store = ''

  static async start(): Promise<HubServer> {
    const hub = new HubServer()
    hub.address = await hub.#listen('hub', (request, response) => hub.#answer(request, response))
    // By its other name, so that it is another server to whoever keeps a token.
    hub.#store = (
      await hub.#listen('store', (request, response) => hub.#sendLarge(request, response))
    ).replace('127.0.0.1', 'localhost')
    return hub
  }

  /** A repository from its files; `.safetensors` and everything over 4 kB count as large. */
  add(repo: string, files: Readonly<Record<string, Buffer | string>>, more: Partial<HubRepo> = {}): HubRepo {
    const entries = Object.entries(files).map(([path, content]) => {
      const bytes = Buffer.from(content as string)
      return [
        path,
        { bytes, large: /\.(safetensors|onnx|bin|ckpt)$/.test(path) || bytes.length > 4096 },
      ] as const
    })
    const made: HubRepo = { files: new Map(entries), commit: COMMIT, ...more }
    this.repos.set(repo, made)
    return made
  }

  /** Paths of files that were asked for, from either server, each once, in order. */
  fetched(): string[] {
    return [...new Set(this.asked.flatMap(({ path }) => /\/resolve\/[^/]+\/(.+)$/.exec(path)?.[1] ?? []))]
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }

  async #listen(name: Asked['server'], handler: Handler): Promise<string> {
    const server = http.createServer((request, response) => {
      const asked: Asked = {
        server: name,
        path: decodeURIComponent(request.url ?? ''),
        token: request.headers.authorization,
        range: request.headers.range,
      }
      this.asked.push(asked)
      if (!this.fault(asked, response, request)) handler(request, response)
    })
    this.#servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  #answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const url = new URL(request.url ?? '/', this.address)
    const [, repo = '', kind, revision = '', rest] =
      /^\/(?:api\/models\/)?([^/]+\/[^/]+)\/(revision|tree|resolve)\/([^/]+)(?:\/(.*))?$/.exec(
        url.pathname,
      ) ?? []
    const found = this.repos.get(repo)
    const known = ['main', 'HEAD', found?.commit].includes(decodeURIComponent(revision))
    if (!found || !known) return void response.writeHead(404).end('{"error":"not found"}')
    if (kind === 'revision')
      return void json(response, {
        _id: '1',
        id: repo,
        sha: found.commit,
        gated: found.gated ? 'auto' : false,
        private: false,
        downloads: 0,
        likes: 0,
        lastModified: '2026-01-01T00:00:00Z',
        ...(found.card === undefined ? {} : { cardData: found.card }),
      })
    if (kind === 'tree') return this.#list(found, url, response)
    const name = decodeURIComponent(rest ?? '')
    const file = found.files.get(name)
    if (!file) return void response.writeHead(404).end()
    if (file.large) return void response.writeHead(302, { location: `${this.#store}${url.pathname}` }).end()
    send(request, response, file.bytes)
  }

  #list(repo: HubRepo, url: URL, response: http.ServerResponse): void {
    const honest = [...repo.files].map(([path, { bytes, large }]) => ({
      type: 'file',
      path,
      size: bytes.length,
      oid: large ? '0'.repeat(40) : gitDigest(bytes),
      ...(large ? { lfs: { oid: sha256(bytes), size: bytes.length, pointerSize: 130 } } : {}),
    }))
    const entries = this.lie(honest)
    const from = Number(url.searchParams.get('cursor') ?? 0)
    const next = from + this.pageSize
    if (next < entries.length) {
      url.searchParams.set('cursor', String(next))
      response.setHeader('link', `<${url.href}>; rel="next"`)
    }
    json(response, entries.slice(from, next))
  }

  #sendLarge(request: http.IncomingMessage, response: http.ServerResponse): void {
    const [, repo = '', path = ''] = /^\/([^/]+\/[^/]+)\/resolve\/[^/]+\/(.+)$/.exec(request.url ?? '') ?? []
    const file = this.repos.get(repo)?.files.get(decodeURIComponent(path))
    if (!file) return void response.writeHead(404).end()
    send(request, response, file.bytes)
  }
}

function json(response: http.ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}

/** Sends a file or the part that was asked for; cuts the connection after `most` bytes. */
export function send(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  bytes: Buffer,
  most = Number.POSITIVE_INFINITY,
): void {
  const etag = `"${sha256(bytes).slice(0, 16)}"`
  const asked = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
  const from = [undefined, etag].includes(request.headers['if-range'] as string | undefined) ? asked : 0
  response.writeHead(from > 0 ? 206 : 200, {
    etag,
    'content-length': bytes.length - from,
    ...(from > 0 ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
  })
  const piece = bytes.subarray(from, from + most)
  if (from + piece.length === bytes.length) response.end(piece)
  else response.write(piece, () => setTimeout(() => response.destroy(), 10))
}
