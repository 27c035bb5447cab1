/**
 * The names in a LoRA file, of whichever tool wrote it.
 *
 * Invariant: every key of the file belongs to exactly one module, or the file is refused with the key's name. Known are
 * kohya's names (`lora_unet_down_blocks_0_…`, `lora_te1_…`, dots flattened to underscores), those of diffusers and peft
 * (`unet.down_blocks.0.….lora_A.weight`) and those of the older attention processors (`….processor.to_q_lora.down.weight`).
 */
import { InlayError } from '../../../../shared/errors.ts'

export type LoraComponent = 'unet' | 'text_encoder' | 'text_encoder_2'

/** One adapted layer: which tensors of the file hold its factors. */
export interface LoraModule {
  readonly component: LoraComponent
  /** The layer's name with every dot as an underscore and without CLIP's leading `text_model`: what all tools agree on. */
  readonly flatName: string
  readonly down: string
  readonly up: string
  /** A third factor between the two (LyCORIS, convolutions). */
  readonly mid: string | null
  readonly alpha: string | null
}

type Part = 'down' | 'up' | 'mid' | 'alpha'

const KOHYA: readonly (readonly [prefix: string, component: LoraComponent])[] = [
  ['lora_unet_', 'unet'],
  ['lora_te1_', 'text_encoder'],
  ['lora_te2_', 'text_encoder_2'],
  ['lora_te_', 'text_encoder'],
]
const DOTTED: readonly (readonly [prefix: string, component: LoraComponent])[] = [
  ['unet.', 'unet'],
  ['text_encoder_2.', 'text_encoder_2'],
  ['text_encoder.', 'text_encoder'],
  ['diffusion_model.', 'unet'],
]

/** How a key ends, and which part of a module that is. */
const ENDINGS: readonly (readonly [ending: RegExp, part: Part])[] = [
  [/\.(?:lora_A(?:\.[\w-]+)?|lora_down|lora\.down|lora_linear_layer\.down)\.weight$/, 'down'],
  [/\.(?:lora_B(?:\.[\w-]+)?|lora_up|lora\.up|lora_linear_layer\.up)\.weight$/, 'up'],
  [/_lora\.down\.weight$/, 'down'],
  [/_lora\.up\.weight$/, 'up'],
  [/\.lora_mid\.weight$/, 'mid'],
  [/\.alpha$/, 'alpha'],
]

const OTHER_KINDS: readonly (readonly [pattern: RegExp, kind: string])[] = [
  [/\.dora_scale$|\.lora_magnitude_vector/, 'DoRA'],
  [/\.lokr_/, 'LoKr'],
  [/\.hada_/, 'LoHa'],
  [/\.oft_|\.boft_/, 'OFT'],
  [/\.diff(?:_b)?$/, 'full-difference'],
  [/^lora_transformer_|^transformer\.|^lora_te3_|(?:double|single)_blocks/, 'transformer'],
]

/**
 * Sorts the keys of a LoRA file into modules.
 * @param file named in errors
 * @throws InlayError `model.unsupported` (another kind of adapter, an unknown key), `model.unreadable` (half a module)
 */
export function loraModules(file: string, keys: Iterable<string>): readonly LoraModule[] {
  const found = new Map<
    string,
    { component: LoraComponent; flatName: string } & Partial<Record<Part, string>>
  >()
  for (const key of keys) {
    for (const [pattern, kind] of OTHER_KINDS)
      if (pattern.test(key))
        throw new InlayError(
          'model.unsupported',
          `${file} is a ${kind} file; Inlay merges plain LoRA files, look for one of these.`,
        )
    const name = split(key)
    if (!name)
      throw new InlayError(
        'model.unsupported',
        `${file} is no LoRA file that Inlay knows: it has a key "${key}".`,
      )
    const id = `${name.component}/${name.flatName}`
    const module = found.get(id) ?? { component: name.component, flatName: name.flatName }
    if (module[name.part] !== undefined)
      throw new InlayError(
        'model.unreadable',
        `${file} says twice what belongs to one layer: "${module[name.part]}" and "${key}".`,
      )
    module[name.part] = key
    found.set(id, module)
  }
  if (found.size === 0) throw new InlayError('model.unreadable', `${file} is empty; download it again.`)
  return [...found.values()].map(({ component, flatName, down, up, mid = null, alpha = null }) => {
    if (down === undefined || up === undefined)
      throw new InlayError('model.unreadable', `${file} has only half of ${flatName}; download it again.`)
    return { component, flatName, down, up, mid, alpha }
  })
}

/** A layer's name as `LoraModule.flatName` writes it. */
export function flatLayerName(name: string): string {
  return name.replaceAll('.', '_').replace(/^text_model_/, '')
}

function split(key: string): { component: LoraComponent; flatName: string; part: Part } | undefined {
  for (const [ending, part] of ENDINGS) {
    const at = key.search(ending)
    if (at <= 0) continue
    const layer = key.slice(0, at).replace(/^base_model\.model\./, '')
    for (const [prefix, component] of KOHYA)
      if (layer.startsWith(prefix))
        return { component, flatName: flatLayerName(layer.slice(prefix.length)), part }
    if (!layer.includes('.')) return undefined
    const [prefix, component] = DOTTED.find(([start]) => layer.startsWith(start)) ?? ['', 'unet' as const]
    const path = layer
      .slice(prefix.length)
      .replace(/^base_model\.model\./, '')
      .replace('.processor.', '.')
      .replace(/\.self_attn\.to_(q|k|v|out)$/, '.self_attn.$1_proj')
      .replace(/\.to_out$/, '.to_out.0')
    return { component, flatName: flatLayerName(path), part }
  }
  return undefined
}
