/** Another size for the canvas; the anchor says which part of the picture stays where it is. */
import { useState } from 'react'
import { MAX_PIXELS, MAX_SIDE } from '../../../shared/pixels.ts'
import { attempt, perform } from '../../editor/action-context.ts'
import { Button } from '../../ui/buttons.tsx'
import { DialogFrame } from '../../ui/dialog-frame.tsx'
import { useContextOf, useDocumentState } from '../../ui/editor-context.ts'
import { NumberInput } from '../../ui/number-input.tsx'
import type { DialogProps } from './dialogs.tsx'

const ROWS = ['top', 'middle', 'bottom'] as const
const COLUMNS = ['left', 'centre', 'right'] as const

export function CanvasSizeDialog({ onClose }: DialogProps) {
  const ctx = useContextOf()
  const now = useDocumentState((state) => state.document.canvas)
  const [size, setSize] = useState(now)
  const [anchor, setAnchor] = useState({ x: 0.5, y: 0.5 })
  const tooLarge = size.width * size.height > MAX_PIXELS
  const same = size.width === now.width && size.height === now.height
  const resize = () => {
    if (tooLarge) return
    onClose()
    if (!same) void attempt(ctx, () => perform(ctx, { kind: 'resize-canvas', ...size, anchor }))
  }
  return (
    <DialogFrame
      title="Canvas size"
      width={360}
      onClose={onClose}
      onSubmit={resize}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={tooLarge || same}>
            Change size
          </Button>
        </>
      }
    >
      <p className="quiet number">
        Now {now.width} × {now.height} px. Nothing is scaled, and what falls outside is kept in its layer.
      </p>
      <div className="canvas-size">
        <div className="form">
          {(['width', 'height'] as const).map((side) => (
            <SideField
              key={side}
              side={side}
              value={size[side]}
              onChange={(value) => setSize({ ...size, [side]: Math.round(value) })}
            />
          ))}
        </div>
        <fieldset className="anchor">
          <legend className="only-read">Anchor</legend>
          {ROWS.flatMap((row, j) =>
            COLUMNS.map((column, i) => (
              <label key={`${row} ${column}`}>
                <input
                  type="radio"
                  name="anchor"
                  aria-label={`${row} ${column}`}
                  checked={anchor.x === i / 2 && anchor.y === j / 2}
                  onChange={() => setAnchor({ x: i / 2, y: j / 2 })}
                />
                <span />
              </label>
            )),
          )}
        </fieldset>
      </div>
      {tooLarge && (
        <p role="alert">Inlay works on pictures of up to 100 megapixels; choose a smaller size.</p>
      )}
    </DialogFrame>
  )
}

function SideField(props: { side: 'width' | 'height'; value: number; onChange(value: number): void }) {
  const label = props.side === 'width' ? 'Width' : 'Height'
  return (
    <>
      <span className="label">{label}</span>
      <NumberInput
        label={label}
        hideLabel
        unit="px"
        width={96}
        value={props.value}
        min={1}
        max={MAX_SIDE}
        onChange={props.onChange}
      />
    </>
  )
}
