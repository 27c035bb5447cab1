import { expect, test } from 'vitest'
import {
  actionFor,
  ariaShortcut,
  belongsToField,
  describe as describeKeys,
  type Keys,
  parseShortcut,
  shortcutsOf,
} from '../../../src/renderer/editor/shortcuts.ts'
import { ACTIONS } from '../../../src/shared/actions.ts'

const keys = (key: string, held = '', code = ''): Keys => ({
  key,
  code,
  ctrlKey: held.includes('c'),
  metaKey: held.includes('m'),
  altKey: held.includes('a'),
  shiftKey: held.includes('s'),
})

test.each([
  [keys('z', 'c'), 'edit.undo'],
  [keys('Z', 'cs'), 'edit.redo'],
  [keys('y', 'c'), 'edit.redo'],
  [keys('b'), 'tool.brush'],
  [keys('B'), 'tool.brush'],
  [keys('['), 'tool.brush-smaller'],
  [keys('{', 's'), 'tool.brush-softer'],
  [keys('?', 's'), 'help.shortcuts'],
  [keys('=', 'c'), 'view.zoom-in'],
  [keys('+', 'cs'), 'view.zoom-in'],
  [keys('Delete', 's'), 'edit.remove'],
  [keys('Delete'), 'edit.clear'],
  [keys('Delete', 'a'), 'edit.fill'],
  [keys('F6', 's'), 'select.feather'],
  [keys('Tab'), 'view.panels'],
  [keys('Tab', 's'), null],
  [keys('z', 'm'), null],
  [keys('b', 'a'), null],
  [keys('x', 'cs'), null],
])('%o is %s', (event, action) => {
  expect(actionFor(event, false)).toBe(action)
})

test('on a Mac it is Command, and Alt may change the character', () => {
  expect(actionFor(keys('z', 'm'), true)).toBe('edit.undo')
  expect(actionFor(keys('z', 'c'), true)).toBeNull()
  expect(actionFor(keys('ç', 'ma', 'KeyC'), true)).toBe('image.canvas-size')
})

test('shortcuts are written for people and for screen readers', () => {
  expect(describeKeys('Mod+Shift+Z', false)).toBe('Ctrl+Shift+Z')
  expect(describeKeys('Mod+Shift+Z', true)).toBe('⇧⌘Z')
  expect(describeKeys('Mod++', false)).toBe('Ctrl++')
  expect(describeKeys('Mod+-', false)).toBe('Ctrl+−')
  expect(ariaShortcut('Mod+Alt+N', false)).toBe('Control+Alt+N')
  expect(parseShortcut('Mod++')).toEqual({ key: '+', mod: true, alt: false, shift: false })
})

test('no two actions share a shortcut', () => {
  const seen = new Map<string, string>()
  for (const action of ACTIONS)
    for (const text of shortcutsOf(action)) {
      expect(seen.get(text), `${text} of ${action.id}`).toBeUndefined()
      seen.set(text, action.id)
    }
})

test('a text field keeps its own keys', () => {
  expect(belongsToField(keys('b'))).toBe(true)
  expect(belongsToField(keys('Delete', 's'))).toBe(true)
  expect(belongsToField(keys('z', 'c'))).toBe(true)
  expect(belongsToField(keys('k', 'c'))).toBe(false)
  expect(belongsToField(keys('s', 'c'))).toBe(false)
})
