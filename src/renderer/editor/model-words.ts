/** Numbers of models in words for people. */
const TYPES: Readonly<Record<string, string>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
}

export function typeNames(dtypes: readonly string[]): string {
  return dtypes.map((type) => TYPES[type] ?? type).join(', ')
}

/** 1234567 as "1.2 million". */
export function parametersInWords(count: number): string {
  if (count < 1e6) return count.toLocaleString('en')
  return count < 1e9 ? `${(count / 1e6).toFixed(1)} million` : `${(count / 1e9).toFixed(2)} billion`
}

/** "5.2 GB", decimal units. */
export function bytesInWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`
  for (const [unit, size] of [
    ['kB', 1e3],
    ['MB', 1e6],
  ] as const)
    if (bytes < size * 999.5) return `${(bytes / size).toFixed(bytes < size * 10 ? 1 : 0)} ${unit}`
  return `${(bytes / 1e9).toFixed(1)} GB`
}

/** "5,213,442,118 bytes". */
export function exactBytes(bytes: number): string {
  return `${bytes.toLocaleString('en')} bytes`
}

export function timeLeftInWords(seconds: number): string {
  if (seconds < 90) return `about ${Math.max(1, Math.round(seconds))} s left`
  const minutes = Math.round(seconds / 60)
  return minutes < 90 ? `about ${minutes} minutes left` : `about ${(minutes / 60).toFixed(1)} hours left`
}
