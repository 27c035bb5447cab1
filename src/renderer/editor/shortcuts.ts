/**
 * Keys to actions: matching key events with the shortcuts written in `shared/actions.ts`, and writing them for people.
 *
 * Invariant: pure apart from reading the event. `Mod` is Command on a Mac and Ctrl elsewhere. A shortcut for a character
 * that needs Shift on some keyboards ("{", "?", "+") matches the character that is produced, whatever keys make it.
 */
import { ACTIONS, type Action, type ActionId } from '../../shared/actions.ts'

/** The part of a `KeyboardEvent` that matters; plain, so that tests can write one. */
export interface Keys {
  readonly key: string
  readonly code?: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly shiftKey: boolean
}

interface Shortcut {
  readonly key: string
  readonly mod: boolean
  readonly alt: boolean
  readonly shift: boolean
}

export function parseShortcut(text: string): Shortcut {
  const key = /(^|\+)(\+|[^+]+)$/.exec(text)?.[2] ?? text
  const modifiers = text.slice(0, text.length - key.length).split('+')
  return {
    key,
    mod: modifiers.includes('Mod'),
    alt: modifiers.includes('Alt'),
    shift: modifiers.includes('Shift'),
  }
}

export function matches(shortcut: string, event: Keys, mac: boolean): boolean {
  const wanted = parseShortcut(shortcut)
  const mod = mac ? event.metaKey : event.ctrlKey
  const other = mac ? event.ctrlKey : event.metaKey
  if (mod !== wanted.mod || other || event.altKey !== wanted.alt) return false
  if (/^[a-z]$/i.test(wanted.key)) {
    return event.shiftKey === wanted.shift && letterOf(event, wanted.alt) === wanted.key.toLowerCase()
  }
  if (wanted.key.length > 1) return event.shiftKey === wanted.shift && event.key === wanted.key
  return event.key === wanted.key && (event.shiftKey || !wanted.shift)
}

/** The letter of a key. With Alt, some systems produce another character (Alt+C is "ç" on a Mac): the key's place decides. */
function letterOf(event: Keys, alt: boolean): string {
  const place = /^Key([A-Z])$/.exec(event.code ?? '')?.[1]
  return alt && place ? place.toLowerCase() : event.key.toLowerCase()
}

/** The action whose shortcut the keys are, if any. */
export function actionFor(event: Keys, mac: boolean): ActionId | null {
  const found = ACTIONS.find((action) => shortcutsOf(action).some((text) => matches(text, event, mac)))
  return found?.id ?? null
}

export function shortcutsOf(action: Action): readonly string[] {
  return [...(action.shortcut ? [action.shortcut] : []), ...(action.alternatives ?? [])]
}

/** Keys that text fields need themselves, so that they never become actions while one has the focus. */
export function belongsToField(event: Keys): boolean {
  if (!event.ctrlKey && !event.metaKey) return !/^F\d/.test(event.key)
  return /^([acvxzy]|backspace|delete|arrow.*|home|end)$/i.test(event.key)
}

const MAC_SIGNS: Readonly<Record<string, string>> = { Mod: '⌘', Alt: '⌥', Shift: '⇧' }
const KEY_NAMES: Readonly<Record<string, string>> = {
  Delete: 'Del',
  Backspace: 'Backspace',
  '=': '+',
  '-': '−',
  ' ': 'Space',
}

/** A shortcut as menus show it: "Ctrl+Shift+Z", or "⇧⌘Z" on a Mac. */
export function describe(shortcut: string, mac: boolean): string {
  const { key, mod, alt, shift } = parseShortcut(shortcut)
  const name = KEY_NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key)
  const held = [...(alt ? ['Alt'] : []), ...(shift ? ['Shift'] : []), ...(mod ? ['Mod'] : [])]
  if (mac) return held.map((each) => MAC_SIGNS[each]).join('') + name
  return [...held.reverse().map((each) => (each === 'Mod' ? 'Ctrl' : each)), name].join('+')
}

/** A shortcut as `aria-keyshortcuts` wants it. */
export function ariaShortcut(shortcut: string, mac: boolean): string {
  const { key, mod, alt, shift } = parseShortcut(shortcut)
  const held = [
    ...(mod ? [mac ? 'Meta' : 'Control'] : []),
    ...(alt ? ['Alt'] : []),
    ...(shift ? ['Shift'] : []),
  ]
  return [...held, key === '+' ? 'Plus' : key === ' ' ? 'Space' : key].join('+')
}
