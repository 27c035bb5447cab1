/**
 * A checkpoint as diffusers lays it out: model_index.json, and a folder with config.json and weights for each network.
 *
 * Invariant: every network that model_index.json lists is there and whole, or one error says which are not. What Inlay has no
 * use for (safety checker, feature extractor, weights for other frameworks) is not looked at.
 */
import path from 'node:path'
import { InlayError } from '../../../../shared/errors.ts'
import { unetConfig } from '../architectures/config.ts'
import type {
  Architecture,
  Checkpoint,
  Component,
  ComponentRole,
  OpenOptions,
  TokenizerPlace,
} from './checkpoint.ts'
import { familyOfConfig, NEEDED, predictionOf, taskOf } from './family.ts'
import { architectureOf } from './family-shapes.ts'
import { type JsonObject, readJson, readJsonIfThere, readSmallText } from './json.ts'
import { componentWeights } from './weights.ts'

export const INDEX_FILE = 'model_index.json'
export const NO_SCHEDULER =
  'It has no scheduler_config.json: its denoiser is taken to predict noise (epsilon); --prediction states another.'
const ROLES = ['unet', 'vae', 'text_encoder', 'text_encoder_2'] as const
const MOST_VOCABULARY = 64 * 2 ** 20

/** The classes that Inlay runs; other classes in these places are other networks. */
const CLASSES: Readonly<Record<string, Architecture>> = {
  UNet2DConditionModel: 'unet',
  AutoencoderKL: 'autoencoder',
  AsymmetricAutoencoderKL: 'asymmetric-autoencoder',
  AutoencoderTiny: 'tiny-autoencoder',
  InlayAsymmetricDecoder: 'small-asymmetric-decoder',
  InlayInpaintingDenoiser: 'latent-denoiser',
  CLIPTextModel: 'clip-text',
  CLIPTextModelWithProjection: 'clip-text',
}

type Found = Omit<Checkpoint, 'path' | 'dtypes' | 'bytes' | 'licence'>

export async function openDiffusersFolder(folder: string, options: OpenOptions): Promise<Found> {
  const index = await readJson(path.join(folder, INDEX_FILE))
  const listed = ROLES.filter((role) => classOf(index, role) !== null)
  if (!listed.includes('unet')) throw notStableDiffusion(folder, index)
  const [components, notices]: [Component[], string[]] = [[], []]
  const absent: string[] = []
  for (const role of listed) {
    expectedOf(role, classOf(index, role)!, folder)
    try {
      const found = await openComponentFolder(path.join(folder, role), role)
      components.push(withProjection(found.component, classOf(index, role)!))
      notices.push(...found.notices)
    } catch (error) {
      if (!(error instanceof InlayError) || !isAbsence(error)) throw error
      absent.push(error.message)
    }
  }
  if (absent.length > 0)
    throw new InlayError(
      'model.incomplete',
      `${folder} lacks what its ${INDEX_FILE} lists. ${absent.join(' ')}`,
    )
  const unet = components.find(({ role }) => role === 'unet')!
  const family = familyOfConfig(unet.config)
  const schedulerFile = path.join(folder, 'scheduler', 'scheduler_config.json')
  const scheduler = await readJsonIfThere(schedulerFile)
  if (!scheduler && !options.predictionType) notices.push(NO_SCHEDULER)
  return {
    layout: 'diffusers',
    family,
    task: taskOf(unetConfig(unet.config, unet.source), unet.source),
    predictionType: options.predictionType ?? predictionOf(scheduler ?? {}, schedulerFile),
    components,
    ...wordlessOf(index),
    scheduler: scheduler ?? null,
    tokenizers: await tokenizersOf(folder, family === 'sd2', components),
    missing: NEEDED[family].filter((role) => !listed.includes(role)),
    notices,
  }
}

/** One network from its folder. */
export async function openComponentFolder(
  folder: string,
  role: ComponentRole | null,
): Promise<{ component: Component; notices: readonly string[] }> {
  const file = path.join(folder, 'config.json')
  const config = await readJsonIfThere(file)
  if (!config) throw new InlayError('model.incomplete', `${file} is missing. Get the model again.`)
  const { tensors, notices } = await componentWeights(folder)
  const stated = statedArchitecture(config, file)
  const architecture = architectureOf(tensors) ?? stated
  if (!architecture || (stated && stated !== architecture))
    throw new InlayError(
      'model.unreadable',
      `The weights in ${folder} are ${architecture ? `those of another network (${architecture})` : 'of no network Inlay knows'} than its config.json says.`,
    )
  if (role && !FITS[role].includes(architecture))
    throw new InlayError('model.unreadable', `${folder} holds a network of another kind (${architecture}).`)
  const own = role ?? roleOf(architecture, config)
  return { component: { role: own, architecture, config, tensors, source: folder }, notices }
}

