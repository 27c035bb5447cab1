/** How many candidates, and by which seed. */
import { Dices, Lock, LockOpen } from 'lucide-react'
import type { GenerationRequest } from '../../../shared/generation.ts'
import { rollGenerationSeed, setSeedLocked } from '../../editor/generate.ts'
import { IconButton } from '../../ui/buttons.tsx'
import { useContextOf } from '../../ui/editor-context.ts'
import { NumberInput } from '../../ui/number-input.tsx'
import { SliderInput } from '../../ui/slider-input.tsx'
import type { SetRequest } from './set-request.ts'

interface SeedRowProps {
  readonly request: GenerationRequest
  readonly locked: boolean
  readonly set: SetRequest
}

export function SeedRow({ request, locked, set }: SeedRowProps) {
  const ctx = useContextOf()
  const typed = (seed: number) => {
    if (Math.round(seed) === request.seed) return
    set({ seed: Math.round(seed) })
    // Whoever types one wants that one.
    setSeedLocked(ctx, true)
  }
  return (
    <>
      <SliderInput
        label="Candidates"
        value={request.candidates}
        min={1}
        max={8}
        onChange={(candidates) => set({ candidates: Math.round(candidates) })}
      />
      <div className="field-row">
        <NumberInput label="Seed" value={request.seed} min={0} max={0xffffffff} width={88} onCommit={typed} />
        <IconButton
          icon={locked ? Lock : LockOpen}
          label="Keep this seed"
          hint={locked ? 'The same seed makes the same picture.' : 'Each run takes a new seed.'}
          aria-pressed={locked}
          onClick={() => setSeedLocked(ctx, !locked)}
        />
        <IconButton icon={Dices} label="Roll a seed" onClick={() => rollGenerationSeed(ctx)} />
      </div>
    </>
  )
}
