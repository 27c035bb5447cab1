/**
 * What is tried next when a network could not be run where it was.
 *
 * Invariant: pure, and it only goes down: every failure leads to another rung or is thrown. Where memory ran short the other
 * networks go first, then half of the precision, then the graphics card; any other failure goes to the next provider.
 * What the CPU cannot run cannot be run.
 */
import { InlayError } from '../../../../shared/errors.ts'
import type { Provider } from '../session.ts'
import { isAllocationFailure } from './allocation.ts'

export interface Rung {
  /** Which of the places. */
  readonly at: number
  /** In float16 whatever the device would choose. */
  readonly half: boolean
  /** All networks that were not needed were let go of already. */
  readonly freed: boolean
}

export const TOP: Rung = { at: 0, half: false, freed: false }

export interface Descent {
  readonly rung: Rung
  /** Says what happened and how it goes on. */
  readonly sentence: string
}

const TITLES: Readonly<Record<Provider, string>> = {
  cpu: 'the CPU',
  webgpu: 'WebGPU',
  cuda: 'CUDA',
  dml: 'DirectML',
  coreml: 'Core ML',
}

/**
 * @param places the last is the CPU
 * @throws InlayError `image.too-large` where memory is short and nothing is left to do about it, `model.unreadable` where the
 *   CPU failed
 */
export function descend(error: unknown, rung: Rung, places: readonly Provider[]): Descent {
  const here = places[rung.at]!
  const next = places[rung.at + 1]
  if (!isAllocationFailure(error)) {
    if (next === undefined)
      throw new InlayError(
        'model.unreadable',
        `The model cannot be run (${reasonOf(error)}); get it again, or choose another.`,
        { cause: error },
      )
    return {
      rung: { ...TOP, at: rung.at + 1 },
      sentence: `${TITLES[here]} failed (${reasonOf(error)}), so it goes on with ${TITLES[next]}.`,
    }
  }
  if (!rung.freed)
    return {
      rung: { ...rung, freed: true },
      sentence: 'Memory ran short, so the networks that are not needed now were let go of.',
    }
  if (next === undefined)
    throw new InlayError(
      'image.too-large',
      'There is not enough memory for so large a picture; choose a smaller region or size.',
      { cause: error },
    )
  if (!rung.half)
    return {
      rung: { ...rung, half: true },
      sentence: `Memory ran short on ${TITLES[here]}, so it goes on in half precision.`,
    }
  return {
    rung: { ...TOP, at: places.length - 1 },
    sentence: `Memory ran short on ${TITLES[here]}, so it goes on with ${TITLES.cpu}.`,
  }
}

function reasonOf(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).split('\n')[0]!.trim()
  return text.length > 200 ? `${text.slice(0, 199)}…` : text
}
