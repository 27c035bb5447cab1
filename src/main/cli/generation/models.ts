/**
 * The models of a run of the command line: found by name or path, and run in this process.
 *
 * Invariant: nothing is loaded before a job needs it, and what is loaded serves all jobs that follow.
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Option } from 'commander'
import { InlayError } from '../../../shared/errors.ts'
import { BUILT_IN, type GenerationRequest } from '../../../shared/generation.ts'
import type { Size } from '../../../shared/geometry.ts'
import { filesOfModel, ModelRegistry } from '../../engine/index.ts'
import { createGenerator, type LocalGenerator } from '../../engine/inference/index.ts'
import { defaultDataFolder } from '../../hosts/data-folder.ts'
import type { Given } from './options.ts'
import { generationRequest, modelOf, type Recipe } from './recipe.ts'

const PROVIDERS = ['cpu', 'webgpu', 'cuda', 'dml', 'coreml'] as const

export interface ModelsOptions {
  /** The CPU where not given, which makes the same bytes each time. */
  readonly provider?: (typeof PROVIDERS)[number]
}

export function providerOption(): Option {
  return new Option('--provider <name>', 'what runs the model, see `inlay providers` (default: cpu)').choices(
    PROVIDERS,
  )
}

export interface FoundModel {
  /** As a request calls it: its name where it is installed, else its path. */
  readonly name: string
  /** Null for the built-in one. */
  readonly place: string | null
}

const resource = (name: string) => fileURLToPath(new URL(`../../../../${name}`, import.meta.url))
const BUILT_IN_FOLDER = resource('models/built-in')

export class Models {
  readonly #registry = new ModelRegistry(defaultDataFolder())
  readonly #options: ModelsOptions
  #generator: LocalGenerator | null = null
  readonly #fingerprints = new Map<string, unknown>()

  constructor(options: ModelsOptions) {
    this.#options = options
  }

  get generator(): LocalGenerator {
    this.#generator ??= createGenerator({
      dataFolder: defaultDataFolder(),
      builtInFolder: BUILT_IN_FOLDER,
      tokenizerFolder: resource('assets/clip-tokenizer'),
      providers: [this.#options.provider ?? 'cpu'],
    })
    return this.#generator
  }

  /** What lies there under that name is meant first, then what is installed under it. @throws InlayError `model.unknown`, `file.missing` */
  async find(text: string): Promise<FoundModel> {
    if (text === BUILT_IN) return { name: text, place: null }
    if (existsSync(text)) {
      const place = path.resolve(text)
      const installed = (await this.#registry.list()).find((one) => one.path === place)
      return { name: installed?.name ?? place, place }
    }
    try {
      const { name, path: place } = await this.#registry.find(text)
      return { name, place }
    } catch (error) {
      if (!(error instanceof InlayError) || error.code !== 'model.unknown' || !/[/\\.]/.test(text))
        throw error
      throw new InlayError('file.missing', `There is no model ${text}; check the name.`, { cause: error })
    }
  }

  /** Where a request's model lies: null for the built-in one. @throws InlayError as `find` does */
  async placeOf(name: string): Promise<string | null> {
    return (await this.find(name)).place
  }

  /** @throws InlayError `usage`, and those of the model */
  async requestOf(recipe: Recipe, given: Given): Promise<GenerationRequest> {
    const { name, place } = await this.find(modelOf(recipe, given) ?? BUILT_IN)
    const { defaults } = await this.generator.limits(place)
    return generationRequest(recipe, given, name, defaults)
  }

  /** Of a picture from nothing. @throws InlayError those of the model */
  async sizeFor(recipe: Recipe, { width, height, ...given }: Given): Promise<Size> {
    if (width !== undefined && height !== undefined) return { width, height }
    const { side } = await this.generator.limits((await this.find(modelOf(recipe, given) ?? BUILT_IN)).place)
    return { width: width ?? side, height: height ?? side }
  }

  /**
   * What changes when the weights that a job names do, without reading them: null where it needs none.
   * @throws InlayError `model.unknown`, `file.missing`, `file.denied`, `model.unsupported`
   */
  async fingerprint(recipe: Recipe, given: Given): Promise<unknown> {
    const model = modelOf(recipe, given)
    if (model === null) return null
    const { place } = await this.find(model)
    const loras = []
    for (const { path: file, weight } of given.lora ?? []) loras.push([await this.#files(file), weight])
    return [await this.#files(place), loras]
  }

  /** Lets go of all networks. */
  async close(): Promise<void> {
    await this.#generator?.close()
  }

  async #files(place: string | null): Promise<unknown> {
    const key = place ?? BUILT_IN
    const known = this.#fingerprints.get(key)
    if (known !== undefined) return known
    const found =
      place === null
        ? await readFile(path.join(BUILT_IN_FOLDER, 'manifest.json'), 'utf8')
        : await filesOfModel(place)
    this.#fingerprints.set(key, found)
    return found
  }
}
