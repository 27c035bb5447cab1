/** From what is typed, or stands in a cell, to a request. */
import path from 'node:path'
import { expect, test } from 'vitest'
import { parseShard } from '../../../src/main/cli/batch/shard.ts'
import { type Given, type OptionName, parseCell } from '../../../src/main/cli/generation/options.ts'
import {
  generationRequest,
  marginsOf,
  modelOf,
  removalRequest,
} from '../../../src/main/cli/generation/recipe.ts'
import { RECIPES } from '../../../src/main/cli/generation/recipes.ts'
import { formatSeconds, progressLine } from '../../../src/main/cli/progress.ts'

const recipe = (name: string) => RECIPES.find((one) => one.name === name)!
const defaults = { steps: 8, guidance: 1 }
const request = (name: string, given: Given = {}) => generationRequest(recipe(name), given, 'm', defaults)

test('what is not said is the model’s own, or the default', () => {
  expect(request('inpaint')).toMatchObject({
    task: 'inpaint',
    model: 'm',
    steps: 8,
    guidance: 1,
    strength: 1,
    grow: 0,
    feather: 0,
    scheduler: null,
    seed: 0,
    candidates: 1,
    decoder: 'asymmetric',
    loras: [],
    size: null,
  })
  expect(request('img2img').strength).toBe(0.75)
  expect(request('inpaint', { steps: 3, guidance: 9, strength: 0.5 })).toMatchObject({
    steps: 3,
    guidance: 9,
    strength: 0.5,
  })
})

test('every recipe makes a request of its task with each of its options', () => {
  const example: { [N in OptionName]?: string } = {
    steps: '5',
    seed: '7',
    candidates: '2',
    scheduler: 'euler',
    prompt: 'a',
    negative: 'b',
    guidance: '3',
    clipSkip: '1',
    lora: 'x.safetensors:0.5',
    strength: '0.4',
    grow: '2',
    feather: '1',
    padding: '32',
    softMask: 'yes',
    decoder: 'plain',
    source: 'c',
    imageGuidance: '2',
  }
  for (const one of RECIPES.filter(({ name }) => name !== 'remove')) {
    const named = one.options.filter((name) => example[name] !== undefined)
    const given = Object.fromEntries(named.map((name) => [name, parseCell(name, example[name]!)]))
    const made = generationRequest(one, given as Given, 'm', defaults) as Record<string, unknown>
    expect(made['task']).toBe(one.task)
    for (const name of named)
      if (name !== 'lora') expect(made[name], `${one.name} ${name}`).toEqual(given[name])
    if (named.includes('lora'))
      expect(made['loras']).toEqual([{ path: path.resolve('x.safetensors'), weight: 0.5 }])
  }
})

test.each([
  ['film.safetensors', [{ path: path.resolve('film.safetensors'), weight: 1 }]],
  ['film.safetensors:-0.5', [{ path: path.resolve('film.safetensors'), weight: -0.5 }]],
  [
    'a.safetensors:2; b:c.safetensors:.5',
    [
      { path: path.resolve('a.safetensors'), weight: 2 },
      { path: path.resolve('b:c.safetensors'), weight: 0.5 },
    ],
  ],
])('LoRA %s', (text, expected) => {
  expect(parseCell('lora', text)).toEqual(expected)
})

test.each([
  ['steps', '0'],
  ['steps', '201'],
  ['steps', '2.5'],
  ['steps', ''],
  ['steps', '1e9'],
  ['seed', '-1'],
  ['seed', '4294967296'],
  ['guidance', '0.5'],
  ['guidance', 'NaN'],
  ['strength', '0'],
  ['strength', '1.01'],
  ['scheduler', 'heun'],
  ['decoder', 'none'],
  ['candidates', '9'],
  ['clipSkip', '12'],
  ['lora', 'x.safetensors:5'],
  ['lora', ''],
  ['softMask', 'perhaps'],
  ['width', '7'],
] as const)('%s cannot be %j', (name, text) => {
  expect(() => parseCell(name, text)).toThrow(expect.objectContaining({ code: 'usage' }))
})

test('a prompt beyond measure is one error that names it', () => {
  const prompt = 'word '.repeat(30_000)
  expect(() => request('inpaint', { prompt })).toThrow(expect.objectContaining({ code: 'usage' }))
  expect(() => request('inpaint', { prompt })).toThrow('--prompt')
  expect(request('inpaint', { prompt: 'word '.repeat(10_000) }).prompt).toHaveLength(50_000)
})

test('what is removed is filled without a model unless one is named', () => {
  expect(modelOf(recipe('remove'), {})).toBeNull()
  expect(modelOf(recipe('remove'), { fill: 'patch-fill' })).toBeNull()
  expect(modelOf(recipe('remove'), { fill: 'built-in' })).toBe('built-in')
  expect(modelOf(recipe('inpaint'), {})).toBe('built-in')
  expect(removalRequest({ grow: 3, seed: 5 })).toMatchObject({
    grow: 3,
    feather: 0,
    seed: 5,
    fill: 'patch-fill',
  })
})

test('a picture grows somewhere or not at all', () => {
  expect(marginsOf({ left: 8 })).toEqual({ left: 8, top: 0, right: 0, bottom: 0 })
  expect(() => marginsOf({ top: 0 })).toThrow(expect.objectContaining({ code: 'usage' }))
})

test.each(['0/4', '5/4', '3', '1/0', '-1/4', '1/4/2', 'a/b', '1.5/2'])('no shard: %s', (text) => {
  expect(() => parseShard(text)).toThrow(expect.objectContaining({ code: 'usage' }))
})

test('the progress line says where it is and what is left, within the terminal', () => {
  const line = progressLine({ fraction: 0.5, stage: 'Step 4 of 8', secondsLeft: 75 }, '[2/3] ')
  expect(line).toMatch(/^\[2\/3\] █{12}░{12} {2}50 % Step 4 of 8, 1 min 15 s left$/)
  expect(progressLine({ fraction: 1, stage: 'x'.repeat(200), secondsLeft: null }, '', 40)).toHaveLength(39)
})

test.each([
  [0.04, '0.0 s'],
  [9.96, '10 s'],
  [59.4, '59 s'],
  [59.6, '1 min 0 s'],
  [3599.6, '1 h 0 min'],
  [7800, '2 h 10 min'],
])('%d seconds', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text)
})
