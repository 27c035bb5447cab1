/**
 * Which files the windows may touch, by token.
 *
 * Invariant: a path comes in only from the shell (`control` service) or from this host itself (drafts); what a window sends
 * is a token, and a token that was never granted, or not for this use, is refused.
 */
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { InlayError } from '../../shared/errors.ts'
import { FileToken } from '../../shared/ids.ts'
import type { Grant, GrantMode } from './control-contract.ts'

const READABLE: readonly GrantMode[] = ['open', 'upload', 'target', 'download']
const WRITABLE: readonly GrantMode[] = ['target', 'download']

export class FileTable {
  readonly #grants = new Map<FileToken, Grant>()
  readonly #onMade: (grant: Grant) => void

  /** `onMade` is told the tokens that this host makes itself. */
  constructor(onMade: (grant: Grant) => void = () => {}) {
    this.#onMade = onMade
  }

  add(grant: Grant): void {
    this.#grants.set(grant.token, grant)
  }

  remove(token: FileToken): void {
    this.#grants.delete(token)
  }

  /** A token for a file of our own to open; the same file has the same token. */
  tokenOf(file: string): FileToken {
    for (const grant of this.#grants.values())
      if (grant.path === file && grant.mode === 'open') return grant.token
    const grant: Grant = {
      token: FileToken.parse(randomBytes(18).toString('base64url')),
      path: file,
      mode: 'open',
    }
    this.add(grant)
    this.#onMade(grant)
    return grant.token
  }

  /** From now on the token opens another file: what it stood for was only on its way out. */
  redirect(token: FileToken, file: string): void {
    const grant: Grant = { token, path: file, mode: 'open' }
    this.add(grant)
    this.#onMade(grant)
  }

  /** @throws InlayError `file.denied`. */
  toRead(token: FileToken): Grant {
    return this.#get(token, READABLE)
  }

  /** @throws InlayError `file.denied`. */
  toWrite(token: FileToken): Grant {
    return this.#get(token, WRITABLE)
  }

  /** A model's file or folder. @throws InlayError `file.denied`. */
  toModel(token: FileToken): Grant {
    return this.#get(token, ['model'])
  }

  #get(token: FileToken, modes: readonly GrantMode[]): Grant {
    const grant = this.#grants.get(token)
    if (!grant) throw new InlayError('file.denied', 'Inlay has no leave to use this file; choose it again.')
    if (modes.includes(grant.mode)) return grant
    throw new InlayError(
      'file.denied',
      `"${path.basename(grant.path)}" was not chosen for this; choose it again.`,
    )
  }
}
