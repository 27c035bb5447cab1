/** Files dragged over the window and let go on it. */
import { useEffect, useState } from 'react'
import type { ActionContext } from '../editor/action-context.ts'
import { dropFiles } from '../editor/files.ts'

/** @returns whether files are being held over the window. */
export function useFileDrop(ctx: ActionContext): boolean {
  const [over, setOver] = useState(false)
  useEffect(() => {
    const stop = new AbortController()
    const { signal } = stop
    // Every element that is crossed sends an enter and a leave.
    let depth = 0
    const set = (next: number) => {
      depth = Math.max(0, next)
      setOver(depth > 0)
    }
    const listen = (type: 'dragenter' | 'dragover' | 'dragleave' | 'drop', act: (event: DragEvent) => void) =>
      window.addEventListener(
        type,
        (event) => {
          if (!event.dataTransfer?.types.includes('Files')) return
          event.preventDefault()
          act(event)
        },
        { signal },
      )
    listen('dragenter', () => set(depth + 1))
    listen('dragleave', () => set(depth - 1))
    listen('dragover', (event) => {
      if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy'
    })
    listen('drop', (event) => {
      set(0)
      const items = [...(event.dataTransfer?.items ?? [])].filter((item) => item.kind === 'file')
      const files = [...(event.dataTransfer?.files ?? [])]
      const folders = files.filter((_, index) => items[index]?.webkitGetAsEntry()?.isDirectory)
      void dropFiles(ctx, files, new Set(folders))
    })
    return () => stop.abort()
  }, [ctx])
  return over
}
