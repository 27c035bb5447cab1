/**
 * LoRA files: W' = W + weight * alpha / rank * up x down, for the layers a file adapts (Hu et al. 2021, "LoRA: Low-Rank Adaptation
 * of Large Language Models", section 4.1).
 *
 * Invariant: opening a file reads its header and its alphas, never its factors; the checkpoint is read by nobody here and
 * written by nobody anywhere. The graph refers to both files, and the runtime makes the sum when it loads the graph
 * (`onnx/low-rank.ts`). A file that does not fit is refused as a whole.
 *
 * Why not merge here: measured on a float16 SD 1.5 UNet with all 267 million attention weights adapted, on two cores, loading
 * takes 3.6 s of computing instead of 3.1 s and 0.6 GB more at its peak for rank 16, 4.3 s and 0.9 GB more for rank 128. Merging
 * in JavaScript takes 7 s and 53 s, holds the 1.1 GB of float32 sums as well, and must copy them into the graph, which may not
 * exceed 2 GB: SDXL's would.
 */
import { type FileHandle, open } from 'node:fs/promises'
import { InlayError } from '../../../../shared/errors.ts'
import type { Component } from '../checkpoint/checkpoint.ts'
import type { LowRank } from '../onnx/low-rank.ts'
import { readSafetensors, type StoredTensor } from '../safetensors.ts'
import { loraLayerNames } from './layers.ts'
import { alphaFromMetadata } from './metadata.ts'
import { type LoraComponent, loraModules } from './names.ts'

/** One adapted layer and its factors where they lie. */
export interface LoraLayer {
  readonly component: LoraComponent
  /** As in `LoraModule`. */
  readonly flatName: string
  readonly down: StoredTensor
  readonly up: StoredTensor
  readonly mid: StoredTensor | null
  /** alpha / rank. */
  readonly scale: number
}

/** A LoRA file, its names understood. */
export interface Lora {
  readonly file: string
  readonly layers: readonly LoraLayer[]
}

export interface LoraAtWeight {
  readonly lora: Lora
  /** 0 does nothing, 1 is what the file was trained for; any finite number is allowed. */
  readonly weight: number
}

/** What of a network LoRA files are matched with. */
export type Adaptable = Pick<Component, 'role' | 'architecture' | 'config' | 'tensors' | 'source'>

/** @throws InlayError `model.unsupported` (another kind of adapter), `model.unreadable`, `file.missing`, `file.denied` */
export async function openLora(file: string): Promise<Lora> {
  const { tensors, metadata } = await readSafetensors(file)
  const modules = loraModules(file, tensors.keys())
  const stated = alphaFromMetadata(metadata)
  const handle = await open(tensors.get(modules[0]!.down)!.file)
  try {
    const layers: LoraLayer[] = []
    for (const { component, flatName, down, up, mid, alpha } of modules) {
      const first = tensors.get(down)!
      const rank = first.shape[0] ?? 0
      const value =
        alpha === null ? stated(component, flatName) : await readNumber(handle, tensors.get(alpha)!)
      const scale = (value ?? rank) / rank
      if (!Number.isFinite(scale))
        throw new InlayError(
          'model.unreadable',
          `${file} has a rank or an alpha for ${flatName} that cannot be; get the file again.`,
        )
      const middle = mid === null ? null : tensors.get(mid)!
      layers.push({ component, flatName, down: first, up: tensors.get(up)!, mid: middle, scale })
    }
    return { file, layers }
  } finally {
    await handle.close()
  }
}

/**
 * Which of a file's layers a checkpoint has.
 * @returns the number of layers that fit, the names of those that the checkpoint lacks, and a sentence about these, or null
 * @throws InlayError `model.unsupported` where none fits or one has another shape: the file is for another family
 */
