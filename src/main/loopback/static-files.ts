/**
 * The page and its parts, from the folder the renderer is built into.
 *
 * Invariant: only regular files inside the folder are sent, found by their real path. Vite puts a hash of the content into
 * every name under `assets/`, so those may be kept for ever; the page itself never is.
 */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { sendText } from './answers.ts'
import { realPathInside } from './inside.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
}

export async function sendStatic(response: ServerResponse, folder: string, urlPath: string): Promise<void> {
  const wanted = urlPath === '/' ? 'index.html' : decoded(urlPath)
  const file = wanted === null ? null : await realPathInside(folder, wanted)
  const info = file === null ? null : await stat(file)
  if (file === null || !info?.isFile()) {
    const missing =
      urlPath === '/'
        ? 'The page has not been built yet. Start Inlay with: npm start'
        : 'There is no such file.'
    sendText(response, 404, missing)
    return
  }
  response.setHeader('Content-Type', TYPES[path.extname(file)] ?? 'application/octet-stream')
  response.setHeader('Content-Length', info.size)
  if (wanted?.startsWith('assets/'))
    response.setHeader('Cache-Control', 'private, max-age=31536000, immutable')
  response.writeHead(200)
  await pipeline(createReadStream(file), response)
}

function decoded(urlPath: string): string | null {
  try {
    const text = decodeURIComponent(urlPath.slice(1))
    return text.includes('\0') ? null : text
  } catch {
    return null
  }
}
