/** `inlay remove`: fills what a mask covers, without words. */
import type { Recipe } from '../generation/recipe.ts'

export const REMOVE: Recipe = {
  name: 'remove',
  task: 'inpaint',
  summary: 'remove what a mask covers from a photograph or project',
  description: 'Fills what the mask covers from its surroundings: by searching them, or with a model.',
  examples: [
    'inlay remove beach.jpg --mask people.png -o beach-empty.png',
    'inlay remove beach.jpg --mask people.png --grow 4 --feather 3 -o beach.inlay',
    'inlay remove beach.inlay --mask sign.png --fill built-in',
  ],
  changesPicture: true,
  mask: 'needed',
  options: ['fill', 'grow', 'feather', 'seed'],
  suffix: 'removed',
}
