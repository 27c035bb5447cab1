/**
 * One line of a batch: a job, or why it is none.
 *
 * Invariant: an item that cannot be read is an item that fails, so the others are done. Every item writes to a place of its own,
 * which nobody's picture, mask or result lies in.
 */
import path from 'node:path'
import { InlayError } from '../../../shared/errors.ts'
import { flagOf, type Given, type OptionName } from '../generation/options.ts'
import { optionsOf, type Recipe } from '../generation/recipe.ts'
import type { Job } from '../generation/run-job.ts'

export interface BatchItem {
  /** What the report calls it. */
  readonly name: string
  readonly job: BatchJob | InlayError
}

/** A batch always says where results go. */
export type BatchJob = Job & { readonly output: string }

/** What is given for the whole batch counts where the item says nothing and its command takes it. */
export function givenFor(recipe: Recipe, common: Given, own: Given): Given {
  const takes = new Set<string>(optionsOf(recipe))
  for (const name of Object.keys(own))
    if (!takes.has(name))
      throw new InlayError('usage', `The command ${recipe.name} takes no ${flagOf(name as OptionName)}.`)
  return { ...Object.fromEntries(Object.entries(common).filter(([name]) => takes.has(name))), ...own }
}

/** @throws InlayError `usage` */
export function requireWhole({ recipe, input, given }: Job): void {
  if (recipe.changesPicture && input === null)
    throw new InlayError('usage', `The command ${recipe.name} needs an input.`)
  if (!recipe.changesPicture && input !== null)
    throw new InlayError('usage', `The command ${recipe.name} takes no input.`)
  if (recipe.mask === 'needed' && given.mask === undefined)
    throw new InlayError('usage', `The command ${recipe.name} needs a mask.`)
}

/** Fails the items that would write over a picture of the batch or over the result of an item before them. */
export function withoutClashes(items: readonly BatchItem[]): readonly BatchItem[] {
  const read = new Set<string>()
  for (const { job } of items)
    if (!(job instanceof InlayError))
      for (const file of [job.input, job.given.mask]) if (file) read.add(path.resolve(file))
  const written = new Map<string, string>()
  return items.map((item) => {
    if (item.job instanceof InlayError) return item
    const output = path.resolve(item.job.output)
    const before = written.get(output)
    if (read.has(output)) return failed(item, `${output} is a picture or mask of this batch`)
    if (before !== undefined) return failed(item, `${before} writes to ${output} as well`)
    written.set(output, item.name)
    return item
  })
}

function failed({ name }: BatchItem, why: string): BatchItem {
  return { name, job: new InlayError('usage', `${why}; let each result have a place of its own.`) }
}
