/** A checkpoint in few words, for people, for the list of models and for the wire. Invariant: plain data, nothing of its files. */
import type { ModelSummary } from '../../../../shared/model-manifest.ts'
import type { Checkpoint, OpenOptions } from './checkpoint.ts'
import { openCheckpoint } from './open.ts'

/** @throws InlayError as `openCheckpoint` does */
export async function inspectModel(place: string, options: OpenOptions = {}): Promise<ModelSummary> {
  return summaryOf(await openCheckpoint(place, options))
}

function summaryOf(checkpoint: Checkpoint): ModelSummary {
  const { layout, family, task, predictionType, components, dtypes, bytes, licence, missing, notices } =
    checkpoint
  return {
    layout,
    family,
    task,
    predictionType,
    components: components.map((component) => ({
      role: component.role,
      architecture: component.architecture,
      parameters: component.architecture === 'onnx' ? null : parametersIn(component.tensors.values()),
    })),
    dtypes: [...dtypes],
    bytes,
    licence,
    missing: [...missing],
    notices: [...notices],
  }
}

function parametersIn(tensors: Iterable<{ readonly shape: readonly number[] }>): number {
  let sum = 0
  for (const { shape } of tensors) sum += shape.reduce((product, size) => product * size, 1)
  return sum
}
