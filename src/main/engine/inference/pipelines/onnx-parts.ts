/**
 * ONNX files as Optimum writes them, by the names that the recipes know parts, inputs and outputs by.
 *
 * Invariant: a file is run as it is; values are renamed here and nothing is computed. Outputs that have one meaning are taken by
 * their place, since exporters have named them differently.
 */
import type { OnnxComponent, Part } from '../../models/index.ts'
import type { Network } from '../asymmetric-decode.ts'
import type { Tensor } from '../tensors.ts'
import { CHANNELS, floats, joined } from './latents.ts'

/** What a posterior's are limited to. */
const LEAST_LOG_VARIANCE = -30

type Values = Readonly<Record<string, Tensor>>

/** What the checkpoint calls the file of a part. */
export function onnxRole(role: string, part: Part): OnnxComponent['role'] {
  if (role === 'vae') return part === 'encoder' ? 'vae_encoder' : 'vae_decoder'
  return role as OnnxComponent['role']
}

/** @param skip of a text encoder: how many of its last layers `hidden_state` leaves out */
export function onnxPart(file: Network, part: Part, skip = 0): Network {
  switch (part) {
    case 'denoiser':
      return { run: async (inputs) => ({ noise: first(await file.run(inputs)) }) }
    case 'text':
      return { run: async (inputs) => layers(await file.run(inputs), skip) }
    case 'encoder':
      return { run: async ({ image }) => ({ moments: moments(first(await file.run({ sample: image! }))) }) }
    case 'decoder':
      return {
        run: async ({ latents }) => ({ decoded: first(await file.run({ latent_sample: latents! })) }),
      }
    case 'conditioned-decoder':
      throw new Error('no ONNX folder has an asymmetric decoder')
  }
}

/** A layer that the file does not give is left out. Its last one is given after the final norm. */
function layers(outputs: Values, skip: number): Values {
  const { last_hidden_state, text_embeds } = outputs
  const hidden = Object.keys(outputs).filter((name) => /^hidden_states\.\d+$/.test(name))
  const layer = outputs[`hidden_states.${hidden.length - 1 - skip}`]
  return {
    ...(layer ? { hidden_state: layer } : {}),
    ...(skip === 0 && last_hidden_state ? { normed_hidden_state: last_hidden_state } : {}),
    ...(text_embeds ? { text_embeds } : {}),
  }
}

/** Older exports give latents themselves: then a posterior without width. */
function moments(made: Tensor): Tensor {
  const [batch = 1, channels = 0, ...size] = made.shape
  if (channels !== CHANNELS) return made
  const narrow = new Float32Array(made.data.length).fill(LEAST_LOG_VARIANCE)
  return { data: joined([floats(made), narrow]), shape: [batch, 2 * channels, ...size] }
}

function first(outputs: Values): Tensor {
  return Object.values(outputs)[0]!
}
