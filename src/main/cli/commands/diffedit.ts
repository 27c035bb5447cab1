/** `inlay diffedit`: changes one thing into another; where it is, the model finds itself. */
import { MASKING, type Recipe, SAMPLING, WORDS } from '../generation/recipe.ts'

export const DIFFEDIT: Recipe = {
  name: 'diffedit',
  task: 'diffedit',
  summary: 'change one thing into another, without a mask',
  description:
    'What the model would do differently for the two texts is the mask (Couairon et al., 2023), unless one is given.',
  examples: [
    'inlay diffedit bowl.jpg --model sd-1.5 --source "a bowl of apples" --prompt "a bowl of pears" -o pears.png',
  ],
  changesPicture: true,
  mask: 'possible',
  options: ['source', ...SAMPLING, ...WORDS, 'strength', ...MASKING],
  strength: 0.75,
  suffix: 'changed',
}
