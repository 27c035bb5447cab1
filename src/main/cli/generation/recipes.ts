/** The commands that make pictures, in the order of the help. */
import { DIFFEDIT } from '../commands/diffedit.ts'
import { IMG2IMG } from '../commands/img2img.ts'
import { INPAINT } from '../commands/inpaint.ts'
import { INSTRUCT } from '../commands/instruct.ts'
import { OUTPAINT } from '../commands/outpaint.ts'
import { REMOVE } from '../commands/remove.ts'
import { TXT2IMG } from '../commands/txt2img.ts'
import type { Recipe } from './recipe.ts'

export const RECIPES: readonly Recipe[] = [REMOVE, INPAINT, IMG2IMG, TXT2IMG, OUTPAINT, INSTRUCT, DIFFEDIT]
