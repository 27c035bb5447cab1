/**
 * Tooltips: one floating box for the whole window, so that hundreds of buttons cost nothing until one is pointed at.
 */
import { Tooltip } from '@base-ui/react/tooltip'
import type { ReactElement } from 'react'

interface Tip {
  readonly label: string
  readonly keys?: string | undefined
  readonly hint?: string | undefined
  readonly side?: 'top' | 'right' | undefined
}

const handle = Tooltip.createHandle<Tip>()

/** Says what the child is when it is pointed at or focused. The child must be named by itself (`aria-label`). */
export function WithTip({ tip, children }: { readonly tip: Tip; readonly children: ReactElement }) {
  return <Tooltip.Trigger handle={handle} payload={tip} render={children} />
}

/** The box; rendered once. */
export function TipBox() {
  return (
    <Tooltip.Root handle={handle} disableHoverablePopup>
      {({ payload }) => (
        <Tooltip.Portal>
          <Tooltip.Positioner side={payload?.side ?? 'top'} sideOffset={6} className="positioner">
            <Tooltip.Popup className="tooltip" role="tooltip">
              <span>
                {payload?.label}
                {payload?.hint && <span className="tooltip-hint">{payload.hint}</span>}
              </span>
              {payload?.keys && <kbd className="kbd">{payload.keys}</kbd>}
            </Tooltip.Popup>
          </Tooltip.Positioner>
        </Tooltip.Portal>
      )}
    </Tooltip.Root>
  )
}
