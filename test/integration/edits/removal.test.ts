import { describe, expect, it } from 'vitest'
import { composeRect } from '../../../src/main/engine/imaging/composite.ts'
import { MOST_CANDIDATES } from '../../../src/main/engine/jobs/candidate-store.ts'
import { runRemoval } from '../../../src/main/engine/jobs/removal-job.ts'
import { inSequence } from '../../../src/main/engine/project/edits/sequence.ts'
import type { CandidateId, LayerId, TileHash } from '../../../src/shared/ids.ts'
import type { Intent } from '../../../src/shared/intents.ts'
import { DEFAULT_REMOVAL, type RemovalRequest } from '../../../src/shared/removal.ts'
import type { Candidate } from '../../../src/shared/rpc/contract.ts'
import { DEFAULT_BRUSH } from '../../../src/shared/stroke.ts'
import { seeded } from '../../support/compose-scene.ts'
import { addLayer, type EditProject, newProject, scenery, tilesOf } from '../../support/edit-project.ts'

const SIZE = { width: 330, height: 300 }
const FRAME = { x: -20, y: -20, width: 370, height: 340 }

function project(translucent: boolean, seed = 1): EditProject {
  const made = newProject(SIZE)
  addLayer(made, 'photo', tilesOf(made.session, scenery(SIZE, seed, translucent), SIZE))
  return made
}

/** Paints a random squiggle into the selection. */
function squiggle(random: () => number): Intent {
  const [x, y] = [random() * SIZE.width, random() * SIZE.height]
  return {
    kind: 'stroke',
    target: { kind: 'selection' },
    mode: 'paint',
    brush: {
      ...DEFAULT_BRUSH,
      size: 10 + random() * 50,
      hardness: random(),
      flow: 0.2 + random() * 0.8,
      pressureSize: false,
    },
    colour: { r: 0, g: 0, b: 0 },
    samples: Array.from({ length: 6 }, (_, i) => ({
      x: x + i * 12 * (random() - 0.3),
      y: y + i * 12 * (random() - 0.5),
      pressure: 1,
      time: i,
    })),
  }
}

async function removed(
  { session, candidates }: EditProject,
  request: RemovalRequest = DEFAULT_REMOVAL,
  signal?: AbortSignal,
): Promise<Candidate> {
  for await (const event of runRemoval(session, request, { candidates, threads: 2, signal }))
    if (event.type === 'done') return event.candidate
  throw new Error('the removal ended without a result')
}

const apply = (candidate: CandidateId): Intent => ({ kind: 'apply-candidate', candidate })

