/**
 * Colours as people choose them: HSV and hexadecimal, both for sRGB components 0..1.
 *
 * Invariant: pure. Hue is 0..360 (360 only where a slider stands at its end), saturation and value are 0..1
 * (Smith 1978, "Color gamut transform pairs").
 */
import type { RgbColour } from '../../shared/intents.ts'
import { toByte } from '../../shared/pixels.ts'

export interface Hsv {
  readonly h: number
  readonly s: number
  readonly v: number
}

/** Greys have no hue of their own: they keep `hue`, so that a slider does not jump. */
export function toHsv({ r, g, b }: RgbColour, hue = 0): Hsv {
  const v = Math.max(r, g, b)
  const span = v - Math.min(r, g, b)
  if (span === 0) return { h: hue, s: 0, v }
  const sector = v === r ? (g - b) / span : v === g ? 2 + (b - r) / span : 4 + (r - g) / span
  return { h: (sector * 60 + 360) % 360, s: span / v, v }
}

export function toRgb({ h, s, v }: Hsv): RgbColour {
  const part = (n: number) => {
    const k = (n + h / 60) % 6
    return v - v * s * Math.max(0, Math.min(k, 4 - k, 1))
  }
  return { r: part(5), g: part(3), b: part(1) }
}

export function toHex({ r, g, b }: RgbColour): string {
  return `#${[r, g, b].map((c) => toByte(c).toString(16).padStart(2, '0')).join('')}`
}

/** Reads "#1a2b3c", "1a2b3c" or "#abc"; null for anything else. */
export function parseHex(text: string): RgbColour | null {
  const digits = /^#?([0-9a-f]{6}|[0-9a-f]{3})$/i.exec(text.trim())?.[1]
  if (!digits) return null
  const full = digits.length === 3 ? [...digits].map((d) => d + d).join('') : digits
  const at = (i: number) => Number.parseInt(full.slice(i, i + 2), 16) / 255
  return { r: at(0), g: at(2), b: at(4) }
}
