/** How it is made: steps by preset or number, how far from the picture, and what few people change. */
import { type GenerationRequest, SCHEDULERS } from '../../../shared/generation.ts'
import type { GeneratingModel } from '../../../shared/rpc/contract.ts'
import { type Preset, presetOf, presetSteps, SCHEDULER_NAMES } from '../../editor/generation-state.ts'
import { Segments } from '../../ui/check-input.tsx'
import { SelectInput } from '../../ui/select-input.tsx'
import { SliderInput } from '../../ui/slider-input.tsx'
import { Row } from '../making/row.tsx'
import { Section } from './section.tsx'
import type { SetRequest } from './set-request.ts'

const PRESETS = [
  { value: 'draft', label: 'Draft' },
  { value: 'standard', label: 'Standard' },
  { value: 'fine', label: 'Fine' },
] as const

/** "own" stands for null, which a list cannot hold. */
const SCHEDULER_CHOICES = [
  [{ value: 'own', label: 'The model’s own' }],
  SCHEDULERS.map((value) => ({ value, label: SCHEDULER_NAMES[value] })),
] as const

interface SamplingProps {
  readonly request: GenerationRequest
  readonly model: GeneratingModel
  readonly set: SetRequest
}

export function Sampling({ request, model, set }: SamplingProps) {
  const { task, steps } = request
  return (
    <>
      <Row label="Quality">
        <Segments<Preset | ''>
          label="Quality"
          value={presetOf(steps, model) ?? ''}
          choices={PRESETS}
          onChange={(preset) => preset !== '' && set({ steps: presetSteps(preset, model) })}
        />
      </Row>
      {(task === 'image-to-image' || task === 'diffedit') && (
        <Fraction
          label="Strength"
          value={request.strength}
          min={0.01}
          onChange={(strength) => set({ strength })}
        />
      )}
      <Section title="Sampling" group="sampling">
        <SliderInput
          label="Steps"
          value={steps}
          min={1}
          max={200}
          sliderMax={60}
          onChange={(next) => set({ steps: Math.round(next) })}
        />
        {task === 'inpaint' && (
          <Fraction
            label="Strength"
            value={request.strength}
            min={0.01}
            onChange={(strength) => set({ strength })}
          />
        )}
        {model.words && <Guided request={request} set={set} />}
      </Section>
    </>
  )
}

function Guided({ request, set }: Omit<SamplingProps, 'model'>) {
  return (
    <>
      <Row label="Scheduler">
        <SelectInput
          label="Scheduler"
          value={request.scheduler ?? 'own'}
          groups={SCHEDULER_CHOICES}
          onChange={(scheduler) => set({ scheduler: scheduler === 'own' ? null : scheduler })}
        />
      </Row>
      <SliderInput
        label="Guidance"
        value={request.guidance}
        min={1}
        max={50}
        sliderMax={20}
        step={0.5}
        digits={2}
        onChange={(guidance) => set({ guidance })}
      />
      {request.task === 'instruct' && (
        <SliderInput
          label="To picture"
          value={request.imageGuidance}
          min={1}
          max={50}
          sliderMax={5}
          step={0.1}
          digits={2}
          onChange={(imageGuidance) => set({ imageGuidance })}
        />
      )}
    </>
  )
}

interface FractionProps {
  readonly label: string
  readonly value: number
  readonly min: number
  onChange(value: number): void
}

function Fraction({ label, value, min, onChange }: FractionProps) {
  return (
    <SliderInput
      label={label}
      unit="%"
      value={Math.round(value * 100)}
      min={min * 100}
      max={100}
      onChange={(percent) => onChange(Math.max(min, percent / 100))}
    />
  )
}
