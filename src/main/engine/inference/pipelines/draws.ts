/**
 * The random numbers of one run.
 *
 * Invariant: a recipe asks for every draw by what it is for, and each purpose has draws of its own, so that a recipe which
 * leaves one out changes no other.
 */
import { normals } from '../random.ts'

/** Starting noise, posteriors of the picture and of the picture without its hole, fresh noise of a step or of a map. */
export type Purpose = 'start' | 'picture' | 'masked-picture' | 'step' | 'map'

export interface Draws {
  /** The next standard normals for a purpose. */
  next(purpose: Purpose, count: number): Float32Array
}

/** There are fewer steps than lie between the last two, and there may be any number of maps. */
const FIRST: Readonly<Record<Purpose, number>> = {
  start: 0,
  picture: 1,
  'masked-picture': 2,
  step: 3,
  map: 2 ** 16,
}

/** @throws InlayError (from `next`) `usage` for a seed that is no whole number of 0 to 2^53 - 1 */
export function seededDraws(seed: number, candidate: number): Draws {
  const made = { step: 0, map: 0 }
  return {
    next(purpose, count) {
      const draw = FIRST[purpose] + (purpose === 'step' || purpose === 'map' ? made[purpose]++ : 0)
      return normals({ seed, candidate, draw }, count)
    },
  }
}
