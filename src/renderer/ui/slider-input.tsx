/** A slider with a field beside it, for values that are found by feel and sometimes typed. */
import { Slider } from '@base-ui/react/slider'
import { NumberInput, type NumberInputProps } from './number-input.tsx'

interface BareSliderProps {
  readonly label: string
  readonly value: number
  readonly min: number
  readonly max: number
  readonly step: number
  readonly disabled?: boolean | undefined
  /** `log` gives small values as much way as large ones; `min` must be above 0. */
  readonly scale?: 'linear' | 'log'
  onChange(value: number): void
  onCommit?(value: number): void
}

const LOG_STEPS = 1000

export function BareSlider({
  label,
  value,
  min,
  max,
  step,
  disabled,
  scale = 'linear',
  onChange,
  onCommit,
}: BareSliderProps) {
  const log = scale === 'log'
  const toPosition = (v: number) => (log ? (Math.log(v / min) / Math.log(max / min)) * LOG_STEPS : v)
  const toValue = (p: number) => {
    if (!log) return p
    return Math.round((min * (max / min) ** (p / LOG_STEPS)) / step) * step
  }
  return (
    <Slider.Root
      className="slider"
      value={toPosition(Math.min(max, Math.max(min, value)))}
      min={log ? 0 : min}
      max={log ? LOG_STEPS : max}
      step={log ? 1 : step}
      largeStep={log ? 50 : step * 10}
      disabled={disabled}
      thumbAlignment="edge"
      onValueChange={(p) => onChange(toValue(p))}
      onValueCommitted={(p) => onCommit?.(toValue(p))}
    >
      <Slider.Control className="slider-control">
        <Slider.Track className="slider-track">
          <Slider.Indicator className="slider-indicator" />
          <Slider.Thumb
            className="slider-thumb"
            aria-label={label}
            getAriaValueText={() => String(Math.round(value * 100) / 100)}
          />
        </Slider.Track>
      </Slider.Control>
    </Slider.Root>
  )
}

type SliderInputProps = NumberInputProps & {
  readonly sliderMax?: number
  readonly scale?: 'linear' | 'log'
}

/** Label, slider and field; both report changes while they last and the end of each. */
export function SliderInput({ sliderMax, scale, ...number }: SliderInputProps) {
  const { label, value, min, max, step = 1, disabled, onChange, onCommit } = number
  return (
    <div className="field-row slider-row">
      <NumberInput {...number} />
      <BareSlider
        label={`${label} slider`}
        value={value}
        min={min}
        max={sliderMax ?? max}
        step={step}
        disabled={disabled}
        {...(scale ? { scale } : {})}
        onChange={(next) => onChange?.(next)}
        onCommit={(next) => onCommit?.(next)}
      />
    </div>
  )
}
