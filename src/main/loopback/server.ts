/**
 * The loopback host: the same application in a browser on the same machine.
 *
 * Invariant: listens on 127.0.0.1 only; every request and every WebSocket passes `guard.ts` before anything else is looked
 * at; frames between a page and the project host are passed on unread.
 */
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { type FramePort, PortEnd, relay } from '../hosts/ports.ts'
import type { ProjectLink, WindowService } from '../hosts/project-link.ts'
import { sendError, sendJson, sendText, setCommonHeaders } from './answers.ts'
import { cookieName, hasCookie, hostIsOurs, isFirstVisit, originIsOurs, type Secrets } from './guard.ts'
import { sendStatic } from './static-files.ts'
import { sendTiles } from './tile-route.ts'
import type { Transfers } from './transfers.ts'

export interface LoopbackOptions {
  /** 0 takes any free one. */
  readonly port: number
  /** The folder the renderer was built into. */
  readonly pageFolder: string
  readonly projects: ProjectLink
  readonly transfers: Transfers
  /** Takes a page's line to the shell service. */
  readonly shell: (port: FramePort) => void
}

export interface LoopbackServer {
  /** What to open in a browser; the token in it is needed for the first visit. */
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

/** A long stroke or a big selection outline is a few megabytes; nothing a page sends by RPC is larger. */
const LARGEST_FRAME = 64 * 2 ** 20
/** WebSocket close code "service restart": come back. */
const COME_BACK = 1012

export async function startServer(options: LoopbackOptions): Promise<LoopbackServer> {
  const http = createServer()
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject)
    http.listen(options.port, '127.0.0.1', () => resolve())
  })
  const { port } = http.address() as AddressInfo
  const secrets: Secrets = { token: secret(), cookie: secret(), port }
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST_FRAME, perMessageDeflate: false })
  http.on('request', (request, response) => {
    handle(request, response, secrets, options).catch((error) => sendError(response, error))
  })
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const service = allowedService(request, secrets)
    if (!service) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const line = portOf(webSocket)
      if (service === 'shell') options.shell(line)
      else
        options.projects.connect(service).then(
          (host) => relay(line, host),
          () => line.close(),
        )
    })
  })
  return {
    url: `http://127.0.0.1:${port}/?token=${secrets.token}`,
    port,
    close: () =>
      new Promise((resolve) => {
        for (const client of sockets.clients) client.terminate()
        http.close(() => resolve())
        http.closeAllConnections()
      }),
  }
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  secrets: Secrets,
  { projects, transfers, pageFolder }: LoopbackOptions,
): Promise<void> {
  setCommonHeaders(response, request.headers.host ?? '')
  if (!hostIsOurs(request, secrets.port)) return sendText(response, 421, 'This address is not served here.')
  const url = new URL(request.url ?? '/', `http://${request.headers.host}`)
  if (isFirstVisit(request, url, secrets)) return welcome(response, secrets)
  const reading = request.method === 'GET' || request.method === 'HEAD'
  if (!originIsOurs(request, !reading)) return sendText(response, 403, 'Another site may not use Inlay.')
  if (!hasCookie(request, secrets))
    return sendText(
      response,
      403,
      'Open the address that Inlay printed when it was started; it has the key in it.',
    )
  const [, first, second] = url.pathname.split('/')
  if (first === 'tiles') return sendTiles(request, response, url, projects)
  if (first === 'upload' && request.method === 'POST') {
    const name = url.searchParams.get('name') ?? 'Untitled'
    return sendJson(response, await transfers.receive(request, name))
  }
  if (!reading) return sendText(response, 405, 'Not here.')
  if (first === 'download') {
    if (!(await transfers.send(response, second ?? '')))
      sendText(response, 404, 'This download was fetched already.')
    return
  }
  await sendStatic(response, pageFolder, url.pathname)
}

/**
 * Exchanges the token for the cookie. Not a redirect: a browser that came from another site's link would follow it
 * without the strict cookie. A page of our own that goes on to another one does bring it.
 */
function welcome(response: ServerResponse, { cookie, port }: Secrets): void {
  response.setHeader('Set-Cookie', `${cookieName(port)}=${cookie}; HttpOnly; SameSite=Strict; Path=/`)
  sendText(
    response,
    200,
    '<!doctype html><meta http-equiv="refresh" content="0;url=/"><title>Inlay</title>',
    'text/html',
  )
}

function allowedService(request: IncomingMessage, secrets: Secrets): 'shell' | WindowService | null {
  const allowed =
    hostIsOurs(request, secrets.port) && originIsOurs(request, true) && hasCookie(request, secrets)
  if (!allowed) return null
  const [, service] = /^\/rpc\/(shell|project|models)$/.exec(request.url ?? '') ?? []
  return (service as 'shell' | WindowService | undefined) ?? null
}

function portOf(webSocket: WebSocket): FramePort {
  const line: PortEnd = new PortEnd({
    transmit: (frame) => webSocket.send(frame),
    hangUp: () => webSocket.close(COME_BACK),
  })
  webSocket.binaryType = 'nodebuffer'
  webSocket.on('message', (data: Buffer, isBinary) => line.deliver(isBinary ? data : data.toString('utf8')))
  webSocket.on('error', () => webSocket.terminate())
  webSocket.on('close', () => line.end())
  return line
}

function secret(): string {
  return randomBytes(32).toString('base64url')
}
