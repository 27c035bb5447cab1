/**
 * Which files of a repository make the model, and nothing twice.
 *
 * Invariant: pure. Never a pickle, never the same weights in two precisions or two layouts, never parts that Inlay does not
 * run (safety checker, image encoder). Where parts exist as pickles only, or several models lie side by side, it is an
 * error that says what to do.
 */
import { InlayError } from '../../../../shared/errors.ts'
import type { HubRequest } from '../../../../shared/model-download.ts'
import { type ChosenWeights, chooseWeights, type HubEntry } from './choice-weights.ts'
import { faultOfPath } from './paths.ts'

export interface Choice {
  readonly entries: readonly HubEntry[]
  readonly notices: readonly string[]
  /** The wanted variant, or null where the model has nothing of it. */
  readonly variant: HubRequest['variant']
}

const NETWORKS = ['unet', 'vae', 'text_encoder', 'text_encoder_2'] as const
const ONNX_NETWORKS = ['unet', 'vae_encoder', 'vae_decoder', 'text_encoder', 'text_encoder_2'] as const
const PAPERS = /^(readme\.md|licen[cs]e[^/]*|notice[^/]*|copying[^/]*)$/i
const SMALL_FILES =
  /^(tokenizer(_2)?\/(vocab\.json|merges\.txt|tokenizer\.json|tokenizer_config\.json|special_tokens_map\.json|added_tokens\.json)|scheduler\/scheduler_config\.json|model_index\.json)$/
const PICKLES = /\.(bin|ckpt|pt|pth|pkl)$/i
/** No small file that belongs to a model is larger; the largest tokenizers have 20 MB. */
const LARGEST_SMALL = 64 * 2 ** 20

/** @throws InlayError `model.unsupported`, `model.incomplete`, `usage` (one of several files has to be named) */
export function chooseFiles(all: readonly HubEntry[], request: HubRequest): Choice {
  const has = new Set(all.map((entry) => entry.path))
  const chosen =
    request.file !== null
      ? oneFile(all, request.file)
      : has.has('model_index.json')
        ? wholePipeline(all, request)
        : loneModel(all, request, has)
  const papers = all.filter(({ path, size }) => PAPERS.test(path) && size <= LARGEST_SMALL)
  const entries = new Map([...chosen.entries, ...papers].map((entry) => [entry.path, entry]))
  return { ...chosen, entries: [...entries.values()] }
}

function oneFile(all: readonly HubEntry[], file: string): Choice {
  const entry = all.find(({ path }) => path === file)
  if (!entry)
    throw new InlayError('usage', `The model has no file ${file}; look at its page for the right name.`)
  if (!/\.safetensors$/i.test(file))
    throw new InlayError('model.unsupported', `${file} is no .safetensors file; name one that is.`)
  const folder = file.slice(0, file.lastIndexOf('/') + 1)
  return {
    entries: [entry, ...all.filter(({ path }) => path === `${folder}config.json`)],
    notices: [],
    variant: null,
  }
}

function wholePipeline(all: readonly HubEntry[], request: HubRequest): Choice {
  const small = all.filter(({ path, size }) => SMALL_FILES.test(path) && size <= LARGEST_SMALL)
  // Beside vocabulary and merges, tokenizer.json says the same once more.
  const tables = new Set(small.map(({ path }) => path))
  const needed = small.filter(
    ({ path }) =>
      !/\/tokenizer\.json$/.test(path) || !tables.has(path.replace('tokenizer.json', 'vocab.json')),
  )
  const networks = NETWORKS.flatMap((name) => {
    const inside = all.filter(({ path }) => path.startsWith(`${name}/`))
    return inside.length === 0 ? [] : [{ name, inside, weights: chooseWeights(inside, `${name}/`, request) }]
  })
  if (networks.every(({ weights }) => weights === null)) {
    const onnx = onnxFiles(all)
    if (onnx.length > 0) return { entries: [...needed, ...onnx], notices: [], variant: null }
  }
  const lacking = networks.filter(({ weights }) => weights === null)
  if (lacking.length > 0 || networks.length === 0)
    throw noWeights(
      all,
      lacking.map(({ name }) => name),
    )
  const entries = networks.flatMap(({ name, inside, weights }) => [
    ...(weights?.entries ?? []),
    ...inside.filter(({ path, size }) => path === `${name}/config.json` && size <= LARGEST_SMALL),
  ])
  return {
    entries: [...needed, ...entries],
    ...taken(networks as readonly { name: string; weights: ChosenWeights }[], request),
  }
}

/** A repository of one network (`config.json` beside its weights), or of single-file checkpoints. */
function loneModel(all: readonly HubEntry[], request: HubRequest, has: ReadonlySet<string>): Choice {
  const top = all.filter(({ path }) => !path.includes('/'))
  if (has.has('config.json')) {
    const weights = chooseWeights(top, '', request)
    if (weights)
      return {
        entries: [...weights.entries, ...top.filter(({ path }) => path === 'config.json')],
        ...taken([{ name: 'The model', weights }], request),
      }
  }
  const single = all.filter(({ path }) => /\.safetensors$/i.test(path))
  const wanted = request.variant === null ? single : single.filter(({ path }) => /fp16/i.test(path))
  const [only] = wanted.length === 1 ? wanted : single.length === 1 ? single : []
  if (only)
    return {
      entries: [only, ...top.filter(({ path }) => path === 'config.json')],
      notices: [],
      variant: /fp16/i.test(only.path) ? request.variant : null,
    }
  if (single.length === 0) throw noWeights(all, [])
  const names = single.map(({ path }) => (faultOfPath(path) === null ? path : JSON.stringify(path)))
  throw new InlayError(
    'usage',
    `The model has ${names.length} files of weights; name the one to fetch: ${names.slice(0, 12).join(', ')}${names.length > 12 ? '…' : ''}.`,
  )
}

/** Optimum's folders: the graph and whatever weights lie beside it. */
function onnxFiles(all: readonly HubEntry[]): readonly HubEntry[] {
  return ONNX_NETWORKS.flatMap((name) => {
    const inside = all.filter(({ path }) => path.startsWith(`${name}/`))
    if (!inside.some(({ path }) => path === `${name}/model.onnx`)) return []
    return inside.filter(({ path }) => /\/(model\.onnx([._]data)?|weights\.pb|config\.json)$/.test(path))
  })
}

/** Whether the wanted variant was there, and a sentence for each network that has not got it. */
function taken(
  networks: readonly { readonly name: string; readonly weights: ChosenWeights }[],
  { variant }: HubRequest,
): Pick<Choice, 'notices' | 'variant'> {
  const other = networks.filter(({ weights }) => weights.variant !== variant)
  return {
    notices: other.map(
      ({ name, weights }) =>
        `${name} has no ${variant ?? 'full-precision'} weights; ${weights.variant ?? 'full-precision'} ones are taken.`,
    ),
    variant: other.length === networks.length ? null : variant,
  }
}

function noWeights(all: readonly HubEntry[], lacking: readonly string[]): InlayError {
  const pickles = all.some(({ path }) => PICKLES.test(path))
  if (pickles)
    return new InlayError(
      'model.unsupported',
      `The model has ${lacking.length > 0 ? lacking.join(' and ') : 'its weights'} as pickles only, which can run any program when opened; look for one with .safetensors files, or another revision.`,
    )
  return new InlayError(
    'model.incomplete',
    lacking.length > 0
      ? `The model has no weights for ${lacking.join(' and ')}; choose another model or revision.`
      : 'There are no weights in .safetensors files here; choose another model or revision.',
  )
}
