/**
 * Results that wait for the person's yes.
 *
 * Invariant: at most `MOST_CANDIDATES` are kept for a session, the oldest goes first; they live in memory and staged
 * tiles only, so closing the project drops them. A tile that another candidate needs is never dropped.
 */
import type { Rect } from '../../../shared/geometry.ts'
import type { CandidateId, TileHash } from '../../../shared/ids.ts'
import type { Candidate } from '../../../shared/rpc/contract.ts'
import { type TileMap, tileEntries } from '../../../shared/tiles.ts'
import type { TileAccess } from '../imaging/tile-access.ts'
import type { CandidateLayer, CandidateSource } from '../project/edits/context.ts'
import { inSequence } from '../project/edits/sequence.ts'

export const MOST_CANDIDATES = 8

/** The part of a project session that candidates need. */
export interface CandidateSession {
  readonly tiles: TileAccess & { discard(hashes: Iterable<TileHash>): void }
}

/** What a model saw and made, before anything was put together: PNGs of one size. */
export interface Comparison {
  readonly original: Uint8Array
  readonly made: Uint8Array
  /** By the plain decoder, where that is another picture. */
  readonly plain: Uint8Array | null
  /** The context region, in document coordinates. */
  readonly at: Rect
}

interface Kept {
  readonly candidate: Candidate
  readonly layer: CandidateLayer
  readonly comparison: Comparison | null
}

export class CandidateStore implements CandidateSource {
  readonly #session: CandidateSession
  readonly #kept = new Map<CandidateId, Kept>()

  constructor(session: CandidateSession) {
    this.#session = session
  }

  add(candidate: Candidate, layer: CandidateLayer, comparison: Comparison | null = null): void {
    this.#kept.set(candidate.id, { candidate, layer, comparison })
    for (const id of this.#kept.keys()) {
      if (this.#kept.size <= MOST_CANDIDATES) return
      this.drop(id)
    }
  }

  get(id: CandidateId): Candidate | undefined {
    return this.#kept.get(id)?.candidate
  }

  layerOf(id: CandidateId): CandidateLayer | undefined {
    return this.#kept.get(id)?.layer
  }

  /** Null for a candidate that is not there any more, and for one that no model made. */
  comparisonOf(id: CandidateId): Comparison | null {
    return this.#kept.get(id)?.comparison ?? null
  }

  /** Forgets a candidate and those of its tiles that nothing else needs. Unknown ids are nothing to forget. */
  drop(id: CandidateId): void {
    const kept = this.#kept.get(id)
    if (!kept) return
    this.#kept.delete(id)
    this.discardTiles(mapsOf(kept))
  }

  /** Drops staged tiles no candidate names, once no edit is at work that may have come upon the same tile. */
  discardTiles(maps: readonly TileMap[]): void {
    void inSequence(this.#session, () => {
      const needed = new Set<TileHash>()
      for (const kept of this.#kept.values())
        for (const map of mapsOf(kept)) for (const hash of hashesOf(map)) needed.add(hash)
      const hashes = maps.flatMap(hashesOf)
      this.#session.tiles.discard(hashes.filter((hash) => !needed.has(hash)))
    })
  }
}

function mapsOf({ candidate, layer }: Kept): TileMap[] {
  return [candidate.tiles, layer.tiles, ...(layer.mask ? [layer.mask] : [])]
}

function hashesOf(map: TileMap): TileHash[] {
  return tileEntries(map).map(([, hash]) => hash)
}
