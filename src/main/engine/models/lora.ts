/**
 * LoRA: W' = W + weight * alpha / rank * up x down, for the layers a file adapts (Hu et al. 2021, "LoRA: Low-Rank Adaptation
 * of Large Language Models", section 4.1).
 *
 * Invariant: the checkpoint is read, never written. The result is new float32 tensors for the adapted layers only, which take
 * the place of the checkpoint's when a graph is made. Sums are float32 whatever the files hold. A file that does not fit is
 * refused as a whole: nothing is half merged.
 */
import { InlayError } from '../../../shared/errors.ts'
import { alphaFromMetadata } from './lora-metadata.ts'
import { flatLayerName, type LoraComponent, type LoraModule, loraModules } from './lora-names.ts'

/** A tensor that is read when it is needed. */
export interface TensorSource {
  readonly shape: readonly number[]
  /** The values in row-major order, widened to float32. */
  read(): Float32Array
}

export interface MergedTensor {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

/** A LoRA file, its names understood. */
export interface Lora {
  readonly file: string
  readonly modules: readonly LoraModule[]
  readonly tensors: ReadonlyMap<string, TensorSource>
  readonly alphaOf: (component: LoraComponent, flatName: string) => number | undefined
}

export interface LoraAtWeight {
  readonly lora: Lora
  /** 0 does nothing, 1 is what the file was trained for; any finite number is allowed. */
  readonly weight: number
}

/** @throws InlayError `model.unsupported`, `model.unreadable` */
export function parseLora(
  file: string,
  tensors: ReadonlyMap<string, TensorSource>,
  metadata: Readonly<Record<string, string>>,
): Lora {
  return { file, modules: loraModules(file, tensors.keys()), tensors, alphaOf: alphaFromMetadata(metadata) }
}

/** Layers of the file that the component lacks, by flat name: a LoRA for another family, or one that adapts more. */
export function unmatchedLayers(
  lora: Lora,
  component: LoraComponent,
  weightNames: Iterable<string>,
): readonly string[] {
  const layers = layersOf(weightNames)
  return lora.modules
    .filter((module) => module.component === component && !layers.has(module.flatName))
    .map(({ flatName }) => flatName)
}

/**
 * The tensors that replace a component's own.
 * @param weights the component's tensors by name (`down_blocks.0.….weight`)
 * @returns new tensors under the same names; empty where no file adapts this component
 * @throws InlayError `model.unsupported` (shapes of another model), `usage` (a weight that is no number)
 */
export function mergeLoras(
  loras: readonly LoraAtWeight[],
  component: LoraComponent,
  weights: ReadonlyMap<string, TensorSource>,
): ReadonlyMap<string, MergedTensor> {
  const layers = layersOf(weights.keys())
  const merged = new Map<string, MergedTensor>()
  for (const { lora, weight } of loras) {
    if (!Number.isFinite(weight))
      throw new InlayError('usage', `The weight of ${lora.file} must be a number, not ${weight}.`)
    for (const module of lora.modules) {
      const name = module.component === component ? layers.get(module.flatName) : undefined
      const source = name === undefined ? undefined : weights.get(name)
      if (name === undefined || source === undefined) continue
      const target = merged.get(name) ?? { shape: source.shape, data: Float32Array.from(source.read()) }
      addModule(lora, module, weight, target)
      merged.set(name, target)
    }
  }
  return merged
}

function layersOf(weightNames: Iterable<string>): ReadonlyMap<string, string> {
  const layers = new Map<string, string>()
  for (const name of weightNames)
    if (name.endsWith('.weight')) layers.set(flatLayerName(name.slice(0, -'.weight'.length)), name)
  return layers
}

function addModule(lora: Lora, module: LoraModule, weight: number, target: MergedTensor): void {
  const { down, up } = { down: lora.tensors.get(module.down)!, up: lora.tensors.get(module.up)! }
  const rank = down.shape[0] ?? 0
  const rows = target.shape[0] ?? 0
  const columns = rows === 0 ? 0 : target.data.length / rows
  const mid = module.mid === null ? undefined : lora.tensors.get(module.mid)
  const factor = mid ? joinMid(mid, down) : { width: sizeOf(down.shape) / rank, data: () => down.read() }
  if (rank === 0 || sizeOf(up.shape) !== rows * rank || up.shape[0] !== rows || factor?.width !== columns)
    throw new InlayError(
      'model.unsupported',
      `${lora.file} does not fit this model: for ${module.flatName} it has ${shapes(up, down)}, the model [${target.shape.join(', ')}].`,
    )
  const alpha =
    module.alpha === null
      ? lora.alphaOf(module.component, module.flatName)
      : lora.tensors.get(module.alpha)?.read()[0]
  const scale = (weight * (alpha ?? rank)) / rank
  if (!Number.isFinite(scale))
    throw new InlayError(
      'model.unreadable',
      `${lora.file} has an alpha for ${module.flatName} that is no number.`,
    )
  addProduct(target.data, up.read(), factor.data(), scale, rank, columns)
}

/** target[o, c] += scale * sum over k of up[o, k] * down[k, c], a row at a time so that memory is read in order. */
function addProduct(
  target: Float32Array,
  up: Float32Array,
  down: Float32Array,
  scale: number,
  rank: number,
  columns: number,
): void {
  const row = new Float32Array(columns)
  for (let start = 0, o = 0; start < target.length; start += columns, o++) {
    row.fill(0)
    for (let k = 0; k < rank; k++) {
      const factor = up[o * rank + k]!
      const from = k * columns
      for (let c = 0; c < columns; c++) row[c]! += factor * down[from + c]!
    }
    for (let c = 0; c < columns; c++) target[start + c]! += scale * row[c]!
  }
}

/** mid [rank, rank, kh, kw] and down [rank, in, 1, 1] as one factor [rank, in * kh * kw]; undefined where they do not fit. */
function joinMid(
  mid: TensorSource,
  down: TensorSource,
): { readonly width: number; data(): Float32Array } | undefined {
  const rank = down.shape[0] ?? 0
  const inside = down.shape[1] ?? 0
  const kernel = (mid.shape[2] ?? 0) * (mid.shape[3] ?? 0)
  if (mid.shape[0] !== rank || mid.shape[1] !== rank || sizeOf(down.shape) !== rank * inside) return undefined
  const width = inside * kernel
  const data = (): Float32Array => {
    const [middle, first] = [mid.read(), down.read()]
    const joined = new Float32Array(rank * width)
    for (let a = 0; a < rank; a++)
      for (let b = 0; b < rank; b++)
        for (let i = 0; i < inside; i++)
          for (let k = 0; k < kernel; k++)
            joined[a * width + i * kernel + k]! +=
              middle[(a * rank + b) * kernel + k]! * first[b * inside + i]!
    return joined
  }
  return { width, data }
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1)
}

function shapes(up: TensorSource, down: TensorSource): string {
  return `[${up.shape.join(', ')}] x [${down.shape.join(', ')}]`
}
