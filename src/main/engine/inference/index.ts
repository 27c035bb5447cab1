/** The door to the inference room. */
export { checkModel } from './check-model.ts'
export { probeProviders } from './execution-providers.ts'
export { createGenerator, type LocalGenerator } from './generate/generator.ts'
export { usableProviders } from './usable-providers.ts'
