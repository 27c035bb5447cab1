/** `inlay outpaint`: makes the canvas larger and fills what is new. */
import { MASKING, type Recipe, SAMPLING, WORDS } from '../generation/recipe.ts'

export const OUTPAINT: Recipe = {
  name: 'outpaint',
  task: 'inpaint',
  summary: 'make a picture larger and fill what is new',
  description:
    'Adds pixels on the sides named and makes them from their surroundings and the prompt. So that both meet, a rim of 16\n' +
    'pixels of the picture is made anew as well (more with --grow and --feather, which is 12 here).',
  examples: ['inlay outpaint beach.jpg --left 256 --right 256 --model sd-inpainting -o beach-wide.png'],
  changesPicture: true,
  mask: 'none',
  options: ['left', 'top', 'right', 'bottom', ...SAMPLING, ...WORDS, 'strength', ...MASKING],
  feather: 12,
  suffix: 'larger',
}
