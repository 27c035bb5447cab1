/**
 * From a prompt to what a text encoder reads: windows of tokens, and the weight of each token.
 *
 * Invariant: a window has the tokenizer's length (77): start, up to 75 ids, end, padding. Start, end and padding have weight
 * 1. Words are tokenized stretch by stretch of equal weight, so a weight never splits a token's bytes from their neighbours
 * by more than the brackets do. The windows are encoded one by one and their embeddings joined along the tokens.
 */
import { InlayError } from '../../../shared/errors.ts'
import { parsePrompt } from './prompt-weights.ts'

/** The part of a tokenizer that windows need. */
export interface PromptTokenizer {
  readonly windowLength: number
  encode(text: string): readonly number[]
  window(ids: readonly number[]): Int32Array
}

export interface PromptWindow {
  readonly ids: Int32Array
  /** One for each id. */
  readonly weights: Float32Array
}

const MOST_WINDOWS = 10

/**
 * The windows of a prompt, at least one; BREAK begins a new one, also after an empty one.
 * @throws InlayError `usage` for a prompt of more than ten windows
 */
export function promptWindows(tokenizer: PromptTokenizer, prompt: string): PromptWindow[] {
  const room = tokenizer.windowLength - 2
  const windows: { ids: number[]; weights: number[] }[] = []
  let current = { ids: [] as number[], weights: [] as number[] }
  const finish = () => {
    windows.push(current)
    current = { ids: [], weights: [] }
  }
  let tokens = 0
  for (const part of parsePrompt(prompt)) {
    if ('break' in part) {
      finish()
      continue
    }
    for (const id of tokenizer.encode(part.text)) {
      tokens++
      if (current.ids.length === room) finish()
      current.ids.push(id)
      current.weights.push(part.weight)
    }
  }
  if (current.ids.length > 0 || windows.length === 0) finish()
  if (windows.length > MOST_WINDOWS)
    throw new InlayError(
      'usage',
      `The prompt has ${tokens} tokens in ${windows.length} windows, and ${MOST_WINDOWS} of ${room} are the most; shorten it.`,
    )
  return windows.map(({ ids, weights }) => {
    const padded = new Float32Array(tokenizer.windowLength).fill(1)
    padded.set(weights, 1)
    return { ids: tokenizer.window(ids), weights: padded }
  })
}

/** The same prompt with empty windows behind it up to `count`: prompts that meet in one batch need as many. */
export function withWindows(
  tokenizer: PromptTokenizer,
  windows: readonly PromptWindow[],
  count: number,
): PromptWindow[] {
  const empty = Array.from({ length: Math.max(0, count - windows.length) }, () => ({
    ids: tokenizer.window([]),
    weights: new Float32Array(tokenizer.windowLength).fill(1),
  }))
  return [...windows, ...empty]
}

/**
 * One window's embeddings, tokens x width, each token's multiplied by its weight and all scaled so that their mean stays
 * what it was; the embeddings themselves where every weight is 1. A mean that cannot be restored, because nothing is left,
 * is not.
 */
export function applyWeights(embeddings: Float32Array, weights: Float32Array): Float32Array {
  if (weights.every((weight) => weight === 1)) return embeddings
  const width = embeddings.length / weights.length
  if (!Number.isInteger(width))
    throw new RangeError(`${embeddings.length} values do not divide into ${weights.length} tokens`)
  const weighted = embeddings.map((value, i) => value * weights[Math.floor(i / width)]!)
  const scale = sum(embeddings) / sum(weighted)
  return Number.isFinite(scale) ? weighted.map((value) => value * scale) : weighted
}

function sum(values: Float32Array): number {
  return values.reduce((total, value) => total + value, 0)
}
