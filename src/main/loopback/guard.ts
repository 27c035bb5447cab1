/**
 * Who may talk to the loopback server. Pure questions about one request.
 *
 * Invariant: any web page in the same browser can send requests to 127.0.0.1, and any name can be made to resolve to it (DNS
 * rebinding). So a request counts only when its Host is ours by name, its Origin (if it has one) is ours, and it brings a
 * secret that only this launch gave out: the token in the first address, the cookie after that.
 */
import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

export interface Secrets {
  /** In the address that is printed. */
  readonly token: string
  /** In the cookie that the token is exchanged for. */
  readonly cookie: string
  readonly port: number
}

export function hostIsOurs({ headers }: IncomingMessage, port: number): boolean {
  return headers.host === `127.0.0.1:${port}` || headers.host === `localhost:${port}`
}

/**
 * Whether the request comes from our own page. Browsers send Origin with every WebSocket and every POST; a plain GET has
 * none, and then Sec-Fetch-Site says whether another site asked for it.
 */
export function originIsOurs(request: IncomingMessage, required: boolean): boolean {
  const { origin, host, 'sec-fetch-site': site } = request.headers
  if (origin !== undefined) return origin === `http://${host}`
  if (required) return false
  return site === undefined || site === 'same-origin' || site === 'none'
}

/** The first visit comes from a link anywhere (a terminal, a mail to oneself), but only as a page to look at. */
export function isFirstVisit(request: IncomingMessage, url: URL, { token }: Secrets): boolean {
  return request.method === 'GET' && url.pathname === '/' && equal(url.searchParams.get('token') ?? '', token)
}

/** Cookies do not know ports, so the name has ours in it: two servers at once do not disturb each other. */
export function cookieName(port: number): string {
  return `inlay-${port}`
}

export function hasCookie({ headers }: IncomingMessage, { cookie, port }: Secrets): boolean {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='))
  return pairs.some(([name, value]) => name === cookieName(port) && equal(value ?? '', cookie))
}

function equal(given: string, secret: string): boolean {
  const a = Buffer.from(given)
  const b = Buffer.from(secret)
  return a.length === b.length && timingSafeEqual(a, b)
}
