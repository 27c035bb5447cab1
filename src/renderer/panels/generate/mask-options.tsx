/** What of the picture is made anew and seen, and which decoder brings it back. */
import type { GenerationRequest } from '../../../shared/generation.ts'
import type { GeneratingModel } from '../../../shared/rpc/contract.ts'
import { CheckInput, Segments } from '../../ui/check-input.tsx'
import { SliderInput } from '../../ui/slider-input.tsx'
import { Row } from '../making/row.tsx'
import { Section } from './section.tsx'
import type { SetRequest } from './set-request.ts'

const DECODERS = [
  { value: 'asymmetric', label: 'Asymmetric' },
  { value: 'plain', label: 'Plain' },
] as const

interface MaskOptionsProps {
  readonly request: GenerationRequest
  readonly model: GeneratingModel
  readonly set: SetRequest
}

export function MaskOptions({ request, model, set }: MaskOptionsProps) {
  if (request.task === 'text-to-image') return null
  return (
    <Section title="Mask and decoder" group="mask">
      <Pixels label="Grow" value={request.grow} max={500} onChange={(grow) => set({ grow })} />
      <Pixels label="Feather" value={request.feather} max={250} onChange={(feather) => set({ feather })} />
      <Pixels
        label="Padding"
        value={request.padding}
        max={100_000}
        sliderMax={512}
        onChange={(padding) => set({ padding })}
      />
      <Row label="Soft mask">
        <CheckInput
          label="Softer places change less"
          checked={request.softMask}
          onChange={(softMask) => set({ softMask })}
        />
      </Row>
      <Row label="Decoder">
        {model.asymmetric ? (
          <Segments
            label="Decoder"
            value={request.decoder}
            choices={DECODERS}
            onChange={(decoder) => set({ decoder })}
          />
        ) : (
          <span className="quiet">plain; this model has no other</span>
        )}
      </Row>
    </Section>
  )
}

interface PixelsProps {
  readonly label: string
  readonly value: number
  readonly max: number
  readonly sliderMax?: number
  onChange(value: number): void
}

function Pixels({ label, value, max, sliderMax = 64, onChange }: PixelsProps) {
  return (
    <SliderInput
      label={label}
      unit="px"
      value={value}
      min={0}
      max={max}
      sliderMax={sliderMax}
      onChange={onChange}
    />
  )
}
