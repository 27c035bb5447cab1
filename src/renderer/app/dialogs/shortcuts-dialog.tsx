/** All keys on one sheet. */
import { ACTIONS, MENUS } from '../../../shared/actions.ts'
import { describe } from '../../editor/shortcuts.ts'
import { plain } from '../../ui/buttons.tsx'
import { DialogFrame } from '../../ui/dialog-frame.tsx'
import { useContextOf } from '../../ui/editor-context.ts'
import type { DialogProps } from './dialogs.tsx'

/** What no action stands for. */
const GESTURES: readonly (readonly [string, string])[] = [
  ['Pan', 'Hold Space and drag'],
  ['Zoom about the pointer', 'Ctrl or Alt + wheel'],
  ['Brush size and hardness', 'Alt + right button, drag'],
  ['Straight line with a brush', 'Shift + click'],
  ['Erase with the mask brush', 'Hold Alt'],
  ['Pick a colour with the brush', 'Hold Alt'],
  ['Next area of the window', 'F6'],
  ['Cancel what is in hand', 'Escape'],
  ['Show only one layer', 'Alt + click on its eye'],
  ['Switch a mask off or on', 'Shift + click on it'],
]

export function ShortcutsDialog({ onClose }: DialogProps) {
  const { mac } = useContextOf().page
  return (
    <DialogFrame title="Keyboard shortcuts" width={820} onClose={onClose}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be reachable by keyboard */}
      <section className="shortcut-sheet" tabIndex={0} aria-label="All shortcuts">
        {MENUS.map((menu) => {
          const actions = ACTIONS.filter((action) => action.menu === menu && action.shortcut)
          return (
            actions.length > 0 && (
              <ShortcutGroup
                key={menu}
                title={menu}
                rows={actions.map(({ label, shortcut }) => [plain(label), describe(shortcut!, mac)])}
              />
            )
          )
        })}
        <ShortcutGroup title="Canvas and panels" rows={GESTURES} />
      </section>
    </DialogFrame>
  )
}

function ShortcutGroup(props: { title: string; rows: readonly (readonly [string, string])[] }) {
  return (
    <div className="shortcut-group">
      <h3>{props.title}</h3>
      <dl>
        {props.rows.map(([what, keys]) => (
          <div key={what} className="term">
            <dt>{what}</dt>
            <dd>
              <kbd className="kbd">{keys}</kbd>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
