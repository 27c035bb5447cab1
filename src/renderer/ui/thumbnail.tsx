/**
 * Small pictures made by the project host, shown over a checkerboard.
 *
 * Invariant: at most two are asked for at once, so that they never crowd out tiles; a picture that came too late for its
 * component is dropped, and every object URL is revoked.
 */
import { type ReactNode, useEffect, useState } from 'react'
import type { Bytes } from '../../shared/rpc/contract.ts'

const AT_ONCE = 2
const SETTLE = 120

let underWay = 0
const waiting: (() => void)[] = []

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (underWay >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve))
  underWay++
  try {
    return await work()
  } finally {
    underWay--
    waiting.shift()?.()
  }
}

/**
 * The URL of a picture; null until it is there.
 * @param key what the picture shows: it is made anew when this changes, by identity; null shows nothing
 */
export function usePicture(key: unknown, load: () => Promise<Bytes | null>): string | null {
  const [url, setUrl] = useState<string | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` says when `load` would bring something else.
  useEffect(() => {
    if (key === null) {
      setUrl(null)
      return
    }
    let wanted = true
    const timer = setTimeout(async () => {
      try {
        const bytes = await inTurn(async () => (wanted ? load() : null))
        if (!bytes) return
        const blob = new Blob([await bytes.arrayBuffer()], { type: 'image/png' })
        if (wanted) setUrl(URL.createObjectURL(blob))
      } catch {
        // A thumbnail that cannot be made is no reason to disturb anybody: the empty frame says enough.
      }
    }, SETTLE)
    return () => {
      wanted = false
      clearTimeout(timer)
    }
  }, [key])
  useEffect(() => (url === null ? undefined : () => URL.revokeObjectURL(url)), [url])
  return url
}

export function Thumbnail({ url, children }: { readonly url: string | null; readonly children?: ReactNode }) {
  return (
    <span className="thumbnail" aria-hidden="true">
      {url ? (
        <img className="checker" src={url} alt="" draggable={false} />
      ) : (
        <span className="thumbnail-blank checker" />
      )}
      {children}
    </span>
  )
}
