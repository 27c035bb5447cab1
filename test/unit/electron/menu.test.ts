import { expect, it, vi } from 'vitest'
import { ACTIONS } from '../../../src/shared/actions.ts'

vi.mock('electron', () => import('../../support/electron-stand-in.ts'))
const { acceleratorOf, menuTemplate, setMenu, showMenuState } = await import(
  '../../../src/main/electron/menu.ts'
)
const { Menu } = await import('../../support/electron-stand-in.ts')

const items = (mac: boolean) =>
  menuTemplate(() => {}, { mac, developer: false }).flatMap((menu) => menu.submenu as { id?: string }[])

it('has every action that belongs into a menu exactly once, and nothing else of ours', () => {
  const ids = items(false).flatMap(({ id }) => id ?? [])
  expect(ids.toSorted()).toEqual(
    ACTIONS.filter(({ menu }) => menu)
      .map(({ id }) => id as string)
      .toSorted(),
  )
})

it('tells which action was chosen', () => {
  const chosen: string[] = []
  const menus = menuTemplate((action) => chosen.push(action), { mac: false, developer: false })
  for (const menu of menus)
    for (const item of menu.submenu as { id?: string; click?: () => void }[]) item.click?.()
  expect(chosen.length).toBe(ACTIONS.filter(({ menu }) => menu).length)
})

it.each([
  ['Mod+Shift+Z', 'CommandOrControl+Shift+Z', 'CommandOrControl+Shift+Z'],
  ['Mod++', 'CommandOrControl+Plus', 'CommandOrControl+Plus'],
  ['Mod+-', 'CommandOrControl+-', 'CommandOrControl+-'],
  ['F2', 'F2', 'F2'],
  ['B', 'B', undefined],
  ['[', '[', undefined],
  ['Delete', 'Delete', undefined],
])('writes %s the way Electron wants it', (shortcut, elsewhere, mac) => {
  expect(acceleratorOf(shortcut, false)).toBe(elsewhere)
  expect(acceleratorOf(shortcut, true)).toBe(mac)
})

it('takes no key away from the page', () => {
  for (const item of items(false) as { accelerator?: string; registerAccelerator?: boolean }[])
    if (item.accelerator) expect(item.registerAccelerator).toBe(false)
})

it('greys out and ticks what the page says', () => {
  setMenu(() => {}, false)
  showMenuState({ enabled: ['edit.undo'], checked: ['tool.brush', 'edit.undo'] })
  const menu = Menu.getApplicationMenu()
  expect(menu.getMenuItemById('edit.undo')).toMatchObject({ enabled: true, type: 'normal' })
  expect(menu.getMenuItemById('edit.undo')?.checked).toBeUndefined()
  expect(menu.getMenuItemById('edit.redo')).toMatchObject({ enabled: false })
  expect(menu.getMenuItemById('tool.brush')).toMatchObject({ type: 'checkbox', checked: true })
  expect(menu.getMenuItemById('tool.eraser')).toMatchObject({ checked: false })
})
