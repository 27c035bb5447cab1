/**
 * Tables as RFC 4180 describes them: commas, quotes where a cell needs them, doubled quotes inside.
 *
 * Invariant: every row has as many cells as the head and knows its line, or one error names the line.
 */
import { InlayError } from '../../../shared/errors.ts'

export interface CsvRow {
  /** Where it begins in the file, from 1. */
  readonly line: number
  readonly cells: readonly string[]
}

export interface CsvTable {
  readonly head: readonly string[]
  readonly rows: readonly CsvRow[]
}

/**
 * Empty lines count as nothing.
 * @param bytes UTF-8, with or without a byte order mark
 * @param file for the messages
 * @throws InlayError `usage`
 */
export function parseCsv(bytes: Uint8Array, file: string): CsvTable {
  const [head, ...rows] = cellsOf(decode(bytes, file), file)
  if (!head) throw new InlayError('usage', `${file} is empty; its first line names the columns.`)
  for (const { line, cells } of rows)
    if (cells.length !== head.cells.length)
      throw new InlayError(
        'usage',
        `Line ${line} of ${file} has ${cells.length} cells and the head ${head.cells.length}; put cells with commas in quotes.`,
      )
  return { head: head.cells, rows }
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new InlayError('usage', `${file} is not in UTF-8; save it as "CSV UTF-8".`, { cause })
  }
}

function cellsOf(text: string, file: string): CsvRow[] {
  const rows: CsvRow[] = []
  let at = 0
  let line = 1
  while (at < text.length) {
    const begun = line
    const cells: string[] = []
    for (let isOpen = true; isOpen; ) {
      const cell = text[at] === '"' ? quoted() : bare()
      cells.push(cell)
      isOpen = text[at] === ','
      if (isOpen) at++
    }
    if (text[at] === '\r') at++
    if (text[at] === '\n') at++
    line++
    if (cells.length > 1 || cells[0] !== '') rows.push({ line: begun, cells })
  }
  return rows

  function bare(): string {
    const start = at
    while (at < text.length && !',\r\n'.includes(text[at]!)) {
      if (text[at] === '"') throw bad('has a quote inside a cell that does not begin with one')
      at++
    }
    return text.slice(start, at)
  }

  function quoted(): string {
    const begun = line
    let cell = ''
    for (at++; ; at++) {
      if (at >= text.length) throw bad('opens a quote that is never closed', begun)
      if (text[at] === '\n') line++
      if (text[at] !== '"') cell += text[at]
      else if (text[at + 1] === '"') cell += text[at++]
      else break
    }
    at++
    if (at < text.length && !',\r\n'.includes(text[at]!)) throw bad('goes on after a closing quote')
    return cell
  }

  function bad(what: string, where = line): InlayError {
    return new InlayError('usage', `Line ${where} of ${file} ${what}; write a quote in a cell as "".`)
  }
}
