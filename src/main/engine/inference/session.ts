/**
 * A network ready to run: a graph over a checkpoint, or somebody's ONNX file, on one execution provider.
 *
 * Invariant: a session runs on the provider it was opened on, what that provider lacks on the CPU, and never silently on
 * another. Weights are found by the graph's external data in their own files; nothing is copied to disk. Running blocks the
 * thread, so sessions belong in the inference host.
 */
import path from 'node:path'
import { InlayError } from '../../../shared/errors.ts'
import type { ProviderReport } from '../../../shared/rpc/contract.ts'
import type { BuiltGraph } from '../models/index.ts'
import { ort } from './runtime.ts'
import { fromRuntime, type Tensor, toRuntime } from './tensors.ts'

export type Provider = ProviderReport['name']

/** An ONNX file that is run as it is; the data it refers to lies beside it. */
export interface OnnxFile {
  readonly file: string
}

export interface SessionOptions {
  readonly provider?: Provider
  /** Threads that compute on the CPU; as many as it has cores unless told. */
  readonly threads?: number
  /** Refuse a graph of which a part would fall to the CPU. */
  readonly whole?: boolean
  /** Where ONNX Runtime writes how long each node took: a path without its ending. */
  readonly profile?: string
}

export class Session {
  readonly provider: Provider
  private readonly native: ort.InferenceSession

  private constructor(native: ort.InferenceSession, provider: Provider) {
    this.native = native
    this.provider = provider
  }

  /** @throws InlayError `model.unreadable` where an ONNX file cannot be run; Error where the provider is not to be had. */
  static async open(model: BuiltGraph | OnnxFile, options: SessionOptions = {}): Promise<Session> {
    const provider = options.provider ?? 'cpu'
    if (!('file' in model))
      return new Session(
        await ort.InferenceSession.create(model.bytes, nativeOptions(provider, options, model.folder)),
        provider,
      )
    try {
      const native = nativeOptions(provider, options, null)
      return new Session(await ort.InferenceSession.create(model.file, native), provider)
    } catch (cause) {
      throw new InlayError(
        'model.unreadable',
        `${model.file} cannot be run: ${cause instanceof Error ? cause.message : cause}. Export it again.`,
        { cause },
      )
    }
  }

  get inputs(): readonly string[] {
    return this.native.inputNames
  }

  /** Inputs that the network does not name are left aside; one that it names and that is missing is an error. */
  async run(inputs: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
    const feeds: Record<string, ort.Tensor> = {}
    for (const input of this.native.inputMetadata) {
      const given = inputs[input.name]
      if (!given) throw new Error(`the network's input ${input.name} is missing`)
      if (!input.isTensor) throw new Error(`the network's input ${input.name} is no tensor`)
      feeds[input.name] = toRuntime(given, input.type, input.shape.length)
    }
    const results = await this.native.run(feeds)
    return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, fromRuntime(value)]))
  }

  /** Writes the profile that was asked for. */
  endProfile(): void {
    this.native.endProfiling()
  }

  /** Gives all memory back. */
  release(): Promise<void> {
    return this.native.release()
  }
}

/** Values of `extra` have to be texts: a number throws. */
function nativeOptions(
  provider: Provider,
  { threads, whole = false, profile }: SessionOptions,
  folder: string | null,
): ort.InferenceSession.SessionOptions {
  return {
    executionProviders: [
      // In its other layout pictures are turned round at every group norm, shapes on the CPU.
      provider === 'webgpu' ? { name: provider, preferredLayout: 'NCHW' } : provider,
    ],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
    extra: {
      session: {
        ...(folder === null ? {} : { model_external_initializers_file_folder_path: path.resolve(folder) }),
        // Packing copies each matrix of the CPU's: twice the time to load, for about 1 % of a step.
        disable_prepacking: '1',
        // Threads that wait sleep: what they would gain by spinning is taken from the editor beside them.
        'intra_op.allow_spinning': '0',
        ...(whole ? { disable_cpu_ep_fallback: '1' } : {}),
      },
    },
  }
}
