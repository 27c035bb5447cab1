/**
 * What a checkpoint on disk is, whatever its layout: its networks, each with its configuration and its tensors where they lie.
 *
 * Invariant: a `Checkpoint` describes files and holds none of their weights. What could not be found is in `missing`, what was
 * assumed or chosen is in `notices`; nothing else was guessed.
 */
import type { StoredTensor, TensorType } from '../safetensors.ts'

export type ComponentRole = 'unet' | 'vae' | 'text_encoder' | 'text_encoder_2'
export type Architecture =
  | 'unet'
  | 'clip-text'
  | 'autoencoder'
  | 'asymmetric-autoencoder'
  | 'tiny-autoencoder'
  | 'small-asymmetric-decoder'
  | 'latent-denoiser'

/** A network of a checkpoint: its published configuration and its tensors by their published names. */
export interface Component {
  readonly role: ComponentRole
  readonly architecture: Architecture
  /** The published config.json, or the family's known one for a single file. */
  readonly config: unknown
  readonly tensors: ReadonlyMap<string, StoredTensor>
  /** The file or folder that errors name. */
  readonly source: string
  /** Settings (null in `config`) that neither shapes nor a configuration tell; while there are any, it cannot be run. */
  readonly unknown?: readonly string[]
}

/** A network that is an ONNX file already, as Optimum writes it: run as it is. A VAE comes as two halves. */
export interface OnnxComponent {
  readonly role: ComponentRole | 'vae_encoder' | 'vae_decoder'
  readonly architecture: 'onnx'
  /** The real path of the `.onnx` file. */
  readonly file: string
  readonly config: unknown
  readonly source: string
}

export type Family = 'sd1' | 'sd2' | 'sdxl'
export type Task = 'text-to-image' | 'inpaint' | 'instruct'
export type PredictionType = 'epsilon' | 'v_prediction'
export type Layout = 'diffusers' | 'single-file' | 'component' | 'onnx'

/** Where the tokenizer of a text encoder comes from. */
export interface TokenizerPlace {
  readonly role: 'tokenizer' | 'tokenizer_2'
  /** A folder of the checkpoint; null where it has none and the application's own serves. */
  readonly folder: string | null
  /** What the application's own has to pad with where that is not its end token (SD 2, SDXL's second). */
  readonly pad: '!' | null
}

export interface Checkpoint {
  /** As given, made absolute. */
  readonly path: string
  readonly layout: Layout
  /** null for a lone component that says nothing of its family. */
  readonly family: Family | null
  /** By the denoiser's input channels: 4, 9 or 8; null without a denoiser. */
  readonly task: Task | null
  /** null without a denoiser. */
  readonly predictionType: PredictionType | null
  readonly components: readonly (Component | OnnxComponent)[]
  /** Of SDXL: false where no words at all are read as an empty prompt; else they are zeros. */
  readonly zerosForNoWords?: boolean
  /** scheduler_config.json, the published schedule for a single file, or null. */
  readonly scheduler: unknown
  readonly tokenizers: readonly TokenizerPlace[]
  /** The types that its weights are stored in, most bytes first. */
  readonly dtypes: readonly TensorType[]
  /** Of all weights that its components use. */
  readonly bytes: number
  /** As it is stated: an identifier such as `creativeml-openrail-m`, or a first line; null where nothing states it. */
  readonly licence: string | null
  /** Roles that the family needs and the checkpoint has not. */
  readonly missing: readonly string[]
  /** Sentences for the person: which variant was taken, what was assumed. */
  readonly notices: readonly string[]
}

/** What the person may state where a file cannot say it. */
export interface OpenOptions {
  readonly predictionType?: PredictionType
  /** Configurations for a single file whose widths were never published, by role. */
  readonly configs?: Readonly<Partial<Record<ComponentRole, Readonly<Record<string, unknown>>>>>
}
