/**
 * The outputs of one component for one golden case, by the names the fixtures give them.
 *
 * Invariant: graphs are the ones the application runs; nothing here computes what a graph should.
 */
import path from 'node:path'
import {
  autoencoderConfig,
  type BuiltGraph,
  clipTextConfig,
  clipTextGraph,
  conditionedDecoderGraph,
  decoderGraph,
  encoderGraph,
  pooledPlaces,
  readSafetensors,
  type StoredTensor,
  tinyConfig,
  tinyDecoderGraph,
  tinyEncoderGraph,
  unetConfig,
  unetGraph,
  Weights,
} from '../models/index.ts'
import { posteriorSample } from './posterior.ts'
import type { GraphRunner, Tensor } from './run-graph.ts'

export interface GoldenModel {
  readonly family: string
  readonly file: string
  /** The component's tensors, where the file holds several components. */
  readonly tensors?: ReadonlyMap<string, StoredTensor>
  readonly config: unknown
  readonly inputs: Readonly<Record<string, Tensor>>
}

type Outputs = Record<string, Tensor>

export async function goldenOutputs(model: GoldenModel, runner: GraphRunner): Promise<Outputs> {
  const tensors = model.tensors ?? (await readSafetensors(model.file)).tensors
  const run = (build: (weights: Weights) => BuiltGraph, inputs = model.inputs) =>
    runner.run(build(new Weights(tensors, path.basename(model.file))), inputs)
  switch (model.family) {
    case 'unet': {
      const { noise } = await run((weights) => unetGraph(weights, unetConfig(model.config, model.file)))
      return { sample: noise! }
    }
    case 'clip_text':
    case 'clip_text_projection':
      return clipText(model, run)
    case 'autoencoder_kl':
    case 'asymmetric_autoencoder_kl':
      return autoencoder(model, run)
    case 'autoencoder_tiny': {
      const config = tinyConfig(model.config, model.file)
      const encoded = await run((weights) => tinyEncoderGraph(weights, config))
      return { ...encoded, ...(await run((weights) => tinyDecoderGraph(weights, config))) }
    }
    default:
      throw new Error(`no architecture is called ${model.family}`)
  }
}

type Run = (build: (weights: Weights) => BuiltGraph, inputs?: GoldenModel['inputs']) => Promise<Outputs>

async function clipText(model: GoldenModel, run: Run): Promise<Outputs> {
  const config = clipTextConfig(model.config, model.file)
  const { eos_token_id: configured = 2 } = model.config as { eos_token_id?: number }
  const ids = model.inputs.input_ids!
  const [batch, length] = ids.shape as [number, number]
  const rows = Array.from({ length: batch }, (_, i) =>
    Array.from(ids.data.slice(i * length, (i + 1) * length), Number),
  )
  const pooledAt = (end: number) => {
    const data = BigInt64Array.from(pooledPlaces(rows, end), BigInt)
    return run((weights) => clipTextGraph(weights, config), {
      ...model.inputs,
      pooled_place: { data, shape: [batch, 1] },
    })
  }
  const outputs = await pooledAt(configured)
  // In CLIP's vocabularies the end token follows the start token, which opens every row.
  const { pooler_output } = await pooledAt(rows[0]![0]! + 1)
  return { ...outputs, pooler_output_at_first_eos: pooler_output! }
}

async function autoencoder(model: GoldenModel, run: Run): Promise<Outputs> {
  const { encoder, decoder } = autoencoderConfig(model.config, model.file)
  const { moments } = await run((weights) => encoderGraph(weights, encoder))
  const latents = posteriorSample(moments!, model.inputs.noise!)
  const build = model.inputs.mask ? conditionedDecoderGraph : decoderGraph
  return { moments: moments!, ...latents, ...(await run((weights) => build(weights, decoder))) }
}
