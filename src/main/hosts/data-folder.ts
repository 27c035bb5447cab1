/** Where Inlay keeps a person's drafts and settings when nobody says otherwise: the place each system means for it. */
import os from 'node:os'
import path from 'node:path'

/** The environment variable `INLAY_DATA` names another folder, for tests and for carrying Inlay on a stick. */
export function defaultDataFolder(): string {
  const given = process.env['INLAY_DATA']
  if (given) return path.resolve(given)
  const home = os.homedir()
  if (process.platform === 'win32')
    return path.join(process.env['APPDATA'] ?? path.join(home, 'AppData', 'Roaming'), 'Inlay')
  if (process.platform === 'darwin') return path.join(home, 'Library', 'Application Support', 'Inlay')
  // The XDG base directory specification says that relative values are to be ignored.
  const xdg = process.env['XDG_DATA_HOME']
  return path.join(xdg && path.isAbsolute(xdg) ? xdg : path.join(home, '.local', 'share'), 'inlay')
}
