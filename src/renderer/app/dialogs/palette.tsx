/** The command palette: every action that can be done now, found by typing a few of its letters. */
import { Dialog } from '@base-ui/react/dialog'
import { Command, defaultFilter } from 'cmdk'
import { useMemo, useState } from 'react'
import { ACTIONS, type Action, MENUS } from '../../../shared/actions.ts'
import { isChecked, isEnabled, run } from '../../editor/actions.ts'
import { describe } from '../../editor/shortcuts.ts'
import { ACTION_ICONS } from '../../ui/action-icons.ts'
import { plain } from '../../ui/buttons.tsx'
import { useContextOf } from '../../ui/editor-context.ts'
import type { DialogProps } from './dialogs.tsx'

export function Palette({ onClose }: DialogProps) {
  const ctx = useContextOf()
  const [search, setSearch] = useState('')
  const actions = useMemo(
    () => ACTIONS.filter((action) => action.id !== 'help.palette' && isEnabled(ctx, action.id)),
    [ctx],
  )
  const choose = (action: Action) => {
    onClose()
    // After the dialog has given the focus back, so that what the action opens can take it.
    setTimeout(() => run(ctx, action.id))
  }
  const item = (action: Action) => (
    <PaletteItem
      key={action.id}
      action={action}
      checked={isChecked(ctx, action.id) === true}
      mac={ctx.page.mac}
      onChoose={() => choose(action)}
    />
  )
  const found = useMemo(() => bestFirst(actions, search.trim()), [actions, search])
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="popup dialog palette" data-own-keys="">
          <Dialog.Title className="only-read">Find an action</Dialog.Title>
          <Command label="Actions" loop shouldFilter={false}>
            <Command.Input
              className="palette-input"
              placeholder="Find an action"
              value={search}
              onValueChange={setSearch}
              autoFocus
            />
            <Command.List className="palette-list" label="Actions">
              {found.length === 0 && <p className="palette-empty">No action is called that.</p>}
              {search.trim() !== ''
                ? found.map(item)
                : MENUS.map((menu) => (
                    <Command.Group key={menu} heading={menu}>
                      {actions.filter((action) => action.menu === menu).map(item)}
                    </Command.Group>
                  ))}
            </Command.List>
          </Command>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

/** What the action is called counts most, then with its menu before it, then what its hint says. */
function bestFirst(actions: readonly Action[], search: string): readonly Action[] {
  if (search === '') return actions
  const score = ({ label, menu, hint }: Action) =>
    Math.max(
      defaultFilter(plain(label), search),
      defaultFilter(`${menu} ${plain(label)}`, search) * 0.6,
      hint ? defaultFilter(hint, search) * 0.2 : 0,
    )
  return actions
    .map((action) => ({ action, score: score(action) }))
    .filter((each) => each.score > 0.001)
    .sort((a, b) => b.score - a.score)
    .map((each) => each.action)
}

interface PaletteItemProps {
  readonly action: Action
  readonly checked: boolean
  readonly mac: boolean
  onChoose(): void
}

function PaletteItem({ action, checked, mac, onChoose }: PaletteItemProps) {
  const Icon = ACTION_ICONS[action.id]
  const label = plain(action.label)
  return (
    <Command.Item className="palette-item" value={action.id} onSelect={onChoose}>
      <span className="menu-mark">{Icon && <Icon size={14} strokeWidth={1.5} aria-hidden="true" />}</span>
      {label}
      {checked && <span className="quiet"> (on)</span>}
      {action.shortcut && <span className="menu-keys">{describe(action.shortcut, mac)}</span>}
    </Command.Item>
  )
}
