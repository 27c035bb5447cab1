/** By how many pixels the selection shall grow, shrink or soften. */
import { attempt, perform } from '../../editor/action-context.ts'
import { Button } from '../../ui/buttons.tsx'
import { DialogFrame } from '../../ui/dialog-frame.tsx'
import { useContextOf, useEditorState } from '../../ui/editor-context.ts'
import { SliderInput } from '../../ui/slider-input.tsx'
import type { DialogProps } from './dialogs.tsx'

const TITLES = {
  grow: 'Grow the selection',
  shrink: 'Shrink the selection',
  feather: 'Feather the selection',
}
const VERBS = { grow: 'Grow', shrink: 'Shrink', feather: 'Feather' }

export function AmountDialog({ onClose }: DialogProps) {
  const ctx = useContextOf()
  const { change, value } = useEditorState((state) => state.amount)
  const set = (next: number) => ctx.editor.store.setState({ amount: { change, value: next } })
  const apply = () => {
    onClose()
    void attempt(ctx, () => perform(ctx, { kind: 'modify-selection', change, amount: value }))
  }
  return (
    <DialogFrame
      title={TITLES[change]}
      width={340}
      onClose={onClose}
      onSubmit={apply}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit">
            {VERBS[change]}
          </Button>
        </>
      }
    >
      <SliderInput label="By" unit="px" value={value} min={1} max={500} sliderMax={100} onChange={set} />
    </DialogFrame>
  )
}
