/**
 * From a LoRA's flat layer names to the weights of a component.
 *
 * Invariant: a name is found by what the component really holds, never by what its family should; names of the original
 * training code (`input_blocks_4_1_…`, as SDXL's trainers write them) are read through the same key map as checkpoints.
 */
import { unetConfig } from '../architectures/config.ts'
import { publishedDenoiserName } from '../checkpoint/key-map.ts'
import type { Adaptable } from './lora.ts'
import { flatLayerName } from './names.ts'

/** A function from `LoraModule.flatName` to the name of the component's weight; undefined where it has no such layer. */
export function loraLayerNames(component: Adaptable): (flatName: string) => string | undefined {
  const layers = new Map<string, string>()
  for (const name of component.tensors.keys()) {
    const layer = /^(.*)\.(?:weight|transposed)$/.exec(name)?.[1]
    if (layer !== undefined) layers.set(flatLayerName(layer), name)
  }
  if (component.architecture !== 'unet') return (flatName) => layers.get(flatName)
  const { channels, blocks } = unetConfig(component.config, component.source)
  const sizes = { unetLevels: channels.length, unetBlocks: blocks }
  return (flatName) => {
    const known = layers.get(flatName)
    if (known !== undefined || !ORIGINAL.test(flatName)) return known
    return layers.get(flatLayerName(publishedDenoiserName(withDots(flatName), sizes).slice(0, -1)))
  }
}

const ORIGINAL = /^(?:input_blocks|middle_block|output_blocks|time_embed|label_emb|out)_\d/

/** The dots that the key map reads by; inside an attention the names are the same, so flat ones may stay. Ends in a dot. */
function withDots(flatName: string): string {
  const dotted = flatName
    .replace(/^(input_blocks|output_blocks)_(\d+)_(\d+)(?:_|$)/, '$1.$2.$3.')
    .replace(/^(middle_block|time_embed|out)_(\d+)(?:_|$)/, '$1.$2.')
    .replace(/^label_emb_(\d+)_(\d+)$/, 'label_emb.$1.$2.')
    .replace(/\b(in_layers|out_layers|emb_layers)_(\d+)$/, '$1.$2')
  return dotted.endsWith('.') ? dotted : `${dotted}.`
}
