/** Splitting a batch between the jobs of an array: every item belongs to exactly one shard, whoever asks. */
import { InlayError } from '../../../shared/errors.ts'

export interface Shard {
  /** From 1. */
  readonly index: number
  readonly count: number
}

/** `3/16` is the third of sixteen. @throws InlayError `usage` */
export function parseShard(text: string): Shard {
  const [, index, count] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []
  const shard = { index: Number(index), count: Number(count) }
  if (!(shard.index >= 1 && shard.index <= shard.count))
    throw new InlayError('usage', `--shard is like 3/16, the third of sixteen, not "${text}".`)
  return shard
}

/** Neighbours go to different shards, since they tend to cost the same. */
export function itemsOfShard<T>(items: readonly T[], { index, count }: Shard): readonly T[] {
  return items.filter((_, i) => i % count === index - 1)
}
