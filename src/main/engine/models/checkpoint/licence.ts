/**
 * The licence of a model as it states it: in the model card's front matter, in the weights' own metadata, or in a licence file.
 *
 * Invariant: what is stated, shortened to one line; nothing is concluded from it.
 */
import path from 'node:path'
import { frontMatterOf } from '../hub/licence.ts'
import { readSmallText } from './json.ts'

const MOST_BYTES = 2 ** 20
const LONGEST = 200
const FILES = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'LICENCE', 'LICENCE.txt']

/** @param folder where the model card lies; @param metadata of its weights files */
export async function statedLicence(
  folder: string,
  metadata: readonly Readonly<Record<string, string>>[],
): Promise<string | null> {
  const card = frontMatterOf((await textOf(path.join(folder, 'README.md'))) ?? '')
  const { license: id, license_name: name } = card
  if (id !== undefined) return line(id === 'other' && name !== undefined ? name : id)
  const own = metadata.flatMap((entries) => entries['modelspec.license'] ?? entries['license'] ?? [])
  if (own[0] !== undefined && own[0].trim() !== '') return line(own[0])
  for (const file of FILES) {
    const first = (await textOf(path.join(folder, file)))?.split('\n').find((text) => text.trim() !== '')
    if (first !== undefined) return line(first)
  }
  return null
}

/** A card that cannot be read states nothing. */
function textOf(file: string): Promise<string | undefined> {
  return readSmallText(file, MOST_BYTES).catch(() => undefined)
}

function line(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, LONGEST)
}
