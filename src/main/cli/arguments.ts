/** Reading option values: a number within limits, or a usage error that names them. */
import { InlayError } from '../../shared/errors.ts'

/** A parser for commander. @throws InlayError `usage` */
export function numberOption(
  name: string,
  min: number,
  max: number,
  whole = false,
): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    if (!(value >= min && value <= max) || (whole && !Number.isInteger(value)))
      throw new InlayError(
        'usage',
        `--${name} takes a ${whole ? 'whole ' : ''}number from ${min} to ${max}, not "${text}".`,
      )
    return value
  }
}
