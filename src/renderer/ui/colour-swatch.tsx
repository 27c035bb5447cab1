/** A patch of colour that opens the picker. */
import { Popover } from '@base-ui/react/popover'
import type { RgbColour } from '../../shared/intents.ts'
import { toHex } from '../editor/colour.ts'
import { ColourPicker } from './colour-picker.tsx'
import './colour.css'

interface ColourSwatchProps {
  readonly label: string
  readonly colour: RgbColour
  readonly className?: string
  readonly side?: 'right' | 'bottom'
  onChange(colour: RgbColour): void
}

export function ColourSwatch({ label, colour, className, side = 'bottom', onChange }: ColourSwatchProps) {
  return (
    <Popover.Root>
      <Popover.Trigger
        className={`swatch ${className ?? ''}`}
        aria-label={`${label}, ${toHex(colour)}`}
        title={label}
        style={{ backgroundColor: toHex(colour) }}
      />
      <Popover.Portal>
        <Popover.Positioner className="positioner" side={side} align="end" sideOffset={8}>
          <Popover.Popup className="popup popover" data-own-keys="">
            <Popover.Title className="popover-title">{label}</Popover.Title>
            <ColourPicker colour={colour} onChange={onChange} />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}
