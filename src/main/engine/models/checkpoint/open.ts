/**
 * Opening a checkpoint: which layout lies at a place, and what it holds.
 *
 * Invariant: what comes out is whole: every network has been held against its configuration, tensor by tensor, and the parts
 * against one another. Anything else ends in one error that names a file and says why. No weights are read, nothing is written.
 */
import { realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { InlayError } from '../../../../shared/errors.ts'
import { readSafetensors, type TensorType } from '../safetensors.ts'
import { checkedComponent } from './check.ts'
import type { Checkpoint, Component, OnnxComponent, OpenOptions } from './checkpoint.ts'
import { isNetworkFile, openLoneFile, openLoneFolder } from './component.ts'
import { INDEX_FILE, openDiffusersFolder } from './diffusers-folder.ts'
import { checkFit } from './family.ts'
import { readJsonIfThere, readSmallText } from './json.ts'
import { statedLicence } from './licence.ts'
import { isOnnxFolder, openOnnxFolder } from './onnx-folder.ts'
import { isSingleFile, openSingleFile } from './single-file.ts'
import { listFolder } from './weights.ts'

type Found = Omit<Checkpoint, 'path' | 'dtypes' | 'bytes' | 'licence'> & { readonly bytes?: number }

/**
 * @param place a folder (diffusers, Optimum, a lone network, a hub's cache) or a `.safetensors` file
 * @throws InlayError `file.missing`, `file.denied`, `model.unreadable`, `model.unsupported`, `model.incomplete`
 */
export async function openCheckpoint(place: string, options: OpenOptions = {}): Promise<Checkpoint> {
  const full = path.resolve(place)
  const real = await realpath(full).catch((cause: unknown) => {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new InlayError('file.missing', `There is no ${place}; check the name.`, { cause })
    throw new InlayError('file.denied', `${place} may not be read; check its permissions.`, { cause })
  })
  const folder = (await stat(real)).isDirectory() ? await withinHubCache(full) : null
  const { found, metadata } =
    folder === null ? await openFile(full, options) : await openFolder(folder, options)
  const components = found.components.map((one) =>
    isNetwork(one) ? checkedComponent(one, found.layout === 'component') : one,
  )
  checkFit(components.filter(isNetwork), place)
  return {
    ...found,
    path: full,
    components,
    ...sizesOf(components, found.bytes),
    licence: await statedLicence(folder ?? path.dirname(full), metadata),
  }
}

interface Opened {
  readonly found: Found
  readonly metadata: readonly Readonly<Record<string, string>>[]
}

async function openFile(file: string, options: OpenOptions): Promise<Opened> {
  if (/\.onnx$/i.test(file))
    throw new InlayError('model.unsupported', `${file} is one network; name the folder that has all of them.`)
  const header = await readSafetensors(file)
  const found = isSingleFile(header.tensors)
    ? await openSingleFile(file, header, options)
    : await openLoneFile(file, header, options)
  return { found, metadata: [header.metadata] }
}

async function openFolder(folder: string, options: OpenOptions): Promise<Opened> {
  const names = await listFolder(folder)
  if (names.includes(INDEX_FILE)) {
    const index = await readJsonIfThere(path.join(folder, INDEX_FILE))
    const onnx = await isOnnxFolder(folder, index)
    return {
      found: await (onnx ? openOnnxFolder(folder, options) : openDiffusersFolder(folder, options)),
      metadata: [],
    }
  }
  if (names.includes('config.json')) return { found: await openLoneFolder(folder, options), metadata: [] }
  const weights = names.filter((name) => /\.safetensors$/i.test(name))
  const networks = weights.length > 1 ? await networksAmong(folder, weights) : weights
  // The halves of a TAESD open as one, whichever is named.
  const [first, second, third] = networks
  const pair = third === undefined && second === first?.replace('decoder', 'encoder')
  if (first !== undefined && (second === undefined || pair))
    return openFile(path.join(folder, first), options)
  throw undecided(folder, names, networks.length > 0 ? networks : weights)
}

const MOST_FILES = 50

/** Those of the files that are networks, as far as can be told; one that cannot be read may be one. */
async function networksAmong(folder: string, names: readonly string[]): Promise<readonly string[]> {
  const networks: string[] = []
  for (const name of names.slice(0, MOST_FILES)) {
    const header = await readSafetensors(path.join(folder, name)).catch(() => null)
    if (header === null || isNetworkFile(header.tensors)) networks.push(name)
  }
  return networks
}

function undecided(folder: string, names: readonly string[], weights: readonly string[]): InlayError {
  if (weights.length > 1)
    return new InlayError(
      'model.unsupported',
      `${folder} holds several models; name one of them: ${weights.slice(0, 10).join(', ')}${weights.length > 10 ? '…' : ''}.`,
    )
  const pickle = names.find((name) => /\.(ckpt|bin|pt|pth|pkl)$/i.test(name))
  if (pickle !== undefined)
    return new InlayError(
      'model.unsupported',
      `${path.join(folder, pickle)} is a pickle: opening one can run any program hidden in it, so Inlay never does. Get the same model as .safetensors.`,
    )
  if (names.includes('unet') || names.includes('vae'))
    return new InlayError('model.incomplete', `${folder} lacks ${INDEX_FILE}. Get the model again.`)
  return new InlayError(
    'model.unreadable',
    `${folder} holds no model: neither ${INDEX_FILE} nor config.json nor a .safetensors file. Name the model's own folder.`,
  )
}

/** `models--owner--name` of a hub's cache keeps its files below `snapshots/<revision>`: the one that `refs/main` names, or the only one. */
async function withinHubCache(folder: string): Promise<string> {
  const own = await listFolder(folder)
  const revisions = await listFolder(path.join(folder, 'snapshots')).catch((): readonly string[] => [])
  if (revisions.length === 0 || own.includes(INDEX_FILE)) return folder
  const named = (await readSmallText(path.join(folder, 'refs', 'main'), 1000))?.trim()
  const revision =
    revisions.find((one) => one === named) ?? (revisions.length === 1 ? revisions[0] : undefined)
  if (revision !== undefined) return path.join(folder, 'snapshots', revision)
  throw new InlayError(
    'model.unsupported',
    `${folder} holds several revisions; name one of them: ${revisions.map((one) => path.join('snapshots', one)).join(', ')}.`,
  )
}

function isNetwork(component: Component | OnnxComponent): component is Component {
  return component.architecture !== 'onnx'
}

/** How many bytes are stored in which type, of all tensors that are used. ONNX files keep that to themselves. */
function sizesOf(components: Checkpoint['components'], known?: number): Pick<Checkpoint, 'dtypes' | 'bytes'> {
  const bytes = new Map<TensorType, number>()
  for (const component of components.filter(isNetwork))
    for (const { type, length } of component.tensors.values())
      bytes.set(type, (bytes.get(type) ?? 0) + length)
  const sum = [...bytes.values()].reduce((total, one) => total + one, 0)
  return { bytes: known ?? sum, dtypes: [...bytes].sort(([, a], [, b]) => b - a).map(([type]) => type) }
}
