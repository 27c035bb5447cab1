/** `inlay txt2img`: makes a picture from words alone. */
import { type Recipe, SAMPLING, WORDS } from '../generation/recipe.ts'

export const TXT2IMG: Recipe = {
  name: 'txt2img',
  task: 'text-to-image',
  summary: 'make a picture from words',
  description: 'Makes a picture of the size that the model was trained on, or of another one.',
  examples: [
    'inlay txt2img --model sd-1.5 --prompt "a lighthouse in fog" --width 768 --height 512 -o lighthouse.png',
  ],
  changesPicture: false,
  mask: 'none',
  options: ['width', 'height', ...SAMPLING, ...WORDS],
  suffix: 'picture',
}
