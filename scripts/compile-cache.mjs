/**
 * Keeps compiled code between starts, for this process and its children: TypeScript that runs from source starts twice as
 * fast the second time. In the person's own cache folder, because whoever can write there decides what runs.
 */
import module from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

const cache = process.env.LOCALAPPDATA ?? process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
process.env.NODE_COMPILE_CACHE ??= join(cache, 'inlay', 'compiled')
module.enableCompileCache?.(process.env.NODE_COMPILE_CACHE)
