/**
 * What `JSON.parse` does not mind and a header may not do: repeat a name within an object, or nest without end.
 *
 * Invariant: one pass, no recursion, memory in proportion to the text. A text that passes may still be no JSON.
 */
const DEEPEST = 16

/** Throws an `Error` with a short reason. */
export function checkJsonKeys(text: string): void {
  // One set of names for each object that is open, null for an array.
  const open: (Set<string> | null)[] = []
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]
    if (sign === '{' || sign === '[') {
      if (open.length === DEEPEST) throw new Error('nested too deeply')
      open.push(sign === '{' ? new Set() : null)
    } else if (sign === '}' || sign === ']') {
      open.pop()
    } else if (sign === '"') {
      const end = endOfString(text, at)
      const names = open.at(-1)
      if (names && isFollowedByColon(text, end)) {
        const name = JSON.parse(text.slice(at, end)) as string
        if (names.has(name))
          throw new Error(`the name ${JSON.stringify(name.slice(0, 200))} stands there twice`)
        names.add(name)
      }
      at = end - 1
    }
  }
}

/** The index after the closing quote of the string that opens at `at`. */
function endOfString(text: string, at: number): number {
  for (let end = at + 1; end < text.length; end++) {
    if (text[end] === '\\') end++
    else if (text[end] === '"') return end + 1
  }
  throw new Error('a text without end')
}

function isFollowedByColon(text: string, at: number): boolean {
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++
  return text[at] === ':'
}
