/**
 * The request that a layer was made by.
 *
 * Invariant: what a file holds is parsed; a record that is missing, damaged or of a newer kind is none, because the layer's
 * pixels do not depend on it.
 */
import { z } from 'zod'
import { GenerationRequest } from '../../../shared/generation.ts'
import type { LayerId } from '../../../shared/ids.ts'
import { RemovalRequest } from '../../../shared/removal.ts'
import type { ProjectSession } from './project-session.ts'

const Recorded = z.union([RemovalRequest, GenerationRequest])

/** @returns null for a layer that was made otherwise, or is no more */
export function requestOfLayer(
  session: Pick<ProjectSession, 'document' | 'request'>,
  id: LayerId,
): RemovalRequest | GenerationRequest | null {
  const layer = session.document.layers[id]
  if (layer?.kind !== 'raster' || layer.request === null) return null
  return Recorded.safeParse(session.request(layer.request)).data ?? null
}
