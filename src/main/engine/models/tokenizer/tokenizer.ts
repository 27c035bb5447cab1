/**
 * The CLIP tokenizer: text to the ids a text encoder was trained on.
 *
 * Invariant: the ids are those of the reference's fast tokenizer: special tokens are cut out of the text as it was typed;
 * what is left is brought into NFC, runs of white space become one space, each character is made lower case by itself (so
 * a sigma at the end of a word stays a plain sigma), and words are joined from bytes. Any string has ids, in time
 * proportional to its length.
 */
import { type BpeTables, BytePairs } from './bpe.ts'

export interface SpecialTokens {
  readonly start: string
  readonly end: string
  /** Fills a window. Where it is `!` (SD 2, SDXL's second tokenizer) every `!` of a text becomes this token. */
  readonly pad: string
  /** Stands for a byte the vocabulary lacks. */
  readonly unknown: string
}

/** Contractions, runs of letters, single digits, runs of anything else that is no white space. */
const WORD = /'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\p{White_Space}\p{L}\p{N}]+/gu

export class ClipTokenizer {
  readonly startId: number
  readonly endId: number
  readonly padId: number
  /** Ids in a window: 77 for every published CLIP. */
  readonly windowLength: number
  readonly #pairs: BytePairs
  readonly #special: ReadonlyMap<string, number>
  readonly #cut: RegExp

  /** @throws RangeError for tables that contradict each other */
  constructor(tables: BpeTables, tokens: SpecialTokens, windowLength: number) {
    const idOf = (token: string): number => {
      const id = tables.vocabulary.get(token)
      if (id === undefined) throw new RangeError(`The special token "${token}" is not in the vocabulary`)
      return id
    }
    this.startId = idOf(tokens.start)
    this.endId = idOf(tokens.end)
    this.padId = idOf(tokens.pad)
    this.windowLength = windowLength
    this.#pairs = new BytePairs(tables, idOf(tokens.unknown))
    // The longest first, so that one which begins another does not hide it.
    const special = [...new Set(Object.values<string>({ ...tokens }))].sort((a, b) => b.length - a.length)
    this.#special = new Map(special.map((token) => [token, idOf(token)]))
    this.#cut = new RegExp(
      `(${special.map((token) => token.replace(/[^\p{L}\p{N}]/gu, escaped)).join('|')})`,
      'u',
    )
  }

  /** The ids of a text, without start and end, of any length. */
  encode(text: string): number[] {
    const ids: number[] = []
    for (const piece of text.toWellFormed().split(this.#cut)) {
      const special = this.#special.get(piece)
      if (special !== undefined) ids.push(special)
      else for (const [word] of normalize(piece).matchAll(WORD)) append(ids, this.#pairs.encode(word))
    }
    return ids
  }

  /** One window: start, as many ids as fit, end, then padding. The rest is dropped, as the reference pipelines do. */
  window(ids: readonly number[]): Int32Array {
    const window = new Int32Array(this.windowLength).fill(this.padId)
    const kept = ids.slice(0, this.windowLength - 2)
    window[0] = this.startId
    window.set(kept, 1)
    window[kept.length + 1] = this.endId
    return window
  }

  /** As many windows as the ids need, at least one; each with its own start and end. */
  windows(ids: readonly number[]): Int32Array[] {
    const step = this.windowLength - 2
    const count = Math.max(1, Math.ceil(ids.length / step))
    return Array.from({ length: count }, (_, i) => this.window(ids.slice(i * step, (i + 1) * step)))
  }
}

/** Not `toLowerCase()` of the whole: that looks at a sigma's neighbours, which the reference does not. */
function normalize(text: string): string {
  const composed = text.normalize('NFC').replace(/\p{White_Space}+/gu, ' ')
  return composed.replace(/\p{Changes_When_Lowercased}/gu, (character) => character.toLowerCase())
}

/** `push(...)` would overflow the stack for a word of a million bytes. */
function append(target: number[], values: readonly number[]): void {
  for (const value of values) target.push(value)
}

/** A character that may mean something in a regular expression, as its code point. */
function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)!.toString(16)}}`
}
