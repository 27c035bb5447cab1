/** What one press of the bracket keys does to a brush's diameter: about a tenth, on round numbers. Pure. */

export const MIN_SIZE = 1
export const MAX_SIZE = 2500

/** The next larger (1) or smaller (-1) diameter in document pixels. */
export function stepSize(size: number, direction: 1 | -1): number {
  const within = direction === 1 ? size : size - 0.5
  const step =
    within < 10 ? 1 : within < 50 ? 5 : within < 100 ? 10 : within < 300 ? 25 : within < 1000 ? 50 : 100
  const steps = size / step
  const next = direction === 1 ? Math.floor(steps + 1e-9) + 1 : Math.ceil(steps - 1e-9) - 1
  return Math.min(MAX_SIZE, Math.max(MIN_SIZE, next * step))
}
