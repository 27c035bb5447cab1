/**
 * Where the hub is, whether it may be reached, and with which token.
 *
 * Invariant: the token is read here and goes into request headers to the hub's own address, nowhere else; whoever asks for the
 * settings learns whether there is one, never which. The environment comes before the file.
 */
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { InlayError } from '../../../../shared/errors.ts'
import type { HubSettings } from '../../../../shared/rpc/contract.ts'

const FILE = 'hub.json'
const PUBLIC_HUB = 'https://huggingface.co'

const Kept = z.object({
  offline: z.boolean().default(false),
  token: z.string().min(1).nullable().default(null),
})
type Kept = z.infer<typeof Kept>
const NOTHING: Kept = { offline: false, token: null }

export interface HubAccess {
  /** Without a slash at its end. */
  readonly address: string
  readonly token: string | null
  readonly offline: boolean
}

/** @throws InlayError `usage` where `INLAY_HUB` is no web address, or a token would go there unencrypted */
export async function hubAccess(dataFolder: string): Promise<HubAccess> {
  const kept = await readKept(dataFolder)
  const address = hubAddress()
  const token = environmentToken() ?? kept.token
  if (token !== null && !isPrivate(new URL(address)))
    throw new InlayError(
      'usage',
      'Your token is not sent over an unencrypted connection; give INLAY_HUB as https://, or take the token away.',
    )
  return {
    address,
    token,
    offline: environmentOffline() || kept.offline,
  }
}

/** What a person may see of it. @throws InlayError `usage` */
export async function hubSettings(dataFolder: string): Promise<HubSettings> {
  const kept = await readKept(dataFolder)
  const offlineFixed = environmentOffline()
  return {
    address: hubAddress(),
    offline: offlineFixed || kept.offline,
    offlineFixed,
    token: environmentToken() !== null ? 'environment' : kept.token !== null ? 'settings' : 'none',
  }
}

/** Changes what is given and leaves the rest; a null token forgets it. @throws InlayError `usage`, `file.denied` */
export async function saveHubSettings(
  dataFolder: string,
  change: { readonly offline?: boolean | undefined; readonly token?: string | null | undefined },
): Promise<void> {
  const kept = await readKept(dataFolder)
  const token = change.token === undefined ? kept.token : change.token
  if (token !== null) requireToken(token)
  const next: Kept = { offline: change.offline ?? kept.offline, token }
  const file = path.join(dataFolder, FILE)
  const beside = `${file}.${process.pid}.new`
  try {
    await mkdir(dataFolder, { recursive: true })
    const handle = await open(beside, 'w', 0o600)
    try {
      await handle.writeFile(`${JSON.stringify(next, null, 2)}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(beside, file)
  } catch (cause) {
    throw new InlayError('file.denied', `${file} may not be written; check its permissions.`, { cause })
  }
}

async function readKept(dataFolder: string): Promise<Kept> {
  try {
    return Kept.parse(JSON.parse(await readFile(path.join(dataFolder, FILE), 'utf8')))
  } catch {
    return NOTHING
  }
}

function environmentToken(): string | null {
  const token = process.env['INLAY_HUB_TOKEN'] || process.env['HF_TOKEN']
  return token ? requireToken(token.trim()) : null
}

/** A header may hold visible ASCII only. The message does not repeat it. */
function requireToken(token: string): string {
  if (/^[\x21-\x7e]{1,500}$/.test(token)) return token
  throw new InlayError(
    'usage',
    'The token has characters that no token has; copy it again from the hub’s page.',
  )
}

/** Encrypted, or within this machine. */
function isPrivate({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}

function environmentOffline(): boolean {
  return /^(1|true|yes|on)$/i.test(process.env['INLAY_OFFLINE'] ?? '')
}

function hubAddress(): string {
  const given = process.env['INLAY_HUB'] || PUBLIC_HUB
  const url = URL.canParse(given) ? new URL(given) : null
  if (url && (url.protocol === 'https:' || url.protocol === 'http:') && !url.username && !url.search)
    return url.href.replace(/\/+$/, '')
  throw new InlayError('usage', 'INLAY_HUB is no web address; give one like https://huggingface.co.')
}
