/** Files the command line is given, and the temporary ones it makes. */
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { InlayError } from '../../shared/errors.ts'

const SQLITE = Buffer.from('SQLite format 3\0', 'latin1')

/**
 * Whether a file is a project, by its first bytes or, where it is too short to tell, by its name.
 * @throws InlayError `file.missing`, `file.denied`
 */
export async function isProjectFile(file: string): Promise<boolean> {
  try {
    const handle = await open(file)
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(SQLITE.length), 0, SQLITE.length, 0)
      return /\.inlay$/i.test(file) || (bytesRead === SQLITE.length && buffer.equals(SQLITE))
    } finally {
      await handle.close()
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new InlayError('file.missing', `There is no file ${file}; check the name.`, { cause: error })
    if (code === 'EISDIR')
      throw new InlayError('file.denied', `${file} is a folder; name a file in it.`, { cause: error })
    throw new InlayError('file.denied', `${file} may not be read; check its permissions.`, { cause: error })
  }
}

/** Runs `work` with a folder of its own that is gone afterwards, whatever happens. */
export async function withTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'inlay-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
