/**
 * The weights in a component's folder: one file or several shards, in the published precision or a variant of it.
 *
 * Invariant: what comes out is one whole set of tensors. A variant that is damaged gives way to one that is whole, and that is
 * said; a list of shards is believed only where every shard holds just what it says, and names nothing outside the folder.
 */
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { InlayError } from '../../../../shared/errors.ts'
import { readSafetensors, type StoredTensor } from '../safetensors.ts'
import { readJson } from './json.ts'

export interface FoundWeights {
  readonly tensors: ReadonlyMap<string, StoredTensor>
  readonly notices: readonly string[]
}

/** As they are published, and as our own recipe writes them. */
const STEM = '(diffusion_pytorch_model|model|pytorch_model|decoder|denoiser)'
const WHOLE = new RegExp(`^${STEM}(?:\\.([\\w-]+))?\\.safetensors$`)
const INDEX = new RegExp(`^${STEM}(?:\\.([\\w-]+))?\\.safetensors\\.index(?:\\.([\\w-]+))?\\.json$`)
const SHARD = /-\d{5}-of-\d{5}\.safetensors$/
const PICKLE = /\.(bin|ckpt|pt|pth|pkl|msgpack)$/i
/** Of the variants the published precision comes first, then half, then whatever else is there. */
const ORDER = ['', 'fp32', 'fp16', 'bf16']
const MOST_SHARDS = 200

/**
 * @throws InlayError `model.incomplete` where there are none, `model.unsupported` where there are only pickles, and the error of
 *   the best variant where none is whole
 */
export async function componentWeights(folder: string): Promise<FoundWeights> {
  const names = await listFolder(folder)
  const variants = variantsOf(names)
  if (variants.length === 0) throw noWeights(folder, names)
  let first: unknown
  for (const { file } of variants) {
    const full = path.join(folder, file)
    try {
      const found = await (INDEX.test(file) ? readShards(folder, file) : readSafetensors(full))
      return {
        tensors: found.tensors,
        notices: choice(folder, file, variants.length, first),
      }
    } catch (error) {
      if (!(error instanceof InlayError)) throw error
      first ??= error
    }
  }
  throw first
}

/** @throws InlayError `file.missing`, `file.denied` */
export async function listFolder(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort()
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') throw new InlayError('file.missing', `There is no folder ${folder}.`, { cause })
    if (code === 'ENOTDIR')
      throw new InlayError('model.unreadable', `${folder} is a file where a folder should be.`, { cause })
    throw new InlayError('file.denied', `${folder} may not be read; check its permissions.`, { cause })
  }
}

function variantsOf(names: readonly string[]): readonly { file: string; variant: string }[] {
  const found = names.flatMap((file) => {
    const index = INDEX.exec(file)
    if (index) return [{ file, variant: index[2] ?? index[3] ?? '' }]
    const whole = SHARD.test(file) ? null : WHOLE.exec(file)
    return whole ? [{ file, variant: whole[2] ?? '' }] : []
  })
  const rank = ({ variant }: { variant: string }) => {
    const place = ORDER.indexOf(variant)
    return place === -1 ? ORDER.length : place
  }
  return found.sort((a, b) => rank(a) - rank(b))
}

/** Says which variant is used where there was a choice, or where it is not the one of the published name. */
function choice(folder: string, file: string, of: number, first: unknown): readonly string[] {
  const name = `${path.basename(folder)}/${file}`
  if (first instanceof InlayError)
    return [`${name} is used, for another variant is not whole: ${first.message}`]
  const plain = (WHOLE.exec(file)?.[2] ?? INDEX.exec(file)?.[2] ?? INDEX.exec(file)?.[3]) === undefined
  if (of === 1 && plain) return []
  return [`${name} is used${of > 1 ? `, one of ${of} variants` : ', the only variant'}.`]
}

async function readShards(
  folder: string,
  index: string,
): Promise<{ readonly tensors: Map<string, StoredTensor> }> {
  const file = path.join(folder, index)
  const { weight_map: map } = await readJson(file)
  if (typeof map !== 'object' || map === null || Array.isArray(map))
    throw badIndex(file, 'it has no weight_map')
  const wanted = new Map<string, Set<string>>()
  for (const [tensor, shard] of Object.entries(map)) {
    if (typeof shard !== 'string' || !isPlainName(shard))
      throw badIndex(
        file,
        `it names the file ${JSON.stringify(shard)?.slice(0, 200)}, which is none of its folder`,
      )
    const of = wanted.get(shard) ?? new Set()
    wanted.set(shard, of.add(tensor))
  }
  if (wanted.size === 0) throw badIndex(file, 'it lists no tensors')
  if (wanted.size > MOST_SHARDS) throw badIndex(file, `it names ${wanted.size} files`)
  const tensors = new Map<string, StoredTensor>()
  for (const [shard, names] of wanted) {
    const header = await readShard(folder, shard, file)
    for (const [name, tensor] of header.tensors) {
      if (!names.delete(name))
        throw badIndex(file, `${shard} holds ${name}, which it lists elsewhere or not at all`)
      tensors.set(name, tensor)
    }
    const [lost] = names
    if (lost !== undefined)
      throw new InlayError(
        'model.incomplete',
        `${path.join(folder, shard)} lacks ${lost}, which ${index} lists in it.`,
      )
  }
  return { tensors }
}

function readShard(folder: string, shard: string, index: string) {
  return readSafetensors(path.join(folder, shard)).catch((error: unknown) => {
    if (!(error instanceof InlayError) || error.code !== 'file.missing') throw error
    throw new InlayError(
      'model.incomplete',
      `${path.join(folder, shard)} is missing, a part of the model that ${path.basename(index)} lists. Get it too.`,
      { cause: error },
    )
  })
}

function isPlainName(name: string): boolean {
  return name.endsWith('.safetensors') && !/[/\\:\0]/.test(name) && !name.startsWith('.')
}

function noWeights(folder: string, names: readonly string[]): InlayError {
  const pickle = names.find((name) => PICKLE.test(name))
  if (pickle !== undefined)
    return new InlayError(
      'model.unsupported',
      `${path.join(folder, pickle)} is a pickle, or another format that Inlay never opens, and ${folder} has no weights besides. Get the same model as .safetensors.`,
    )
  return new InlayError('model.incomplete', `${folder} has no weights (.safetensors). Get the model again.`)
}

function badIndex(file: string, reason: string): InlayError {
  return new InlayError('model.unreadable', `${file} cannot be used: ${reason}. Get the model again.`)
}
