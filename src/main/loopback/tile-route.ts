/**
 * Tiles by URL: `GET /tiles/<session>/<level>/<hash>` for one, kept by the browser for ever, and `POST /tiles` with a JSON
 * query for many. Both answer the bytes that `projectContract.tiles` describes.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { InlayError } from '../../shared/errors.ts'
import type { ProjectLink } from '../hosts/project-link.ts'
import { TileQuery } from '../hosts/tile-channel.ts'

/** 1024 hashes with quotes and commas, and some room. */
const MOST_BYTES = 128 * 1024

export async function sendTiles(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  projects: ProjectLink,
): Promise<void> {
  const posted = request.method === 'POST'
  const query = TileQuery.safeParse(posted ? await readJson(request) : queryOf(url.pathname))
  if (!query.success) throw new InlayError('usage', 'The request for tiles makes no sense.')
  const bytes = await projects.tiles(query.data)
  const known = posted || bytes[0] !== 0
  response.writeHead(known ? 200 : 404, {
    'Content-Type': 'application/octet-stream',
    'Content-Length': bytes.length,
    ...(!posted && known ? { 'Cache-Control': 'private, max-age=31536000, immutable' } : {}),
  })
  response.end(bytes)
}

function queryOf(pathname: string): unknown {
  const [session, level, hash, ...rest] = pathname.split('/').slice(2)
  return rest.length > 0 ? null : { session, hashes: [hash], level: Number(level) }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length
    if (size > MOST_BYTES) throw new InlayError('usage', 'The request for tiles is too long.')
    parts.push(part)
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'))
  } catch {
    return null
  }
}
