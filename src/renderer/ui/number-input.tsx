/** Numbers: a field that can be typed in, stepped with the arrow keys and scrubbed by its label. */
import { NumberField } from '@base-ui/react/number-field'
import { type CSSProperties, useId } from 'react'

export interface NumberInputProps {
  readonly label: string
  readonly value: number
  readonly min: number
  readonly max: number
  readonly step?: number
  readonly unit?: string
  readonly digits?: number
  readonly width?: number
  readonly hideLabel?: boolean
  readonly disabled?: boolean | undefined
  /** While it changes. */
  onChange?(value: number): void
  /** When it has been decided: Enter, leaving the field, the end of a scrub. */
  onCommit?(value: number): void
}

export function NumberInput(props: NumberInputProps) {
  const { label, value, min, max, step = 1, unit, digits = 0, width = 56, hideLabel, disabled } = props
  const id = useId()
  return (
    <NumberField.Root
      id={id}
      className="field-row"
      value={value}
      min={min}
      max={max}
      step={step}
      largeStep={step * 10}
      smallStep={step}
      disabled={disabled}
      locale="en"
      format={{ maximumFractionDigits: digits, useGrouping: false }}
      onValueChange={(next) => next !== null && props.onChange?.(next)}
      onValueCommitted={(next) => next !== null && props.onCommit?.(next)}
    >
      {!hideLabel && (
        <NumberField.ScrubArea className="scrub" pixelSensitivity={3}>
          <label className="field-label" htmlFor={id}>
            {label}
          </label>
        </NumberField.ScrubArea>
      )}
      <NumberField.Group className="number-box" data-unit={unit} style={{ width } as CSSProperties}>
        <NumberField.Input
          aria-label={hideLabel ? label : undefined}
          onKeyDown={(event) =>
            event.key === 'Enter' && !event.currentTarget.form && event.currentTarget.blur()
          }
        />
        {unit && (
          <span className="unit" aria-hidden="true">
            {unit}
          </span>
        )}
      </NumberField.Group>
    </NumberField.Root>
  )
}

/** A fraction 0..1 shown as per cent. */
export function PercentInput(
  props: Omit<NumberInputProps, 'unit' | 'digits' | 'step' | 'min' | 'max'> & { min?: number; max?: number },
) {
  const { value, min = 0, max = 1, onChange, onCommit, ...rest } = props
  return (
    <NumberInput
      {...rest}
      value={Math.round(value * 100)}
      min={min * 100}
      max={max * 100}
      unit="%"
      onChange={(next) => onChange?.(next / 100)}
      onCommit={(next) => onCommit?.(next / 100)}
    />
  )
}
