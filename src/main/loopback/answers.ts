/** What every answer of the loopback server carries, and the short ones. */
import type { ServerResponse } from 'node:http'
import { toWireError } from '../../shared/errors.ts'

/**
 * Nothing from elsewhere, nothing inline, no framing. Pictures come from blobs the page makes; workers are our own files.
 * WebSockets are named because 'self' does not cover them in every browser.
 */
export function contentSecurityPolicy(host: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    "font-src 'self'",
    "worker-src 'self'",
    `connect-src 'self' ws://${host}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

export function setCommonHeaders(response: ServerResponse, host: string): void {
  response.setHeader('Content-Security-Policy', contentSecurityPolicy(host))
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
  response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp')
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin')
  response.setHeader('X-Content-Type-Options', 'nosniff')
  response.setHeader('Referrer-Policy', 'no-referrer')
  response.setHeader('Cache-Control', 'no-store')
}

export function sendText(response: ServerResponse, status: number, text: string, type = 'text/plain'): void {
  response.writeHead(status, { 'Content-Type': `${type}; charset=utf-8` })
  response.end(text)
}

export function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify(value))
}

/** An error with its code and sentence, for the page's transport to turn back. */
export function sendError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const wire = toWireError(error)
  if (wire.code === 'internal') console.error(error)
  response.writeHead(wire.code === 'internal' ? 500 : 422, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify({ error: wire }))
}
