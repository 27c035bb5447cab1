/**
 * The alpha that peft writes into a file's metadata instead of into tensors.
 *
 * Invariant: metadata that is missing or of another shape says nothing; it never makes a file unreadable.
 */
import { z } from 'zod'
import { flatLayerName, type LoraComponent } from './names.ts'

const Alpha = z.number().finite()
const Settings = z.record(z.string(), z.unknown())
const Pattern = z.record(z.string(), Alpha)

/**
 * @param metadata `__metadata__` of the file's header
 * @returns the alpha of a layer by its flat name; undefined where the file says none
 */
export function alphaFromMetadata(
  metadata: Readonly<Record<string, string>>,
): (component: LoraComponent, flatName: string) => number | undefined {
  const settings = parseSettings(metadata['lora_adapter_metadata'])
  const patterns = new Map<string, ReadonlyMap<string, number>>()
  const patternOf = (component: LoraComponent): ReadonlyMap<string, number> => {
    let known = patterns.get(component)
    if (!known) {
      const pattern = Pattern.safeParse(settings[`${component}.alpha_pattern`]).data ?? {}
      known = new Map(Object.entries(pattern).map(([name, alpha]) => [flatLayerName(name), alpha]))
      patterns.set(component, known)
    }
    return known
  }
  return (component, flatName) => {
    for (const [name, alpha] of patternOf(component))
      if (flatName === name || flatName.endsWith(`_${name}`)) return alpha
    return Alpha.safeParse(settings[`${component}.lora_alpha`]).data
  }
}

function parseSettings(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    return Settings.parse(JSON.parse(text ?? '{}'))
  } catch {
    return {}
  }
}
