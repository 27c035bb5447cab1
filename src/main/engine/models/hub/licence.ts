/**
 * The licence of a model, from the front matter of its card: flat keys between two lines of dashes.
 *
 * Invariant: only what stands there is said; a link that is no web address is left out.
 */
import { z } from 'zod'
import type { LicenceTerms } from '../../../../shared/model-download.ts'

const Stated = z.object({
  license: z
    .string()
    .or(z.array(z.string()).transform((all) => all.join(', ')))
    .nullish()
    .catch(null),
  license_name: z.string().nullish().catch(null),
  license_link: z.string().nullish().catch(null),
})

const LONGEST = 200

/** From what the hub has read of the card, or from `frontMatterOf`. `page` is where relative links count from. */
export function termsOf(card: unknown, page: string): LicenceTerms {
  const stated = Stated.safeParse(card ?? {}).data ?? {}
  return {
    id: short(stated.license),
    name: short(stated.license_name),
    link: webAddress(stated.license_link, page),
  }
}

/** The flat keys that a card begins with; empty where it has no front matter. */
export function frontMatterOf(card: string): Readonly<Record<string, string>> {
  const [, block] = /^\uFEFF?---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(\r?\n|$)/.exec(card) ?? []
  const keys: Record<string, string> = Object.create(null)
  for (const line of block?.split(/\r?\n/) ?? []) {
    const [, key, value] = /^([A-Za-z_]+):[ \t]+(.+?)[ \t]*$/.exec(line) ?? []
    if (key && value) keys[key] = value.replace(/^(['"])(.*)\1$/, '$2')
  }
  return keys
}

function short(text: string | null | undefined): string | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they would disturb a terminal.
  const clean = text?.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ').trim()
  return clean ? clean.slice(0, LONGEST) : null
}

function webAddress(link: string | null | undefined, page: string): string | null {
  const clean = short(link)
  if (clean === null) return null
  try {
    const url = new URL(clean, `${page}/`)
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null
  } catch {
    return null
  }
}