const FITS: Readonly<Record<ComponentRole, readonly Architecture[]>> = {
  unet: ['unet'],
  vae: ['autoencoder', 'asymmetric-autoencoder', 'tiny-autoencoder'],
  text_encoder: ['clip-text'],
  text_encoder_2: ['clip-text'],
}

export function roleOf(architecture: Architecture, { architectures }: JsonObject): ComponentRole {
  if (architecture === 'unet' || architecture === 'latent-denoiser') return 'unet'
  if (architecture !== 'clip-text') return 'vae'
  return Array.isArray(architectures) && architectures.includes('CLIPTextModelWithProjection')
    ? 'text_encoder_2'
    : 'text_encoder'
}

export function statedArchitecture(
  { _class_name: name, architectures }: JsonObject,
  file: string,
): Architecture | null {
  const stated = name ?? (Array.isArray(architectures) ? architectures[0] : undefined)
  if (stated === undefined) return null
  const known = typeof stated === 'string' && Object.hasOwn(CLASSES, stated) ? CLASSES[stated] : undefined
  if (known) return known
  throw new InlayError('model.unsupported', `${file} describes ${say(stated)}, which Inlay cannot run.`)
}

/** The class that model_index.json lists for a role, or null: entries are pairs of library and class. */
function classOf(index: JsonObject, role: string): string | null {
  const entry = Object.hasOwn(index, role) ? index[role] : null
  return Array.isArray(entry) && typeof entry[1] === 'string' ? entry[1] : null
}

function expectedOf(role: ComponentRole, name: string, folder: string): void {
  const architecture = Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined
  if (!architecture || !FITS[role].includes(architecture))
    throw new InlayError(
      'model.unsupported',
      `${path.join(folder, INDEX_FILE)} lists ${say(name)} as ${role}, which Inlay cannot run.`,
    )
}

/** A text encoder's own config.json may leave out its class; model_index.json has it. */
function withProjection(component: Component, name: string): Component {
  const config = component.config as JsonObject
  if (component.architecture !== 'clip-text' || config['architectures']) return component
  return { ...component, config: { ...config, architectures: [name] } }
}

/** What a pipeline of SDXL does where a prompt is left out: zeros unless told. */
export function wordlessOf({ force_zeros_for_empty_prompt: zeros }: JsonObject): {
  zerosForNoWords?: boolean
} {
  return typeof zeros === 'boolean' ? { zerosForNoWords: zeros } : {}
}

function isAbsence(error: InlayError): boolean {
  return error.code === 'model.incomplete' || error.code === 'file.missing'
}

function notStableDiffusion(folder: string, index: JsonObject): InlayError {
  return new InlayError(
    'model.unsupported',
    `${folder} is ${say(index['_class_name'] ?? 'a pipeline without a name')}, which has no denoiser that Inlay runs; it opens Stable Diffusion 1, 2 and XL.`,
  )
}

function say(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 100) : `${JSON.stringify(value)}`.slice(0, 100)
}

/** Where the folder brings no vocabulary, the application's own serves. */
export async function tokenizersOf(
  folder: string,
  padsWithBang: boolean,
  components: readonly { readonly role: string }[],
): Promise<readonly TokenizerPlace[]> {
  const places: TokenizerPlace[] = []
  for (const [role, encoder] of [
    ['tokenizer', 'text_encoder'],
    ['tokenizer_2', 'text_encoder_2'],
  ] as const) {
    if (!components.some((component) => component.role === encoder)) continue
    const own = path.join(folder, role)
    const has =
      (await readSmallText(path.join(own, 'vocab.json'), MOST_VOCABULARY)) ??
      (await readSmallText(path.join(own, 'tokenizer.json'), MOST_VOCABULARY))
    const pad = padsWithBang || role === 'tokenizer_2' ? '!' : null
    places.push(has === undefined ? { role, folder: null, pad } : { role, folder: own, pad: null })
  }
  return places
}
