/** A new, empty picture. */
import { useState } from 'react'
import { MAX_PIXELS, MAX_SIDE } from '../../../shared/pixels.ts'
import { attempt } from '../../editor/action-context.ts'
import { Button } from '../../ui/buttons.tsx'
import { Segments } from '../../ui/check-input.tsx'
import { DialogFrame } from '../../ui/dialog-frame.tsx'
import { useContextOf } from '../../ui/editor-context.ts'
import { NumberInput } from '../../ui/number-input.tsx'
import { SelectInput } from '../../ui/select-input.tsx'
import type { DialogProps } from './dialogs.tsx'

const SIZES = [
  [
    { value: '1920x1080', label: 'Full HD, 1920 × 1080' },
    { value: '3840x2160', label: '4K, 3840 × 2160' },
    { value: '2048x2048', label: 'Square, 2048 × 2048' },
  ],
  [
    { value: '2480x3508', label: 'A4 at 300 per inch, 2480 × 3508' },
    { value: '1800x1200', label: 'Print 6 × 4 inch, 1800 × 1200' },
  ],
  [{ value: 'own', label: 'Own size' }],
] as const

type Background = 'white' | 'transparent'
const BACKGROUNDS: readonly { readonly value: Background; readonly label: string }[] = [
  { value: 'white', label: 'White' },
  { value: 'transparent', label: 'Transparent' },
]

export function NewDialog({ onClose }: DialogProps) {
  const ctx = useContextOf()
  const [{ width, height }, setSize] = useState({ width: 1920, height: 1080 })
  const [background, setBackground] = useState<Background>('white')
  const known = `${width}x${height}`
  const preset = SIZES.flat().some((size) => size.value === known) ? known : 'own'
  const tooLarge = width * height > MAX_PIXELS
  const create = () => {
    if (tooLarge) return
    onClose()
    void attempt(ctx, () =>
      ctx.page.show('a new picture', () => ctx.editor.project.create({ width, height, background })),
    )
  }
  return (
    <DialogFrame
      title="New picture"
      width={360}
      onClose={onClose}
      onSubmit={create}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={tooLarge}>
            Create
          </Button>
        </>
      }
    >
      <div className="form">
        <span className="label">Size</span>
        <SelectInput
          label="Size"
          value={preset as (typeof SIZES)[number][number]['value']}
          groups={SIZES}
          onChange={(value) => {
            const [w, h] = value.split('x').map(Number)
            if (w && h) setSize({ width: w, height: h })
          }}
        />
        <span className="label">Width</span>
        <NumberInput
          label="Width"
          hideLabel
          unit="px"
          width={96}
          value={width}
          min={1}
          max={MAX_SIDE}
          onChange={(value) => setSize({ width: Math.round(value), height })}
        />
        <span className="label">Height</span>
        <NumberInput
          label="Height"
          hideLabel
          unit="px"
          width={96}
          value={height}
          min={1}
          max={MAX_SIDE}
          onChange={(value) => setSize({ width, height: Math.round(value) })}
        />
        <span className="label">Background</span>
        <Segments
          label="Background"
          value={background}
          choices={BACKGROUNDS}
          onChange={(value) => setBackground(value)}
        />
      </div>
      {tooLarge && <p role="alert">Inlay opens pictures of up to 100 megapixels; choose a smaller size.</p>}
    </DialogFrame>
  )
}
