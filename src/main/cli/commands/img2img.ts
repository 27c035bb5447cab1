/** `inlay img2img`: makes a picture like another one, as words say. */
import { MASKING, type Recipe, SAMPLING, WORDS } from '../generation/recipe.ts'

export const IMG2IMG: Recipe = {
  name: 'img2img',
  task: 'image-to-image',
  summary: 'change a picture as words say, starting from it',
  description:
    'Starts from the picture with noise on it: little strength keeps its shapes, much forgets them.\n' +
    'Without a mask what differs in the end is the mask.',
  examples: [
    'inlay img2img sketch.png --model sd-1.5 --prompt "an oil painting of a harbour" --strength 0.6 -o harbour.png',
  ],
  changesPicture: true,
  mask: 'possible',
  options: [...SAMPLING, ...WORDS, 'strength', ...MASKING],
  strength: 0.75,
  suffix: 'changed',
}
