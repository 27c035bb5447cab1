/**
 * The options of the commands that make pictures, each defined once: for the command line, and by the same name as a column
 * of a batch.
 *
 * Invariant: what was not given stays `undefined`, so that a batch can fill it in and the model's own defaults apply last.
 */
import path from 'node:path'
import { Option } from 'commander'
import { InlayError } from '../../../shared/errors.ts'
import { SCHEDULERS } from '../../../shared/generation.ts'
import { numberOption } from '../arguments.ts'

interface OptionSpec<T> {
  /** What stands for the value in the help; null for a switch. */
  readonly value: string | null
  readonly text: string
  /** @throws InlayError `usage` */
  readonly parse: (text: string) => T
  /** Given more than once it adds up. */
  readonly repeats?: true
}

export interface GivenLora {
  readonly path: string
  readonly weight: number
}

export const OPTIONS = {
  mask: spec('<picture>', 'picture of the same size: any value above 0 is made anew', String),
  model: spec('<model>', '`built-in`, the name of an installed model, or a path (default: built-in)', String),
  prompt: spec('<text>', 'what shall be there', String),
  negative: spec('<text>', 'what shall not', String),
  source: spec('<text>', 'what the picture shows now', String),
  seed: spec('<n>', 'another seed, another picture (default: 0)', numberOption('seed', 0, 0xffffffff, true)),
  candidates: spec(
    '<n>',
    'make several, 1 to 8: out-1.png, out-2.png…',
    numberOption('candidates', 1, 8, true),
  ),
  steps: spec('<n>', "1 to 200 (default: the model's own)", numberOption('steps', 1, 200, true)),
  scheduler: spec(
    '<name>',
    `${SCHEDULERS.join(', ')} (default: the model's own)`,
    choice('scheduler', SCHEDULERS),
  ),
  guidance: spec(
    '<x>',
    "how closely the prompt is followed, 1 to 50 (default: the model's own)",
    numberOption('guidance', 1, 50),
  ),
  imageGuidance: spec(
    '<x>',
    'how closely the picture is followed, 1 to 50 (default: 1.5)',
    numberOption('image-guidance', 1, 50),
  ),
  strength: spec(
    '<x>',
    'how far from the picture it may go: above 0, to 1 for noise alone (default: 1; of img2img and diffedit 0.75)',
    numberOption('strength', 0.001, 1),
  ),
  clipSkip: spec('<n>', 'read the prompt that many layers earlier', numberOption('clip-skip', 0, 11, true)),
  lora: {
    ...spec('<file:weight>', 'a LoRA and its weight from -4 to 4 (1 where left out)', loraOption),
    repeats: true,
  },
  grow: spec('<px>', 'grow the mask first', numberOption('grow', 0, 500)),
  feather: spec('<px>', 'soft rim inside the grown mask', numberOption('feather', 0, 250)),
  padding: spec(
    '<px>',
    'surroundings of the mask that the model sees (default: 64)',
    numberOption('padding', 0, 100_000),
  ),
  softMask: spec(
    null,
    'where the mask is grey, it is made anew only in the last steps',
    yesOrNo('soft-mask'),
  ),
  decoder: spec(
    '<which>',
    'asymmetric (default), which is shown the picture around the mask, or plain',
    choice('decoder', ['asymmetric', 'plain'] as const),
  ),
  width: spec(
    '<px>',
    'of the picture (default: what the model was trained on)',
    numberOption('width', 8, 16384, true),
  ),
  height: spec('<px>', 'of the picture', numberOption('height', 8, 16384, true)),
  left: spec('<px>', 'to add on the left', numberOption('left', 0, 16384, true)),
  top: spec('<px>', 'at the top', numberOption('top', 0, 16384, true)),
  right: spec('<px>', 'on the right', numberOption('right', 0, 16384, true)),
  bottom: spec('<px>', 'at the bottom', numberOption('bottom', 0, 16384, true)),
  fill: spec('<what>', '`patch-fill` (default), `built-in`, an installed model or a path', String),
  quality: spec('<1-100>', 'of a lossy output', numberOption('quality', 1, 100, true)),
} as const satisfies Readonly<Record<string, OptionSpec<unknown>>>

export type OptionName = keyof typeof OPTIONS
type ValueOf<N extends OptionName> = N extends 'lora'
  ? readonly GivenLora[]
  : ReturnType<(typeof OPTIONS)[N]['parse']>
/** What was given, parsed. */
export type Given = { readonly [N in OptionName]?: ValueOf<N> }

/** `clipSkip` is `clip-skip` on the command line and in the head of a batch. */
export function flagOf(name: OptionName): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** For commander. */
export function optionOf(name: OptionName): Option {
  const { value, text, parse, repeats }: OptionSpec<unknown> = OPTIONS[name]
  const option = new Option(value === null ? `--${flagOf(name)}` : `--${flagOf(name)} ${value}`, text)
  if (value === null) return option
  return option.argParser((given: string, before: unknown) =>
    repeats ? [...((before as unknown[] | undefined) ?? []), parse(given)] : parse(given),
  )
}

/** Reads the cell of a batch; several LoRAs are separated by semicolons. @throws InlayError `usage` */
export function parseCell(name: OptionName, text: string): unknown {
  const { parse, repeats }: OptionSpec<unknown> = OPTIONS[name]
  return repeats ? text.split(';').map((part) => parse(part.trim())) : parse(text)
}

function spec<T>(value: string | null, text: string, parse: (text: string) => T): OptionSpec<T> {
  return { value, text, parse }
}

export function choice<const C extends string>(name: string, choices: readonly C[]): (text: string) => C {
  return (text) => {
    const found = choices.find((one) => one === text)
    if (found === undefined)
      throw new InlayError('usage', `--${name} is one of ${choices.join(', ')}, not "${text}".`)
    return found
  }
}

function yesOrNo(name: string): (text: string) => boolean {
  return (text) => {
    if (/^(yes|true|1)$/i.test(text)) return true
    if (/^(no|false|0)$/i.test(text)) return false
    throw new InlayError('usage', `--${name} is yes or no, not "${text}".`)
  }
}

/** What follows the last colon is the weight where it is a number: `C:\film.safetensors` has none. */
function loraOption(text: string): GivenLora {
  const [, file, weight] = /^(.+):(-?[0-9.]+)$/.exec(text) ?? [null, text, '1']
  if (file === '') throw new InlayError('usage', '--lora names a file, like film-grain.safetensors:0.8.')
  return { path: path.resolve(file!), weight: numberOption('lora', -4, 4)(weight!) }
}
