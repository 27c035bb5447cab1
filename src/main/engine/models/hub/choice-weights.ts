/**
 * The weights of one network among the files of its folder: one stem, one variant, all shards.
 *
 * Invariant: pure. What is chosen is whole: every shard from the first to the last, and no file of another variant.
 */
import type { HubRequest } from '../../../../shared/model-download.ts'

export interface HubEntry {
  readonly path: string
  readonly size: number
  /** SHA-256 of large files; null of those that lie in git itself. */
  readonly sha256: string | null
  /** Git's own digest of small files. */
  readonly gitDigest: string | null
}

export interface ChosenWeights {
  readonly entries: readonly HubEntry[]
  /** What was taken: `fp16`, or null for the plain one. */
  readonly variant: string | null
}

interface Weights {
  readonly entry: HubEntry
  readonly stem: string
  readonly variant: string | null
  /** `1` of `2`; both null for a file that is whole by itself. */
  readonly shard: number | null
  readonly shards: number | null
}

/** Names that diffusers and transformers give weights; anything else is somebody's own. */
const STEMS = ['diffusion_pytorch_model', 'model']
const SHARD = /-(\d{5})-of-(\d{5})/

/**
 * @param folder the folder with its slash, or ''; only files directly in it count
 * @returns null where it holds no whole set of `.safetensors`
 */
export function chooseWeights(
  all: readonly HubEntry[],
  folder: string,
  { variant }: Pick<HubRequest, 'variant'>,
): ChosenWeights | null {
  const groups = new Map<string, Weights[]>()
  for (const entry of all) {
    const weights = parse(entry, folder)
    if (!weights) continue
    const key = `${weights.stem}\0${weights.variant ?? ''}\0${weights.shards ?? ''}`
    groups.set(key, [...(groups.get(key) ?? []), weights])
  }
  const whole = [...groups.values()].filter(isWhole)
  const wanted = [variant, null, 'fp16', ...whole.map(([first]) => first?.variant ?? null)]
  for (const stem of STEMS)
    for (const each of wanted) {
      const group = whole.find(([first]) => first?.stem === stem && first.variant === each)
      if (group) return { entries: withIndex(group, all, folder), variant: each }
    }
  const [own, ...others] = whole
  return own && others.length === 0
    ? { entries: withIndex(own, all, folder), variant: own[0]?.variant ?? null }
    : null
}

/** `model.fp16-00001-of-00002.safetensors` and `model-00001-of-00002.fp16.safetensors` are both in use. */
function parse(entry: HubEntry, folder: string): Weights | null {
  const name = entry.path.slice(folder.length)
  if (name.includes('/') || !name.endsWith('.safetensors')) return null
  const base = name.slice(0, -'.safetensors'.length)
  const [, shard, shards] = SHARD.exec(base) ?? []
  const [stem = '', ...rest] = base.replace(SHARD, '').split('.')
  return {
    entry,
    stem,
    variant: rest.length > 0 ? rest.join('.') : null,
    shard: shard === undefined ? null : Number(shard),
    shards: shards === undefined ? null : Number(shards),
  }
}

function isWhole(group: readonly Weights[]): boolean {
  const shards = group[0]?.shards ?? null
  if (shards === null) return group.length === 1
  const numbers = new Set(group.map(({ shard }) => shard))
  return (
    numbers.size === shards && Array.from({ length: shards }, (_, i) => i + 1).every((n) => numbers.has(n))
  )
}

function withIndex(group: readonly Weights[], all: readonly HubEntry[], folder: string): readonly HubEntry[] {
  const [first] = group
  if (!first || first.shards === null) return group.map(({ entry }) => entry)
  const { stem, variant } = first
  const names = new Set(
    variant === null
      ? [`${folder}${stem}.safetensors.index.json`]
      : [
          `${folder}${stem}.safetensors.index.${variant}.json`,
          `${folder}${stem}.${variant}.safetensors.index.json`,
        ],
  )
  return [...group.map(({ entry }) => entry), ...all.filter(({ path }) => names.has(path))]
}
