/**
 * A model to be fetched from a hub by its name: what is asked for, and what would be fetched.
 *
 * Invariant: a request names one model at one revision; with the same request and a commit as revision, the same files are
 * fetched. A plan is exact: its bytes are those that the finished folder will hold.
 */
import { z } from 'zod'

const NAME_PART = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}'

export const HubRequest = z.object({
  /** `owner/name`, as the hub writes it. */
  repo: z
    .string()
    .regex(new RegExp(`^${NAME_PART}/${NAME_PART}$`), 'a hub name looks like owner/name')
    .refine((name) => !name.includes('..')),
  /** A branch, a tag or a commit; null is the hub's main branch. */
  revision: z
    .string()
    .max(200)
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_./-]*$/, 'a revision is a branch, a tag or a commit')
    .refine((name) => !name.includes('..'))
    .nullable(),
  /** Half-precision weights where the model has them. */
  variant: z.literal('fp16').nullable(),
  /** One weights file of several, by its path in the repository. */
  file: z.string().min(1).max(500).nullable(),
})
export type HubRequest = z.infer<typeof HubRequest>

/** The terms a model comes under, as its card states them; all null where it states none. */
export interface LicenceTerms {
  /** An identifier: `creativeml-openrail-m`, or `other`. */
  readonly id: string | null
  /** Its name, where the identifier is `other`. */
  readonly name: string | null
  /** Where to read it: a web address. */
  readonly link: string | null
}

export interface DownloadPlan {
  /** The request with the commit that was found, so that what is fetched is what was shown. */
  readonly request: HubRequest
  /** The folder in the data folder's `models`, and the name on the list. */
  readonly name: string
  readonly files: readonly { readonly path: string; readonly bytes: number }[]
  /** Of all files. */
  readonly bytes: number
  /** Of them on this disk already, from a download that was broken off. */
  readonly have: number
  /** Bytes free on the disk they go to. */
  readonly free: number
  readonly licence: LicenceTerms
  /** The hub lets only those in who have accepted the terms on its page. */
  readonly gated: boolean
  /** Sentences: which variant was taken where the wanted one is not there. */
  readonly notices: readonly string[]
}

/** A download that was broken off and can be taken up again. */
export interface UnfinishedDownload {
  readonly key: string
  readonly request: HubRequest
  readonly name: string
  readonly bytes: number
  readonly have: number
}

/** The licence in a line: `creativeml-openrail-m`, `Stability AI Community License`, or that none is stated. */
export function licenceName({ id, name }: LicenceTerms): string {
  if (name !== null && (id === null || id === 'other')) return name
  return id ?? 'no licence stated'
}

/**
 * A name as people type or paste it: `owner/name`, `owner/name@revision`, or the address of the model's page.
 * @returns null where it is none of these
 */
export function parseHubName(text: string): Pick<HubRequest, 'repo' | 'revision'> | null {
  const [, address, tree] =
    /^https?:\/\/[^/]+\/([^/?#]+\/[^/?#]+)(?:\/tree\/([^?#]+?))?\/?(?:[?#].*)?$/.exec(text.trim()) ?? []
  const [, plain, at] = /^([^@\s]+?)(?:@(\S+))?$/.exec(text.trim()) ?? []
  const parsed = HubRequest.pick({ repo: true, revision: true }).safeParse({
    repo: address ?? plain,
    revision: tree ?? at ?? null,
  })
  return parsed.data ?? null
}
