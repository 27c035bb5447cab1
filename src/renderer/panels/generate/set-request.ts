import type { GenerationRequest } from '../../../shared/generation.ts'

export type SetRequest = (change: Partial<GenerationRequest>) => void
