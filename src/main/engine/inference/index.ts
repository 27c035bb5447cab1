/** The door to the inference room. */
export { checkModel } from './check-model.ts'
export { probeProviders } from './execution-providers.ts'