describe('a removal', () => {
  it.each([1, 2, 3, 4, 5, 6])('changes no byte outside its compositing mask, seed %d', async (seed) => {
    const random = seeded(seed)
    const made = project(seed % 2 === 0, seed)
    const { session } = made
    if (seed > 3) {
      const over = tilesOf(session, scenery(SIZE, seed + 9, true), SIZE)
      addLayer(made, 'over', over, { blendMode: 'overlay', opacity: 0.6, offset: { x: 31, y: -17 } })
    }
    for (let i = 0; i < 3; i++) await made.edit(squiggle(random))
    const before = made.picture(FRAME)
    const request = {
      ...DEFAULT_REMOVAL,
      grow: Math.floor(random() * 9),
      feather: Math.floor(random() * 9),
      seed,
    }
    const candidate = await removed(made, request)
    expect(Buffer.compare(before, made.picture(FRAME))).toBe(0)

    const command = await made.edit(apply(candidate.id))
    expect(command?.label).toBe('Remove')
    const top = session.document.root.at(-1) as LayerId
    expect(made.layer(top)).toMatchObject({
      name: 'Removal',
      request: candidate.id,
      blendMode: 'normal',
      opacity: 1,
    })
    expect(session.document.selection).toBeNull()
    expect(session.request(candidate.id)).toEqual(request)

    const after = made.picture(FRAME)
    const layer = made.layer(top)
    const flat = { ...session.document, root: [top] }
    const compositing = composeRect(flat, session.tiles, FRAME)
    const shown = composeRect(
      { ...flat, layers: { ...flat.layers, [top]: { ...layer, mask: null, tiles: candidate.tiles } } },
      session.tiles,
      FRAME,
    )
    let [strays, differing, changed] = [0, 0, 0]
    for (let i = 0; i < after.length; i += 4) {
      const same = after.subarray(i, i + 4).join() === before.subarray(i, i + 4).join()
      if (compositing[i + 3] === 0 && !same) strays++
      if (!same) changed++
      if (compositing[i + 3] !== shown[i + 3]) differing++
    }
    expect(strays).toBe(0)
    expect(differing).toBe(0)
    expect(changed).toBeGreaterThan(50)
    session.undo()
    expect(Buffer.compare(before, made.picture(FRAME))).toBe(0)
    expect(session.document.selection).not.toBeNull()
  })

  it('gives the same tiles for the same request', async () => {
    const made = project(false)
    await made.edit(squiggle(seeded(9)))
    const one = await removed(made)
    const two = await removed(made)
    expect(two.tiles).toEqual(one.tiles)
    expect(two.id).not.toBe(one.id)
    made.candidates.drop(one.id)
    await made.edit(apply(two.id))
    expect(made.session.document.root).toHaveLength(2)
  })

  it('is opaque and without a rim when feather is 0', async () => {
    const made = project(false)
    await made.edit(squiggle(seeded(4)))
    const candidate = await removed(made, { ...DEFAULT_REMOVAL, grow: 0, feather: 0 })
    const mask = made.candidates.layerOf(candidate.id)!.mask!
    for (const hash of Object.values(mask))
      expect(made.session.tiles.read(hash as TileHash).every((value) => value === 0 || value === 255)).toBe(
        true,
      )
  })

  it('of nothing says what to do', async () => {
    const made = project(false)
    await expect(removed(made)).rejects.toMatchObject({
      code: 'mask.empty',
      message: 'Paint over what you want to remove first (press Q).',
    })
  })

  it('of everything has nothing to fill from', async () => {
    const made = project(false)
    await made.edit({ kind: 'select', shape: { kind: 'all' }, combine: 'replace', feather: 0 })
    await expect(removed(made)).rejects.toMatchObject({ code: 'fill.no-source' })
  })

  it('can be cancelled, and leaves nothing', async () => {
    const made = project(false)
    await made.edit(squiggle(seeded(2)))
    const { document } = made.session
    const control = new AbortController()
    const events = runRemoval(made.session, DEFAULT_REMOVAL, {
      candidates: made.candidates,
      signal: control.signal,
    })
    await events.next()
    control.abort()
    await expect(
      (async () => {
        for await (const event of events) expect(event.type).toBe('progress')
      })(),
    ).rejects.toMatchObject({ code: 'cancelled' })
    expect(made.session.document).toBe(document)
  })

  it('keeps a few results and forgets the oldest with its tiles', async () => {
    const made = project(false)
    await made.edit(squiggle(seeded(3)))
    const results: Candidate[] = []
    for (let seed = 0; seed <= MOST_CANDIDATES; seed++)
      results.push(await removed(made, { ...DEFAULT_REMOVAL, seed }))
    await inSequence(made.session, () => undefined)
    expect(made.candidates.get(results[0]!.id)).toBeUndefined()
    await expect(made.edit(apply(results[0]!.id))).rejects.toMatchObject({
      message: 'This result is no longer kept. Make it again.',
    })
    const gone = Object.values(results[0]!.tiles) as TileHash[]
    expect(gone.every((hash) => made.session.tiles.formatOf(hash) === null)).toBe(true)
    await made.edit(apply(results[1]!.id))
    expect(made.session.document.root).toHaveLength(2)
  })
})
