/** How the window is divided, kept in the browser: wrong or missing values fall back to the usual ones. */
import { useState } from 'react'

const KEY = 'inlay.layout'

export interface Layout {
  /** Width of the panel column in CSS pixels. */
  readonly width: number
  /** The layers' share of the height they divide with the history, in per cent. */
  readonly layers: number
}

export const LIMITS = { width: [248, 480], layers: [20, 80] } as const
const USUAL: Layout = { width: 296, layers: 55 }

export function useLayout(): readonly [Layout, (change: Partial<Layout>) => void] {
  const [layout, setLayout] = useState(read)
  const change = (part: Partial<Layout>) => {
    const next = { ...layout, ...part }
    setLayout(next)
    localStorage.setItem(KEY, JSON.stringify(next))
  }
  return [layout, change]
}

function read(): Layout {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Record<keyof Layout, unknown>>
    return { width: within('width', kept.width), layers: within('layers', kept.layers) }
  } catch {
    return USUAL
  }
}

function within(name: keyof Layout, value: unknown): number {
  const [min, max] = LIMITS[name]
  return typeof value === 'number' && value >= min && value <= max ? value : USUAL[name]
}
