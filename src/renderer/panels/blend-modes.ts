/** Blend modes as people choose them: in the groups painters are used to, darker ones first. */

import type { LayerProperties } from '../../shared/document/commands.ts'
import type { BlendMode, Layer } from '../../shared/document/model.ts'
import type { Choice } from '../ui/select-input.tsx'

export type BlendChoice = BlendMode | 'pass-through'

const MODES: readonly (readonly Choice<BlendChoice>[])[] = [
  [{ value: 'normal', label: 'Normal' }],
  [
    { value: 'darken', label: 'Darken' },
    { value: 'multiply', label: 'Multiply' },
    { value: 'color-burn', label: 'Colour burn' },
  ],
  [
    { value: 'lighten', label: 'Lighten' },
    { value: 'screen', label: 'Screen' },
    { value: 'color-dodge', label: 'Colour dodge' },
  ],
  [
    { value: 'overlay', label: 'Overlay' },
    { value: 'soft-light', label: 'Soft light' },
    { value: 'hard-light', label: 'Hard light' },
  ],
  [
    { value: 'difference', label: 'Difference' },
    { value: 'exclusion', label: 'Exclusion' },
  ],
  [
    { value: 'hue', label: 'Hue' },
    { value: 'saturation', label: 'Saturation' },
    { value: 'color', label: 'Colour' },
    { value: 'luminosity', label: 'Luminosity' },
  ],
]

const GROUP_MODES: typeof MODES = [[{ value: 'pass-through', label: 'Pass through' }], ...MODES]

export function blendChoices(layer: Layer): typeof MODES {
  return layer.kind === 'group' ? GROUP_MODES : MODES
}

export function blendOf(layer: Layer): BlendChoice {
  return layer.kind === 'group' && layer.passThrough ? 'pass-through' : layer.blendMode
}

/** The properties a choice stands for. */
export function blendProperties(layer: Layer, choice: BlendChoice): LayerProperties {
  if (choice === 'pass-through') return { passThrough: true }
  return layer.kind === 'group' ? { passThrough: false, blendMode: choice } : { blendMode: choice }
}
