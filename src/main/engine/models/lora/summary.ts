/** LoRA files against a checkpoint in few words. Invariant: plain data; headers and alphas are read, weights are not. */
import { InlayError } from '../../../../shared/errors.ts'
import type { Component, OpenOptions } from '../checkpoint/checkpoint.ts'
import { openCheckpoint } from '../checkpoint/open.ts'
import { matchLora, openLora } from './lora.ts'

export interface LoraSummary {
  readonly file: string
  /** Layers that the file adapts, and those of them that the checkpoint has. */
  readonly layers: number
  readonly fitting: number
  /** Names the layers that the checkpoint lacks; null where it has all. */
  readonly notice: string | null
}

/**
 * @throws InlayError as `openCheckpoint` and `openLora` do, and `model.unsupported` where a file is for another family or the
 *   checkpoint's graphs are ready made
 */
export async function inspectLoras(
  place: string,
  files: readonly string[],
  options: OpenOptions = {},
): Promise<readonly LoraSummary[]> {
  if (files.length === 0) return []
  const { components } = await openCheckpoint(place, options)
  const networks = components.filter((one): one is Component => one.architecture !== 'onnx')
  if (networks.length === 0)
    throw new InlayError(
      'model.unsupported',
      `${place} is an ONNX folder, into which no LoRA can be merged; use the checkpoint it was exported from.`,
    )
  const summaries: LoraSummary[] = []
  for (const file of files) {
    const lora = await openLora(file)
    const { fitting, notice } = matchLora(lora, networks)
    summaries.push({ file, layers: lora.layers.length, fitting, notice })
  }
  return summaries
}
