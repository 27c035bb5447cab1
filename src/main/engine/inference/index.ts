/** The door to the inference room. */
export { probeProviders } from './execution-providers.ts'
