/** The real generator of the engine on tiny whole checkpoints, in this process. */
import path from 'node:path'
import {
  createGenerator,
  type GeneratorOptions,
  type LocalGenerator,
} from '../../src/main/engine/inference/generate/generator.ts'
import { temporaryFolder } from './project-folder.ts'
import { PIPELINES, TOKENIZER } from './tiny-runs.ts'

/** A model as a request calls it, to where it lies. */
export async function tinyPlaceOf(model: string): Promise<string> {
  return path.join(PIPELINES, model, 'model')
}

/** On the CPU with one thread; close it after the tests. */
export function tinyGenerator(options: Partial<GeneratorOptions> = {}): LocalGenerator {
  return createGenerator({
    dataFolder: temporaryFolder(),
    builtInFolder: path.join(PIPELINES, 'none'),
    tokenizerFolder: TOKENIZER,
    threads: 1,
    ...options,
  })
}
