/**
 * File names from a hub's list, which anybody may have written.
 *
 * Invariant: a path that passes lies inside the folder it is joined to, on every system, and no two that pass together are one
 * file on any.
 */
const MOST_LEVELS = 4
const LONGEST_PART = 120
const LONGEST = 300
/** Names that Windows keeps for devices, whatever their ending. */
const DEVICES = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there.
const FORBIDDEN = /[\u0000-\u001f\u007f<>:"|?*\\]/

/** @returns why the path is none to write to, or null where it is good. */
export function faultOfPath(name: string): string | null {
  if (name === '' || name.length > LONGEST) return 'is empty or too long'
  if (FORBIDDEN.test(name)) return 'has characters that no file name may have'
  if (name.startsWith('/')) return 'leads out of the folder'
  const parts = name.split('/')
  if (parts.length > MOST_LEVELS) return 'lies too deep'
  for (const part of parts) {
    if (part === '' || part === '.' || part === '..') return 'leads out of the folder'
    if (part.length > LONGEST_PART) return 'is too long'
    if (part.startsWith('.') || /[. ]$/.test(part)) return 'is hidden or ends in a dot or a space'
    if (DEVICES.test(part)) return 'is the name of a device on Windows'
    // What a download in progress is called here.
    if (/\.part(\.json)?$/i.test(part)) return 'is a name that Inlay keeps for itself'
  }
  return null
}

/** @returns a path that would be the same file as another one, or a folder that another one is a file of; null where none is. */
export function collisionOf(names: readonly string[]): string | null {
  const plain = (name: string): string => name.normalize('NFC').toLowerCase()
  const files = new Set<string>()
  for (const name of names) {
    if (files.has(plain(name))) return name
    files.add(plain(name))
  }
  for (const name of names) {
    const parts = plain(name).split('/')
    for (let i = 1; i < parts.length; i++) if (files.has(parts.slice(0, i).join('/'))) return name
  }
  return null
}
