import { describe, expect, it, test } from 'vitest'
import {
  errorInWords,
  fitted,
  inMode,
  lackOf,
  modeOf,
  modesOf,
  presetOf,
  presetSteps,
  secondsInWords,
} from '../../../src/renderer/editor/generation-state.ts'
import { settled, shownCandidate, type Working } from '../../../src/renderer/editor/in-hand-state.ts'
import { DEFAULT_GENERATION, GenerationRequest } from '../../../src/shared/generation.ts'
import { CandidateId } from '../../../src/shared/ids.ts'
import type { GeneratingModel } from '../../../src/shared/rpc/contract.ts'

const BUILT_IN: GeneratingModel = {
  name: 'built-in',
  label: 'Built-in model',
  tasks: ['inpaint'],
  words: false,
  asymmetric: true,
  side: 512,
  defaults: { steps: 8, guidance: 1 },
}
const INSTRUCT: GeneratingModel = {
  name: 'pix2pix',
  label: 'pix2pix',
  tasks: ['instruct'],
  words: true,
  asymmetric: false,
  side: 512,
  defaults: { steps: 20, guidance: 7.5 },
}

describe('a request handed to another model', () => {
  it('asks only for what that can do, with its own steps and guidance', () => {
    const request = { ...DEFAULT_GENERATION, prompt: 'a cat', task: 'diffedit', scheduler: 'lcm' } as const
    expect(fitted(request, BUILT_IN)).toEqual({
      ...request,
      model: 'built-in',
      task: 'inpaint',
      steps: 8,
      guidance: 1,
      scheduler: null,
    })
    expect(fitted(request, INSTRUCT)).toMatchObject({
      task: 'instruct',
      decoder: 'plain',
      scheduler: 'lcm',
      prompt: 'a cat',
    })
  })

  it('stays one that the host takes, also from a model that is guided by less than nothing', () => {
    const odd = { ...BUILT_IN, defaults: { steps: 1, guidance: 0 } }
    expect(() => GenerationRequest.parse(fitted(DEFAULT_GENERATION, odd))).not.toThrow()
    for (const preset of ['draft', 'standard', 'fine'] as const)
      expect(() =>
        GenerationRequest.parse({ ...DEFAULT_GENERATION, steps: presetSteps(preset, odd) }),
      ).not.toThrow()
  })
})

test('presets are halves and doubles of what the model works best with', () => {
  const steps = (['draft', 'standard', 'fine'] as const).map((preset) => presetSteps(preset, BUILT_IN))
  expect(steps).toEqual([4, 8, 16])
  expect(steps.map((each) => presetOf(each, BUILT_IN))).toEqual(['draft', 'standard', 'fine'])
  expect(presetOf(5, BUILT_IN)).toBeNull()
})

test('what a request lacks is said, once', () => {
  const request = { ...DEFAULT_GENERATION, prompt: ' ' }
  expect(lackOf(request, false)).toMatch(/^Paint over/)
  expect(lackOf(request, true)).toBeNull()
  for (const task of ['text-to-image', 'instruct', 'diffedit'] as const) {
    expect(lackOf({ ...request, task }, true)).toMatch(/^Write what/)
    expect(lackOf({ ...request, task, prompt: 'a cat' }, false)).toBeNull()
  }
  expect(lackOf({ ...request, task: 'image-to-image' }, false)).toBeNull()
})

test('outpainting is a mode of what can inpaint, wants a side to grow on and no selection', () => {
  expect(modesOf(BUILT_IN)).toEqual(['inpaint', 'outpaint'])
  expect(modesOf(INSTRUCT)).toEqual(['instruct'])
  const request = { ...DEFAULT_GENERATION, ...inMode('outpaint') }
  expect(modeOf(request)).toBe('outpaint')
  expect(lackOf(request, true)).toMatch(/^Say by how much/)
  const grows = { ...request, outpaint: { left: 0, top: 0, right: 8, bottom: 0 } }
  expect(lackOf(grows, false)).toBeNull()
  expect(fitted(grows, BUILT_IN).outpaint).toEqual(grows.outpaint)
  expect(modeOf(fitted(grows, INSTRUCT))).toBe('instruct')
  expect(modeOf({ ...grows, ...inMode('inpaint') })).toBe('inpaint')
})

test.each([
  [0, '0'],
  [0.00042, '0.00042'],
  [0.12345, '0.12'],
  [1e-4, '0.0001'],
  [0.0000314, '3.1 × 10⁻⁵'],
  [2e-10, '2.0 × 10⁻¹⁰'],
])('an error of %d reads %s', (value, words) => {
  expect(errorInWords(value)).toBe(words)
})

test.each([
  [0, '0.1 s'],
  [9.26, '9.3 s'],
  [75, '75 s'],
  [600, '10 min'],
])('%d seconds read %s', (value, words) => {
  expect(secondsInWords(value)).toBe(words)
})

describe('when the work ends', () => {
  const candidate = (id: string) => ({
    id: CandidateId.parse(id),
    request: DEFAULT_GENERATION,
    index: 0,
    report: null,
    tiles: {},
    bounds: { x: 0, y: 0, width: 1, height: 1 },
    seconds: 1,
  })
  const [old, first, second] = ['old', 'first', 'second'].map(candidate)
  const working: Working = {
    phase: 'working',
    by: 'generate',
    fraction: 1,
    stage: '',
    secondsLeft: null,
    abort: new AbortController(),
    preview: null,
    candidates: [],
    chosen: null,
  }

  it('nothing made is nothing to choose', () => {
    expect(settled(working, 0)).toEqual({ phase: 'idle' })
  })

  it('the first new one is looked at, or the one that was looked at already', () => {
    const all = { ...working, candidates: [old!, first!, second!] }
    expect(shownCandidate(settled(all, 1))).toBe(first)
    expect(shownCandidate(settled({ ...all, chosen: 2 }, 1))).toBe(second)
  })

  it('what was there before is still there when nothing new has come', () => {
    expect(shownCandidate(settled({ ...working, candidates: [old!] }, 1))).toBe(old)
  })
})
