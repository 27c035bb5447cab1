/**
 * Golden prompts through the attention grammar.
 *
 * Invariant: a case passes only if every prompt gives exactly the reference's texts and breaks, and its weights within the
 * file's tolerance.
 */

import { type PromptPart, parsePrompt } from '../prompt-weights.ts'
import { compared, type GoldenResult } from './compare.ts'
import { readJson } from './files.ts'

interface PromptsFile {
  readonly weight_tolerance: number
  readonly cases: readonly { readonly prompt: string; readonly expected: readonly PromptPart[] }[]
}

/** The error is the number of prompts that were read otherwise. */
export function runPromptsCase(name: string, file: string): Promise<GoldenResult> {
  return compared(name, { prompts: 0 }, async () => {
    const { cases, weight_tolerance: tolerance } = (await readJson(file)) as PromptsFile
    if (cases.length === 0) throw new Error(`${file} holds no prompt`)
    const wrong = cases.filter(({ prompt, expected }) => {
      const parts = parsePrompt(prompt)
      return (
        parts.length !== expected.length || parts.some((part, i) => !isSame(part, expected[i]!, tolerance))
      )
    })
    const count = (value: number) => ({ prompts: { data: Float32Array.of(value), shape: [] } })
    return { found: count(wrong.length), expected: count(0) }
  })
}

function isSame(part: PromptPart, expected: PromptPart, tolerance: number): boolean {
  if ('break' in part || 'break' in expected) return 'break' in part && 'break' in expected
  return part.text === expected.text && Math.abs(part.weight - expected.weight) <= tolerance
}
