/** `inlay inpaint`: fills what a mask covers from words. */
import { MASKING, type Recipe, SAMPLING, WORDS } from '../generation/recipe.ts'

export const INPAINT: Recipe = {
  name: 'inpaint',
  task: 'inpaint',
  summary: 'fill what a mask covers with a model, from words',
  description: 'Makes anew what the mask covers, as the prompt says.',
  examples: [
    'inlay inpaint beach.jpg --mask boat.png --model sd-inpainting --prompt "calm water" -o beach-2.png',
    'inlay inpaint beach.inlay --mask boat.png --model ./sd-inpainting --candidates 3 --seed 7',
  ],
  changesPicture: true,
  mask: 'needed',
  options: [...SAMPLING, ...WORDS, 'strength', ...MASKING],
  suffix: 'inpainted',
}
