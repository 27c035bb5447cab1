/**
 * The name a model gets on the list where the person gives none: that of its folder or file, passing over names that say nothing.
 *
 * Invariant: 1 to 100 characters, no path separators, nothing that a shell would take for an option.
 */
import path from 'node:path'
import { InlayError } from '../../../../shared/errors.ts'

/** What layouts call their parts, whatever the model is. */
const SAYS_NOTHING =
  /^(model|models|diffusion_pytorch_model|pytorch_model|unet|vae|vae_1_0|text_encoder|text_encoder_2|main|snapshots|checkpoint|weights|[0-9a-f]{40})$/i
const LONGEST = 100

export function nameOfModel(place: string): string {
  const parts = path
    .resolve(place)
    .split(path.sep)
    .filter((part) => part !== '')
  const names = parts.map(cleaned).reverse()
  const own =
    names.find((name) => name !== '' && !SAYS_NOTHING.test(name)) ?? names.find((name) => name !== '')
  return own ?? 'model'
}

/** @throws InlayError `usage` where a name given is empty, long, or has signs that end a line */
export function requireName(name: string): void {
  if (name.trim() === '' || name.length > LONGEST || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(name))
    throw new InlayError('usage', `A model's name has 1 to ${LONGEST} letters on one line.`)
}

/** Without the ending and the precision; a hub cache's `models--owner--name` becomes its last part. */
function cleaned(part: string): string {
  const stem = part.replace(/\.(safetensors|onnx)$/i, '').replace(/[._-](fp16|fp32|bf16)$/i, '')
  const hub = /^models--.*--([^-].*)$/.exec(stem)?.[1] ?? stem
  return hub
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\\:]/gu, ' ')
    .trim()
    .replace(/^-+/, '')
    .slice(0, LONGEST)
    .trim()
}