export function matchLora(
  lora: Lora,
  components: readonly Adaptable[],
): { readonly fitting: number; readonly unmatched: readonly string[]; readonly notice: string | null } {
  const found = new Set<LoraLayer>()
  for (const component of components)
    for (const { layer, name } of layersOf(lora, component)) {
      checkFit(lora, layer, name, component)
      found.add(layer)
    }
  const unmatched = lora.layers.filter((layer) => !found.has(layer)).map(({ flatName }) => flatName)
  const some = `${unmatched.slice(0, 3).join(', ')}${unmatched.length > 3 ? ` and ${unmatched.length - 3} more` : ''}`
  if (found.size === 0)
    throw new InlayError(
      'model.unsupported',
      `${lora.file} is for another family of models: this one has none of its layers (${some}).`,
    )
  const notice =
    unmatched.length === 0
      ? null
      : `${lora.file} adapts ${lora.layers.length} layers, of which this model lacks ${unmatched.length}: ${some}.`
  return { fitting: found.size, unmatched, notice }
}

/**
 * What the files add to a component's weights, by the name of the weight.
 * @throws InlayError `model.unsupported` (shapes of another model), `usage` (a weight that is no number)
 */
export function loraAdapters(
  loras: readonly LoraAtWeight[],
  component: Adaptable,
): ReadonlyMap<string, readonly LowRank[]> {
  const adapters = new Map<string, LowRank[]>()
  for (const [i, { lora, weight }] of loras.entries()) {
    if (!Number.isFinite(weight))
      throw new InlayError('usage', `The weight of ${lora.file} must be a number, not ${weight}.`)
    if (weight === 0) continue
    for (const { layer, name } of layersOf(lora, component)) {
      const adapter = {
        ...checkFit(lora, layer, name, component),
        name: `lora_${i}.${layer.flatName}`,
        scale: weight * layer.scale,
      }
      adapters.set(name, [...(adapters.get(name) ?? []), adapter])
    }
  }
  return adapters
}

/** The file's layers that the component has, each with the name of its weight. */
function* layersOf(lora: Lora, component: Adaptable): Generator<{ layer: LoraLayer; name: string }> {
  const nameOf = loraLayerNames(component)
  for (const layer of lora.layers) {
    const name = layer.component === component.role ? nameOf(layer.flatName) : undefined
    if (name !== undefined) yield { layer, name }
  }
}

function checkFit(
  lora: Lora,
  { flatName, down, up, mid }: LoraLayer,
  name: string,
  component: Adaptable,
): Omit<LowRank, 'name' | 'scale'> {
  const { shape } = component.tensors.get(name)!
  const transposed = name.endsWith('.transposed')
  const [rank = 0] = down.shape
  const rows = (transposed ? shape[1] : shape[0]) ?? 0
  const columns = sizeOf(shape) / rows
  const fits =
    up.shape[0] === rows &&
    sizeOf(up.shape) === rows * rank &&
    (mid === null
      ? sizeOf(down.shape) === rank * columns
      : mid.shape[0] === rank &&
        mid.shape[1] === rank &&
        sizeOf(mid.shape) * sizeOf(down.shape) === rank ** 3 * columns)
  if (!fits)
    throw new InlayError(
      'model.unsupported',
      `${lora.file} does not fit ${component.source} and is probably for another family of models: for ${flatName} it has [${up.shape.join(', ')}] x [${down.shape.join(', ')}], the model [${shape.join(', ')}].`,
    )
  return { down, up, mid, rank, transposed }
}

/** The one value of a tensor; NaN where it has another number of values or a type that no alpha has. */
async function readNumber(handle: FileHandle, tensor: StoredTensor): Promise<number> {
  const bytes = new Uint8Array(8)
  if (sizeOf(tensor.shape) !== 1) return Number.NaN
  await handle.read(bytes, 8 - tensor.length, tensor.length, tensor.offset)
  const view = new DataView(bytes.buffer)
  switch (tensor.type) {
    case 'F64':
      return view.getFloat64(0, true)
    case 'F32':
      return view.getFloat32(4, true)
    case 'F16':
      return view.getFloat16(6, true)
    case 'BF16':
      // The upper half of a float32, so the two bytes in front of it are its zeros.
      return view.getFloat32(4, true)
    case 'I64':
      return Number(view.getBigInt64(0, true))
    default:
      return Number.NaN
  }
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1)
}
