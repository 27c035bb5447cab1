/**
 * The `inlay:` protocol: the page, its parts and the tiles, all under `inlay://app`, so that the page's policy needs to name
 * nothing but itself and the renderer uses the same addresses as under the loopback server.
 *
 * Invariant: reads only, and only from the folder the renderer was built into; tiles come from the project host.
 */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { protocol } from 'electron'
import { toWireError } from '../../shared/errors.ts'
import type { ProjectLink } from '../hosts/project-link.ts'
import { TileQuery } from '../hosts/tile-channel.ts'

const SCHEME = 'inlay'
export const PAGE_ORIGIN = `${SCHEME}://app`

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "font-src 'self'",
  "worker-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': POLICY,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}

/** Has to be called before the application is ready. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: SCHEME,
      privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true },
    },
  ])
}

export function servePage(pageFolder: string, projects: ProjectLink): void {
  protocol.handle(SCHEME, async (request) => {
    const url = new URL(request.url)
    if (url.host !== 'app') return answer(404, 'There is no such page.')
    try {
      if (url.pathname.split('/')[1] === 'tiles') return await tiles(request, url, projects)
      return request.method === 'GET' ? await file(pageFolder, url.pathname) : answer(405, 'Not here.')
    } catch (error) {
      return answer(422, JSON.stringify({ error: toWireError(error) }), 'application/json')
    }
  })
}

async function tiles(request: Request, url: URL, projects: ProjectLink): Promise<Response> {
  const posted = request.method === 'POST'
  const [session, level, hash] = url.pathname.split('/').slice(2)
  const query = TileQuery.safeParse(
    posted ? await request.json().catch(() => null) : { session, hashes: [hash], level: Number(level) },
  )
  if (!query.success) return answer(400, 'The request for tiles makes no sense.')
  const bytes = await projects.tiles(query.data)
  const known = posted || bytes[0] !== 0
  return new Response(bytes as Uint8Array<ArrayBuffer>, {
    status: known ? 200 : 404,
    headers: {
      ...HEADERS,
      'Content-Type': 'application/octet-stream',
      'Cache-Control': posted || !known ? 'no-store' : 'private, max-age=31536000, immutable',
    },
  })
}

async function file(folder: string, pathname: string): Promise<Response> {
  const wanted = path.resolve(folder, `.${decodeURIComponent(pathname === '/' ? '/index.html' : pathname)}`)
  if (!wanted.startsWith(folder + path.sep)) return answer(404, 'There is no such file.')
  const bytes = await readFile(wanted).catch(() => null)
  if (!bytes) return answer(404, 'There is no such file.')
  return new Response(new Uint8Array(bytes), {
    headers: { ...HEADERS, 'Content-Type': TYPES[path.extname(wanted)] ?? 'application/octet-stream' },
  })
}

function answer(status: number, text: string, type = 'text/plain'): Response {
  return new Response(text, { status, headers: { ...HEADERS, 'Content-Type': type } })
}
