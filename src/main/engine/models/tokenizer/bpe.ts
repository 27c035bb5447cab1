/**
 * Byte-pair encoding of one word.
 *
 * Invariant: the pair with the lowest rank is joined first, of equal pairs the leftmost: the order in which the vocabulary
 * was learned (Sennrich et al. 2016, "Neural Machine Translation of Rare Words with Subword Units", section 3.2). A heap over
 * a linked list keeps a word of n bytes at O(n log n), so that a prompt made to be slow is not.
 */

/** What a vocabulary says: token texts in the byte-level alphabet with their ids, and the joins in order of rank. */
export interface BpeTables {
  readonly vocabulary: ReadonlyMap<string, number>
  readonly merges: readonly (readonly [string, string])[]
}

/** Marks the last symbol of a word. */
export const END_OF_WORD = '</w>'

interface Merge {
  readonly rank: number
  readonly id: number
}

/** Words are cached up to this length and number: prompts repeat words, and an attacker's words must not fill the memory. */
const CACHED_LENGTH = 64
const CACHED_WORDS = 10_000

/** Ranks and positions share one number in the heap: rank * POSITIONS + position, exact below 2^53. */
const POSITIONS = 2 ** 32

export class BytePairs {
  readonly #inside: Int32Array
  readonly #last: Int32Array
  readonly #merges = new Map<number, Merge>()
  readonly #span: number
  readonly #cache = new Map<string, readonly number[]>()

  /**
   * @param unknown the id of a byte that the vocabulary lacks
   * @throws RangeError naming the join whose parts or result the vocabulary lacks
   */
  constructor(tables: BpeTables, unknown: number) {
    const { vocabulary, merges } = tables
    const alphabet = byteAlphabet()
    this.#inside = Int32Array.from(alphabet, (symbol) => vocabulary.get(symbol) ?? unknown)
    this.#last = Int32Array.from(alphabet, (symbol) => vocabulary.get(symbol + END_OF_WORD) ?? unknown)
    let largest = unknown
    for (const id of vocabulary.values()) largest = Math.max(largest, id)
    this.#span = largest + 1
    for (const [rank, [left, right]] of merges.entries()) {
      const [a, b, id] = [left, right, left + right].map((text) => vocabulary.get(text))
      if (a === undefined || b === undefined || id === undefined)
        throw new RangeError(`The join of "${left}" and "${right}" is not in the vocabulary`)
      const key = a * this.#span + b
      if (!this.#merges.has(key)) this.#merges.set(key, { rank, id })
    }
  }

  /** The ids of one word (no white space in it), at least one. */
  encode(word: string): readonly number[] {
    const known = this.#cache.get(word)
    if (known) return known
    const ids = this.#join(Buffer.from(word, 'utf8'))
    if (word.length <= CACHED_LENGTH) {
      if (this.#cache.size >= CACHED_WORDS) this.#cache.clear()
      this.#cache.set(word, ids)
    }
    return ids
  }

  #join(bytes: Uint8Array): readonly number[] {
    const end = bytes.length
    const ids = Int32Array.from(bytes, (byte, i) => (i === end - 1 ? this.#last[byte]! : this.#inside[byte]!))
    // A joined symbol lives on at its left place; `next` skips what it swallowed, and a swallowed place has the id -1.
    const next = Int32Array.from(bytes, (_, i) => i + 1)
    const previous = Int32Array.from(bytes, (_, i) => i - 1)
    const heap = new MinHeap()
    const offer = (left: number): void => {
      const right = left < 0 ? end : next[left]!
      if (right >= end) return
      const merge = this.#merges.get(ids[left]! * this.#span + ids[right]!)
      if (merge) heap.push(merge.rank * POSITIONS + left)
    }
    for (let i = 0; i < end - 1; i++) offer(i)
    for (let key = heap.pop(); key !== undefined; key = heap.pop()) {
      const left = key % POSITIONS
      const right = next[left]!
      if (ids[left] === -1 || right >= end) continue
      const merge = this.#merges.get(ids[left]! * this.#span + ids[right]!)
      // An older offer, overtaken by a join beside it.
      if (!merge || merge.rank * POSITIONS + left !== key) continue
      ids[left] = merge.id
      ids[right] = -1
      next[left] = next[right]!
      if (next[left]! < end) previous[next[left]!] = left
      offer(left)
      offer(previous[left]!)
    }
    return [...ids].filter((id) => id !== -1)
  }
}

/** A binary heap of numbers, smallest first. */
class MinHeap {
  readonly #items: number[] = []

  push(value: number): void {
    const items = this.#items
    let at = items.push(value) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (items[parent]! <= value) break
      items[at] = items[parent]!
      at = parent
    }
    items[at] = value
  }

  pop(): number | undefined {
    const items = this.#items
    const top = items[0]
    const moved = items.pop()
    if (top === undefined || moved === undefined || items.length === 0) return top
    let at = 0
    for (let child = 1; child < items.length; child = 2 * at + 1) {
      if (child + 1 < items.length && items[child + 1]! < items[child]!) child++
      if (items[child]! >= moved) break
      items[at] = items[child]!
      at = child
    }
    items[at] = moved
    return top
  }
}

/**
 * The printable character that stands for each byte in a byte-level vocabulary: visible Latin-1 characters stand for
 * themselves, all others, in order, for U+0100 and up (Radford et al. 2019, the GPT-2 vocabulary).
 */
function byteAlphabet(): readonly string[] {
  let spare = 0x100
  return Array.from({ length: 256 }, (_, byte) => {
    const visible = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae
    return String.fromCodePoint(visible ? byte : spare++)
  })
}
