/** By how much the canvas grows on each side. */
import type { Sides } from '../../../shared/generation.ts'
import { NumberInput } from '../../ui/number-input.tsx'

const NAMES = [
  ['left', 'Left'],
  ['right', 'Right'],
  ['top', 'Top'],
  ['bottom', 'Bottom'],
] as const

interface GrowthProps {
  readonly sides: Sides
  onChange(sides: Sides): void
}

export function Growth({ sides, onChange }: GrowthProps) {
  return (
    <fieldset className="growth">
      <legend className="only-read">The picture grows by</legend>
      {NAMES.map(([side, label]) => (
        <NumberInput
          key={side}
          label={label}
          unit="px"
          width={72}
          value={sides[side]}
          min={0}
          max={8192}
          onChange={(value) => onChange({ ...sides, [side]: Math.round(value) })}
        />
      ))}
    </fieldset>
  )
}
