/** The door to the inference room. */
export { checkModel } from './check-model.ts'
export { probeProviders } from './execution-providers.ts'
export { createGenerator, type GeneratorOptions, type LocalGenerator } from './generate/generator.ts'
export type {
  GenerationHandling,
  GenerationNote,
  GenerationResult,
  GenerationTask,
  Generator,
  ModelLimits,
} from './generate/task.ts'
export { usableProviders } from './usable-providers.ts'
