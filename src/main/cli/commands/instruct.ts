/** `inlay instruct`: changes a picture as an instruction says. */
import { MASKING, type Recipe, SAMPLING, WORDS } from '../generation/recipe.ts'

export const INSTRUCT: Recipe = {
  name: 'instruct',
  task: 'instruct',
  summary: 'change a picture by an instruction',
  description:
    'For models that were trained on instructions (InstructPix2Pix). Without a mask what differs in the end is the mask.',
  examples: [
    'inlay instruct street.jpg --model instruct-pix2pix --prompt "make it snow" --image-guidance 1.8 -o snow.png',
  ],
  changesPicture: true,
  mask: 'possible',
  options: ['imageGuidance', ...SAMPLING, ...WORDS, ...MASKING],
  suffix: 'changed',
}
