/**
 * The attention grammar of prompts: which words count how much.
 *
 * Invariant: any text has a reading, in time proportional to its length times the depth of its brackets. `(x)` multiplies the
 * weight of what is inside by 1.1, `[x]` by 1/1.1, `(x:1.3)` by 1.3; brackets nest and need not match: a closing one closes
 * the innermost open one of its kind, or is text. A backslash makes a bracket or a backslash text. BREAK, as a word of its
 * own, ends a window of tokens. The grammar is that of AUTOMATIC1111's web UI.
 */
import { InlayError } from '../../../shared/errors.ts'

/** A stretch of a prompt and its weight, or the end of a window. */
export type PromptPart = { readonly text: string; readonly weight: number } | { readonly break: true }

/** Far more than ten windows of tokens hold, so that nobody pastes a book. */
const LONGEST_PROMPT = 20_000
const LARGEST_WEIGHT = 1000
const STRONGER = 1.1

/** Sign, digits, fraction, right before the closing bracket. */
const NUMBER = /:\s*([+-]?(?:\d+\.?\d*|\.\d+))\s*\)/y
const BREAK = /\s*(?<![\p{L}\p{N}_])BREAK(?![\p{L}\p{N}_])\s*/uy
const ESCAPABLE = '()[]\\'

interface Run {
  /** null for the end of a window. */
  text: string | null
  weight: number
}

/**
 * The parts of a prompt in order; neighbours of equal weight are one. An empty prompt is one empty text of weight 1.
 * @throws InlayError `usage` for a prompt beyond 20,000 characters or a weight beyond 1000
 */
export function parsePrompt(prompt: string): PromptPart[] {
  if (prompt.length > LONGEST_PROMPT)
    throw new InlayError(
      'usage',
      `The prompt has ${prompt.length} characters, and ${LONGEST_PROMPT} are the most; shorten it.`,
    )
  const runs = readRuns(prompt)
  const parts: PromptPart[] = []
  for (const { text, weight } of runs) {
    const last = parts.at(-1)
    if (text === null) {
      parts.push({ break: true })
      continue
    }
    if (!(Math.abs(weight) <= LARGEST_WEIGHT))
      throw new InlayError(
        'usage',
        `The prompt gives "${text}" a weight beyond ${LARGEST_WEIGHT}; take smaller numbers or fewer brackets.`,
      )
    if (last && 'text' in last && Math.abs(last.weight - weight) < 1e-12)
      parts[parts.length - 1] = { text: last.text + text, weight: last.weight }
    else parts.push({ text, weight })
  }
  return parts.length > 0 ? parts : [{ text: '', weight: 1 }]
}

function readRuns(prompt: string): Run[] {
  const runs: Run[] = []
  /** The open brackets and the first run inside each. */
  const open: { readonly sign: string; readonly first: number }[] = []
  const close = (at: number, factor: number) => {
    for (let i = open[at]!.first; i < runs.length; i++) runs[i]!.weight *= factor
    open.splice(at, 1)
  }
  const innermost = (sign: string) => open.findLastIndex((bracket) => bracket.sign === sign)
  let at = 0
  while (at < prompt.length) {
    const sign = prompt[at]!
    const next = prompt[at + 1]
    let length = 1
    if (sign === '\\' && next !== undefined && ESCAPABLE.includes(next)) {
      runs.push({ text: next, weight: 1 })
      length = 2
    } else if (sign === '(' || sign === '[') open.push({ sign, first: runs.length })
    else {
      const closes = sign === ']' ? innermost('[') : sign === ')' || sign === ':' ? innermost('(') : -1
      const number = sign === ':' && closes >= 0 ? matchAt(NUMBER, prompt, at) : null
      if (number) {
        close(closes, Number(number[1]))
        length = number[0].length
      } else if (closes >= 0 && sign !== ':') close(closes, sign === ')' ? STRONGER : 1 / STRONGER)
      else {
        const stop = mayBreak(prompt, at) ? matchAt(BREAK, prompt, at) : null
        runs.push({ text: stop ? null : sign, weight: 1 })
        length = stop?.[0].length ?? 1
      }
    }
    at += length
  }
  // What is never closed reaches to the end.
  while (open.length > 0) close(open.length - 1, open.at(-1)!.sign === '(' ? STRONGER : 1 / STRONGER)
  return runs
}

/** Only the word itself and the first of the white space before it, so that long white space is looked at once. */
function mayBreak(prompt: string, at: number): boolean {
  const isSpace = (sign: string | undefined) => sign !== undefined && /\s/.test(sign)
  return prompt[at] === 'B' || (isSpace(prompt[at]) && !isSpace(prompt[at - 1]))
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}
