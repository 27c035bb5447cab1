/**
 * The native menu, made from the list of actions that the page's menus, palette and shortcuts come from too.
 *
 * Invariant: a menu item only tells the page which action was chosen. The page handles keys itself (it knows whether
 * somebody is typing into a field), so outside macOS shortcuts are shown here and not taken; macOS takes what it shows, so
 * there single keys are not shown.
 */
import { Menu, type MenuItemConstructorOptions } from 'electron'
import { ACTIONS, type Action, MENUS } from '../../shared/actions.ts'

export interface MenuState {
  readonly enabled: readonly string[]
  readonly checked: readonly string[]
}

const CHECKABLE = /^(tool\.(?!brush-|swap-|default-)|view\.(theme-|mask-overlay$|panels$))/

/** The template; pure but for what `choose` does. */
export function menuTemplate(
  choose: (action: string) => void,
  { mac, developer }: { readonly mac: boolean; readonly developer: boolean },
): MenuItemConstructorOptions[] {
  const menus = MENUS.map((menu): MenuItemConstructorOptions => {
    const submenu = ACTIONS.filter((action) => action.menu === menu).flatMap((action) =>
      itemsOf(action, choose, mac),
    )
    if (menu === 'File' && !mac) submenu.push({ type: 'separator' }, { role: 'quit' })
    if (menu === 'View' && developer) submenu.push({ type: 'separator' }, { role: 'toggleDevTools' })
    return { label: menu, submenu }
  })
  return mac ? [{ role: 'appMenu' }, ...menus, { role: 'windowMenu' }] : menus
}

function itemsOf(
  action: Action,
  choose: (action: string) => void,
  mac: boolean,
): MenuItemConstructorOptions[] {
  const accelerator = action.shortcut && acceleratorOf(action.shortcut, mac)
  const item: MenuItemConstructorOptions = {
    id: action.id,
    label: action.label,
    type: CHECKABLE.test(action.id) ? 'checkbox' : 'normal',
    click: () => choose(action.id),
    ...(accelerator ? { accelerator, registerAccelerator: false } : {}),
  }
  return action.separated ? [{ type: 'separator' }, item] : [item]
}

/** Electron's notation of a shortcut; undefined where it must not be shown. */
export function acceleratorOf(shortcut: string, mac: boolean): string | undefined {
  const parts = shortcut.split(/\+(?=.)/)
  const modified = parts.some((part) => part === 'Mod' || part === 'Alt') || /^F\d+$/.test(parts.at(-1) ?? '')
  if (mac && !modified) return undefined
  return parts.map((part) => (part === 'Mod' ? 'CommandOrControl' : part === '+' ? 'Plus' : part)).join('+')
}

export function setMenu(choose: (action: string) => void, developer: boolean): void {
  const template = menuTemplate(choose, { mac: process.platform === 'darwin', developer })
  Menu.setApplicationMenu(Menu.buildFromTemplate(template))
}

/** Greys out and ticks what the page says. */
export function showMenuState({ enabled, checked }: MenuState): void {
  const menu = Menu.getApplicationMenu()
  for (const { id } of ACTIONS) {
    const item = menu?.getMenuItemById(id)
    if (!item) continue
    item.enabled = enabled.includes(id)
    if (item.type === 'checkbox') item.checked = checked.includes(id)
  }
}
