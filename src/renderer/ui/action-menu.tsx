/** Menu items made from actions, for the menu bar and for context menus. */
import { Menu } from '@base-ui/react/menu'
import { Check } from 'lucide-react'
import { Fragment } from 'react'
import { type ActionId, actionById } from '../../shared/actions.ts'
import { ariaShortcut, describe } from '../editor/shortcuts.ts'
import { useAction, useContextOf } from './editor-context.ts'

/** '-' is a line. */
export type MenuEntry = ActionId | '-'

export function ActionMenuItems({ entries }: { readonly entries: readonly MenuEntry[] }) {
  return entries.map((entry, i) =>
    entry === '-' ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the list is fixed
      <Menu.Separator key={i} className="menu-line" />
    ) : (
      <ActionMenuItem key={entry} id={entry} />
    ),
  )
}

function ActionMenuItem({ id }: { readonly id: ActionId }) {
  const { enabled, checked, run } = useAction(id)
  const { mac } = useContextOf().page
  const { label, shortcut } = actionById[id]
  const inside = (
    <Fragment>
      <span className="menu-mark">{checked && <Check size={12} aria-hidden="true" />}</span>
      {label}
      {shortcut && (
        <span className="menu-keys" aria-hidden="true">
          {describe(shortcut, mac)}
        </span>
      )}
    </Fragment>
  )
  const shared = {
    className: 'menu-item',
    disabled: !enabled,
    label,
    'aria-keyshortcuts': shortcut && ariaShortcut(shortcut, mac),
    onClick: run,
  }
  if (checked === undefined) return <Menu.Item {...shared}>{inside}</Menu.Item>
  return (
    <Menu.CheckboxItem {...shared} checked={checked} closeOnClick>
      {inside}
    </Menu.CheckboxItem>
  )
}
