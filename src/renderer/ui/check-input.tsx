/** A box to tick, and a row of icons of which one is chosen. */
import { Checkbox } from '@base-ui/react/checkbox'
import { Toggle } from '@base-ui/react/toggle'
import { ToggleGroup } from '@base-ui/react/toggle-group'
import { Check } from 'lucide-react'
import type { IconType } from './action-icons.ts'
import { WithTip } from './tooltip.tsx'

interface CheckInputProps {
  readonly label: string
  readonly checked: boolean
  readonly disabled?: boolean
  onChange(checked: boolean): void
}

export function CheckInput({ label, checked, disabled, onChange }: CheckInputProps) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the checkbox inside
    <label className="check">
      <Checkbox.Root className="check-box" checked={checked} disabled={disabled} onCheckedChange={onChange}>
        <Checkbox.Indicator>
          <Check size={10} strokeWidth={3} aria-hidden="true" />
        </Checkbox.Indicator>
      </Checkbox.Root>
      {label}
    </label>
  )
}

interface SegmentsProps<T extends string> {
  readonly label: string
  readonly value: T
  readonly choices: readonly { readonly value: T; readonly label: string; readonly icon?: IconType }[]
  onChange(value: T): void
}

export function Segments<T extends string>({ label, value, choices, onChange }: SegmentsProps<T>) {
  return (
    <ToggleGroup
      className="segments"
      aria-label={label}
      value={[value]}
      onValueChange={(next) => {
        const chosen = next.find((each) => each !== value)
        if (chosen) onChange(chosen as T)
      }}
    >
      {choices.map(({ value: each, label: name, icon: Icon }) =>
        Icon ? (
          <WithTip key={each} tip={{ label: name }}>
            <Toggle value={each} aria-label={name}>
              <Icon size={14} strokeWidth={1.5} aria-hidden="true" />
            </Toggle>
          </WithTip>
        ) : (
          <Toggle key={each} value={each}>
            {name}
          </Toggle>
        ),
      )}
    </ToggleGroup>
  )
}
