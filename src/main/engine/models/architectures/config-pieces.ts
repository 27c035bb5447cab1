/**
 * The pieces that configurations are described with.
 *
 * Invariant: every number is bounded, so no configuration, however absurd, makes a builder loop long or reserve much.
 */
import { z } from 'zod'
import { InlayError } from '../../../../shared/errors.ts'

/** Beyond what anybody publishes, and small enough to do arithmetic with. */
export const size = z.number().int().min(1).max(1_000_000)
export const width = z.number().int().min(1).max(65_536)
export const count = z.number().int().min(1).max(1000)
export const widths = z.array(width).min(1).max(8)
export const counts = z.array(count).min(1).max(8)
export const oneOrMany = z.union([count, counts])
/** One number, also where it is written as a list of the same number. */
export const same = <T extends z.ZodType<number>>(one: T) =>
  z.union([
    one,
    z
      .array(one)
      .min(1)
      .max(8)
      .refine((list) => list.every((n) => n === list[0]), 'it differs between levels')
      .transform((list) => list[0]!),
  ])
/** Settings that are understood in one value only, the usual one. */
export const only = <T extends z.core.util.Literal>(value: T) => z.literal(value).nullish()
export const never = z.null().optional()

export function requireGroups(of: readonly number[], groups: number, source: string): void {
  const odd = of.find((n) => n % groups !== 0)
  if (odd !== undefined) throw unsupported(source, `${groups} groups do not divide ${odd} channels`)
}

export function parse<T extends z.ZodType>(schema: T, json: unknown, source: string): z.output<T> {
  const result = schema.safeParse(json)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw unsupported(source, `${issue?.path.join('.')}: ${issue?.message}`)
}

export function unsupported(source: string, reason: string): InlayError {
  return new InlayError(
    'model.unsupported',
    `Inlay cannot run the network that ${source} describes: ${reason}.`,
  )
}
