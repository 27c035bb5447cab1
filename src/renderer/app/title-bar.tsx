/** The top of the window: menus (where the shell has none of its own), what is open, and the way to every action. */
import { Menu } from '@base-ui/react/menu'
import { Menubar } from '@base-ui/react/menubar'
import { Search } from 'lucide-react'
import { ACTIONS, MENUS, type MenuName } from '../../shared/actions.ts'
import { ActionMenuItems, type MenuEntry } from '../ui/action-menu.tsx'
import { Keys } from '../ui/buttons.tsx'
import { useAction, useContextOf, useDocumentState } from '../ui/editor-context.ts'
import { Landmark, usePopupHost } from '../ui/popup-host.tsx'
import { WithTip } from '../ui/tooltip.tsx'

const ENTRIES: Readonly<Record<MenuName, readonly MenuEntry[]>> = Object.fromEntries(
  MENUS.map((menu) => [
    menu,
    ACTIONS.filter((action) => action.menu === menu).flatMap((action): MenuEntry[] =>
      action.separated ? ['-', action.id] : [action.id],
    ),
  ]),
) as unknown as Record<MenuName, readonly MenuEntry[]>

export function TitleBar() {
  const ctx = useContextOf()
  return (
    <Landmark as="header" className="title-bar" data-region="menu">
      <Menus />
      <div className="title">{ctx.editor.document && <DocumentTitle />}</div>
      <FindButton />
    </Landmark>
  )
}

function Menus() {
  const host = usePopupHost()
  return (
    <Menubar className="menu-bar" modal={false} aria-label="Main menu">
      {MENUS.map((menu) => (
        <Menu.Root key={menu} modal={false}>
          <Menu.Trigger className="menu-title">{menu}</Menu.Trigger>
          <Menu.Portal container={host}>
            <Menu.Positioner className="positioner" positionMethod="fixed" sideOffset={4} align="start">
              <Menu.Popup className="popup menu" data-own-keys="">
                <ActionMenuItems entries={ENTRIES[menu]} />
              </Menu.Popup>
            </Menu.Positioner>
          </Menu.Portal>
        </Menu.Root>
      ))}
    </Menubar>
  )
}

function DocumentTitle() {
  const name = useDocumentState((state) => state.name)
  const draft = useDocumentState((state) => state.draft)
  const readOnly = useDocumentState((state) => state.readOnly)
  const notices = useDocumentState((state) => state.notices)
  return (
    <>
      <h1 className="title-name">{name}</h1>
      {draft && (
        <WithTip
          tip={{
            label: 'Kept by Inlay',
            hint: 'Every edit is saved at once. Save as… gives it a file of its own.',
          }}
        >
          <span className="badge">Draft</span>
        </WithTip>
      )}
      {readOnly && (
        <WithTip tip={{ label: 'Read-only', hint: notices[0] }}>
          <span className="badge" data-kind="warning">
            Read-only
          </span>
        </WithTip>
      )}
    </>
  )
}

function FindButton() {
  const { run } = useAction('help.palette')
  return (
    <button type="button" className="find-button" aria-keyshortcuts="Control+K" onClick={run}>
      <Search size={12} aria-hidden="true" />
      Find an action
      <Keys of="Mod+K" />
    </button>
  )
}
