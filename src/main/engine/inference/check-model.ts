/**
 * Whether a model really runs here: every part of it is opened on a provider and run once, on a tiny input.
 *
 * Invariant: one session is open at a time, so the check needs no more memory than the largest part. The first part that cannot
 * be run ends it, with the reason.
 */
import type { PartReport } from '../../../shared/rpc/contract.ts'
import {
  type BuiltGraph,
  type Component,
  componentGraph,
  componentParts,
  openCheckpoint,
  type Part,
} from '../models/index.ts'
import { formOn } from './provider-form.ts'
import { type Provider, Session } from './session.ts'
import type { Tensor } from './tensors.ts'

/** @throws InlayError as `openCheckpoint` and `componentGraph` do, or `model.unreadable` for an ONNX file that cannot be run */
export async function checkModel(place: string, provider: Provider): Promise<readonly PartReport[]> {
  const { components } = await openCheckpoint(place)
  const reports: PartReport[] = []
  for (const component of components)
    if (component.architecture === 'onnx') {
      const started = performance.now()
      const session = await Session.open(component, { provider })
      await session.release()
      const load = performance.now() - started
      reports.push({ role: component.role, part: 'onnx', provider, load, run: null, memory: heldNow() })
    } else
      for (const part of componentParts(component)) reports.push(await checkPart(component, part, provider))
  return reports
}

async function checkPart(component: Component, part: Part, provider: Provider): Promise<PartReport> {
  const started = performance.now()
  const graph = componentGraph(component, part, await formOn(provider))
  const session = await Session.open(graph, { provider })
  try {
    const loaded = performance.now()
    await session.run(tinyInputs(graph))
    const run = performance.now() - loaded
    return { role: component.role, part, provider, load: loaded - started, run, memory: heldNow() }
  } finally {
    await session.release()
  }
}

/** Megabytes of this process. */
function heldNow(): number {
  return process.memoryUsage.rss() / 2 ** 20
}

const LATENT_SIDE = 8
const PICTURE_SIDE = 64

/** Zeros in the smallest shapes that every architecture takes: latents of 8 x 8, pictures of 64 x 64, a batch of one. */
function tinyInputs({ inputs }: BuiltGraph): Record<string, Tensor> {
  const pictures = inputs.some(({ name }) => name === 'image')
  const sizeOf = (name: string) =>
    name.startsWith('latent_') || name === 'length'
      ? LATENT_SIDE
      : name === 'height' || name === 'width'
        ? pictures
          ? PICTURE_SIDE
          : LATENT_SIDE
        : 1
  return Object.fromEntries(
    inputs.map(({ name, type, shape }): [string, Tensor] => {
      const sizes = shape.map((size) => (typeof size === 'number' ? size : sizeOf(size)))
      const count = sizes.reduce((product, size) => product * size, 1)
      return [
        name,
        { data: type === 'int64' ? new BigInt64Array(count) : new Float32Array(count), shape: sizes },
      ]
    }),
  )
}
