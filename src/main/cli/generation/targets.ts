/**
 * Where results go.
 *
 * Invariant: every place is checked before any work begins, and is written whole or not at all.
 */
import path from 'node:path'
import { InlayError } from '../../../shared/errors.ts'
import { exportImage, formatOfPath, type ProjectSession, requireWritablePlace } from '../../engine/index.ts'

/** `beach.png` for one, `beach-1.png`, `beach-2.png`… for several. */
export function targetsOf(output: string, count: number): readonly string[] {
  if (count === 1) return [output]
  const { dir, name, ext } = path.parse(output)
  return Array.from({ length: count }, (_, i) => path.join(dir, `${name}-${i + 1}${ext}`))
}

/** Says now what would fail after the work. @throws InlayError `image.unsupported`, `usage`, `file.missing`, `file.denied` */
export async function requireTargets(targets: readonly string[]): Promise<void> {
  for (const target of targets) {
    if (target.includes('\0')) throw new InlayError('usage', 'A name of a file cannot hold a zero byte.')
    if (!isProjectName(target)) formatOfPath(target)
    await requireWritablePlace(target)
  }
}

/** @throws InlayError as `exportImage` and `saveCopy` do */
export async function writeTarget(
  session: ProjectSession,
  target: string,
  quality: number | undefined,
  signal: AbortSignal,
): Promise<{ readonly bytes: number; readonly notices: readonly string[] }> {
  if (isProjectName(target)) return { bytes: session.saveCopy(target).bytes, notices: [] }
  return exportImage(session, target, quality === undefined ? {} : { quality }, { signal })
}

export function isProjectName(file: string): boolean {
  return /\.inlay$/i.test(file)
}
