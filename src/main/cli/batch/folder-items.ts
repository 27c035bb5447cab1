/**
 * The items of a folder: each picture with each of its masks.
 *
 * Invariant: the masks of `beach.jpg` are `beach*mask*.png` beside it, or `beach*.png` in a folder of masks; a mask belongs to
 * the picture with the longest such name. The result of `beach-mask-2.png` is `beach-2.png`. In the order of their names.
 */
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { InlayError } from '../../../shared/errors.ts'
import type { Given } from '../generation/options.ts'
import { type BatchItem, givenFor, withoutClashes } from './item.ts'
import type { BatchSettings } from './table-items.ts'

const PICTURE = /\.(jpe?g|png|webp|tiff?|avif|gif|inlay)$/i

export interface FolderSettings extends BatchSettings {
  /** Null where they lie beside the pictures. */
  readonly masks: string | null
}

/** @throws InlayError `usage`, `file.missing` */
export async function itemsOfFolder(folder: string, settings: FolderSettings): Promise<readonly BatchItem[]> {
  const { recipe, common, output } = settings
  if (!recipe.changesPicture)
    throw new InlayError('usage', `The command ${recipe.name} changes no pictures; give a table of jobs.`)
  if (output === undefined)
    throw new InlayError('usage', 'Say in which folder the results shall go: -o results')
  for (const taken of [folder, settings.masks])
    if (taken !== null && path.resolve(taken) === path.resolve(output))
      throw new InlayError('usage', `${output} holds what is read; let the results go to another folder.`)
  const { pictures, masksOf } = await pairs(folder, settings.masks)
  if (pictures.length === 0)
    throw new InlayError('usage', `There are no pictures in ${folder}; name a folder that has some.`)
  const items = pictures.flatMap((picture): BatchItem[] => {
    const masks = recipe.mask === 'none' ? [] : (masksOf.get(picture) ?? [])
    const input = path.join(folder, picture)
    if (masks.length === 0 && recipe.mask === 'needed')
      return [{ name: picture, job: new InlayError('file.missing', missingMask(picture, settings.masks)) }]
    return (masks.length === 0 ? [null] : masks).map((mask) => {
      const own: Given = mask === null ? {} : { mask: path.join(settings.masks ?? folder, mask) }
      const job = { recipe, input, given: givenFor(recipe, common, own) }
      const { name } = path.parse(picture)
      const extra =
        mask === null
          ? ''
          : path
              .parse(mask)
              .name.slice(name.length)
              .replace(/[-_. ]*mask/i, '')
      return {
        name: masks.length > 1 ? `${picture} with ${mask}` : picture,
        job: { ...job, output: path.join(output, `${name}${extra}.png`) },
      }
    })
  })
  return withoutClashes(items)
}

function missingMask(picture: string, masks: string | null): string {
  const { name } = path.parse(picture)
  return masks === null
    ? `There is no mask for ${picture}; name one ${name}-mask.png, or give a folder with --masks.`
    : `There is no mask for ${picture} in ${masks}; name one ${name}.png.`
}

async function pairs(folder: string, masks: string | null) {
  // Shorter names first: what is found to be a mask owns none itself.
  const names = (await listed(folder)).filter((name) => PICTURE.test(name)).sort(byStem)
  const pictures: string[] = []
  const masksOf = new Map<string, string[]>()
  const give = (mask: string, isMask: (rest: string) => boolean): boolean => {
    const stem = path.parse(mask).name
    const owners = pictures.filter((one) => {
      const { name } = path.parse(one)
      return stem.startsWith(name) && isMask(stem.slice(name.length))
    })
    const longest = Math.max(...owners.map((one) => path.parse(one).name.length))
    for (const owner of owners)
      if (path.parse(owner).name.length === longest)
        masksOf.set(owner, [...(masksOf.get(owner) ?? []), mask].sort())
    return owners.length > 0
  }
  for (const name of names)
    if (masks !== null || !/\.png$/i.test(name) || !give(name, (rest) => /mask/i.test(rest)))
      pictures.push(name)
  if (masks !== null) for (const mask of await listed(masks)) if (/\.png$/i.test(mask)) give(mask, () => true)
  return { pictures: pictures.sort(), masksOf }
}

function byStem(a: string, b: string): number {
  const [one, other] = [path.parse(a).name, path.parse(b).name]
  return one.length - other.length || (a < b ? -1 : 1)
}

async function listed(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => !name.startsWith('.')).sort()
  } catch (cause) {
    throw new InlayError('file.missing', `There is no folder ${folder} that can be read; check the name.`, {
      cause,
    })
  }
}
