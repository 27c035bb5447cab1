/**
 * What a hub says of a model: its commit, its files with sizes and digests, its licence.
 *
 * Invariant: the hub client is loaded only when a hub is asked, and used for lists only. Whatever the hub says is parsed before
 * it is believed: a list with sizes that are none, or with no end, is refused.
 */
import { z } from 'zod'
import { InlayError } from '../../../../shared/errors.ts'
import type { HubRequest, LicenceTerms } from '../../../../shared/model-download.ts'
import type { HubAccess } from './access.ts'
import type { HubEntry } from './choice-weights.ts'
import { type AskOptions, hubFetch, requireOnline } from './fetch.ts'
import { frontMatterOf, termsOf } from './licence.ts'

export interface HubModel {
  /** The commit, or the revision as it was asked for where the hub names none. */
  readonly revision: string
  readonly gated: boolean
  readonly entries: readonly HubEntry[]
  readonly licence: LicenceTerms
}

const MOST_FILES = 20_000
const LARGEST_CARD = 2 ** 20
const SHA256 = /^[0-9a-f]{64}$/
const SHA1 = /^[0-9a-f]{40}$/

const Size = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const Entry = z.object({
  type: z.string(),
  path: z.string(),
  size: Size,
  oid: z.string().optional(),
  lfs: z.object({ oid: z.string().regex(SHA256), size: Size }).nullish(),
})
const Info = z.object({
  sha: z.string().regex(SHA1).optional().catch(undefined),
  gated: z.union([z.boolean(), z.string()]).optional(),
  cardData: z.unknown(),
})
type Info = z.infer<typeof Info>

/** @throws InlayError `network.offline`, `network.failed`, `download.refused`, `download.damaged`, `cancelled` */
export async function lookUp(
  { repo, revision }: HubRequest,
  access: HubAccess,
  options: AskOptions = {},
): Promise<HubModel> {
  requireOnline(access)
  const { listFiles, modelInfo } = await import('@huggingface/hub')
  const ask = hubFetch(access, repo, options)
  const shared = { hubUrl: access.address, fetch: ask }
  const info: Info = await modelInfo({
    ...shared,
    name: repo,
    additionalFields: ['sha', 'cardData'],
    ...(revision === null ? {} : { revision }),
  }).then(
    (said): Info => Info.parse(said),
    (error: unknown): Info => {
      // A mirror may have the lists and no such page; then the list itself says whether the model is there.
      if (error instanceof InlayError && (error.cause as Response | undefined)?.status === 404)
        return { cardData: {} }
      throw asListError(error, repo)
    },
  )
  const commit = info.sha ?? revision ?? 'main'
  const entries: HubEntry[] = []
  try {
    for await (const file of listFiles({
      ...shared,
      repo: { type: 'model', name: repo },
      recursive: true,
      revision: encodeURIComponent(commit),
    })) {
      const { type, path, size, oid, lfs } = Entry.parse(file)
      if (type !== 'file') continue
      if (lfs && lfs.size !== size) throw new Error(`${path} has two sizes`)
      entries.push({
        path,
        size,
        sha256: lfs?.oid ?? null,
        gitDigest: !lfs && oid !== undefined && SHA1.test(oid) ? oid : null,
      })
      if (entries.length > MOST_FILES) throw new Error('it has no end')
    }
  } catch (error) {
    throw asListError(error, repo)
  }
  const page = `${access.address}/${repo}/blob/${encodeURIComponent(commit)}`
  const licence = termsOf(info.cardData, page)
  return {
    revision: commit,
    gated: info.gated !== undefined && info.gated !== false,
    entries,
    licence:
      licence.id === null && licence.name === null
        ? termsOf(
            await cardOf(
              entries,
              ask,
              `${access.address}/${repo}/resolve/${encodeURIComponent(commit)}/README.md`,
            ),
            page,
          )
        : licence,
  }
}

/** The model card's front matter, where the hub has not read it for us. */
async function cardOf(entries: readonly HubEntry[], ask: typeof fetch, url: string): Promise<unknown> {
  const card = entries.find(({ path }) => path === 'README.md')
  if (!card || card.size > LARGEST_CARD) return {}
  return frontMatterOf(await (await ask(url)).text())
}

function asListError(error: unknown, repo: string): InlayError {
  if (error instanceof InlayError) return error
  return new InlayError(
    'download.damaged',
    `The hub's list of ${repo} makes no sense; nothing was fetched.`,
    {
      cause: error,
    },
  )
}
