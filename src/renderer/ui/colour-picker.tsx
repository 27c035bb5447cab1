/** Choosing a colour: a square of saturation and value, a strip of hues, and the numbers. sRGB. */
import { type KeyboardEvent, type PointerEvent, useEffect, useState } from 'react'
import type { RgbColour } from '../../shared/intents.ts'
import { type Hsv, parseHex, toHex, toHsv, toRgb } from '../editor/colour.ts'
import './colour.css'
import { NumberInput } from './number-input.tsx'

interface ColourPickerProps {
  readonly colour: RgbColour
  onChange(colour: RgbColour): void
}

export function ColourPicker({ colour, onChange }: ColourPickerProps) {
  const [hsv, setHsv] = useState(() => toHsv(colour))
  useEffect(() => {
    // Greys and black keep the hue and saturation that were chosen for them.
    setHsv((held) => (toHex(toRgb(held)) === toHex(colour) ? held : toHsv(colour, held.h)))
  }, [colour])
  const choose = (next: Hsv) => {
    setHsv(next)
    onChange(toRgb(next))
  }
  const part = (name: 'r' | 'g' | 'b') => (value: number) => onChange({ ...colour, [name]: value / 255 })
  return (
    <div className="colour-picker">
      <Shade hsv={hsv} onChange={choose} />
      <input
        type="range"
        className="hue"
        aria-label="Hue"
        min={0}
        max={360}
        value={Math.round(hsv.h)}
        onChange={(event) => choose({ ...hsv, h: Number(event.currentTarget.value) })}
      />
      <div className="colour-numbers">
        <HexField colour={colour} onChange={onChange} />
        {(['r', 'g', 'b'] as const).map((name) => (
          <NumberInput
            key={name}
            label={name.toUpperCase()}
            value={Math.round(colour[name] * 255)}
            min={0}
            max={255}
            width={44}
            onChange={part(name)}
          />
        ))}
      </div>
    </div>
  )
}

/** Saturation to the right, value upwards. */
function Shade({ hsv, onChange }: { readonly hsv: Hsv; onChange(hsv: Hsv): void }) {
  const pick = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    const clamp = (value: number) => Math.min(1, Math.max(0, value))
    onChange({
      ...hsv,
      s: clamp((event.clientX - box.left) / box.width),
      v: clamp(1 - (event.clientY - box.top) / box.height),
    })
  }
  const key = (event: KeyboardEvent) => {
    const by = event.shiftKey ? 0.1 : 0.01
    const step = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, by], ArrowDown: [0, -by] }[
      event.key
    ]
    if (!step) return
    event.preventDefault()
    const clamp = (value: number) => Math.min(1, Math.max(0, value))
    onChange({ ...hsv, s: clamp(hsv.s + step[0]!), v: clamp(hsv.v + step[1]!) })
  }
  const percent = (value: number) => Math.round(value * 100)
  return (
    <div
      role="slider"
      tabIndex={0}
      className="shade"
      aria-label="Saturation and brightness"
      aria-valuenow={percent(hsv.s)}
      aria-valuetext={`Saturation ${percent(hsv.s)} %, brightness ${percent(hsv.v)} %`}
      style={{ backgroundColor: toHex(toRgb({ h: hsv.h, s: 1, v: 1 })) }}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        pick(event)
      }}
      onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && pick(event)}
      onKeyDown={key}
    >
      <span className="shade-mark" style={{ left: `${hsv.s * 100}%`, top: `${(1 - hsv.v) * 100}%` }} />
    </div>
  )
}

function HexField({ colour, onChange }: ColourPickerProps) {
  const [text, setText] = useState<string | null>(null)
  const end = () => {
    const read = text === null ? null : parseHex(text)
    setText(null)
    if (read) onChange(read)
  }
  return (
    <input
      className="text-box hex number"
      aria-label="Hexadecimal"
      spellCheck={false}
      value={text ?? toHex(colour)}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={end}
      onKeyDown={(event) => event.key === 'Enter' && end()}
    />
  )
}
