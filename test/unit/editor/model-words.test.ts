import { expect, test } from 'vitest'
import {
  bytesInWords,
  exactBytes,
  parametersInWords,
  timeLeftInWords,
} from '../../../src/renderer/editor/model-words.ts'
import { isModelName } from '../../../src/renderer/editor/models.ts'
import { parseHubName } from '../../../src/shared/model-download.ts'
import type { ModelSummary } from '../../../src/shared/model-manifest.ts'
import { kindOf } from '../../../src/shared/model-words.ts'

const SUMMARY: ModelSummary = {
  layout: 'component',
  family: null,
  task: null,
  predictionType: null,
  components: [{ role: 'vae', architecture: 'asymmetric-autoencoder', parameters: 1 }],
  dtypes: ['F16'],
  bytes: 1,
  licence: null,
  missing: [],
  notices: [],
}

test('a model is called by its family and task, or by its network', () => {
  expect(kindOf({ ...SUMMARY, family: 'sd1', task: 'inpaint' })).toBe('Stable Diffusion 1, inpainting')
  expect(kindOf(SUMMARY)).toBe('asymmetric autoencoder')
  expect(kindOf({ ...SUMMARY, components: [] })).toBe('one network')
})

test('numbers read well at their borders', () => {
  expect([999, 1000, 9999, 999_400, 999_600, 5_213_442_118].map(bytesInWords)).toEqual([
    '999 bytes',
    '1.0 kB',
    '10.0 kB',
    '999 kB',
    '1.0 MB',
    '5.2 GB',
  ])
  expect(exactBytes(5_213_442_118)).toBe('5,213,442,118 bytes')
  expect([94_136, 859_520_964, 2_567_463_684].map(parametersInWords)).toEqual([
    '94,136',
    '859.5 million',
    '2.57 billion',
  ])
  expect([0.2, 30, 600, 8000].map(timeLeftInWords)).toEqual([
    'about 1 s left',
    'about 30 s left',
    'about 10 minutes left',
    'about 2.2 hours left',
  ])
})

test('models are told from pictures by their names', () => {
  expect(['a.safetensors', 'A.ONNX', 'old.ckpt'].every(isModelName)).toBe(true)
  expect(['a.jpg', 'a.inlay', 'safetensors'].some(isModelName)).toBe(false)
})

test('a hub name may be typed or pasted', () => {
  expect(parseHubName(' stabilityai/sd-vae-ft-mse ')).toEqual({
    repo: 'stabilityai/sd-vae-ft-mse',
    revision: null,
  })
  expect(parseHubName('a/b@refs/pr/1')).toEqual({ repo: 'a/b', revision: 'refs/pr/1' })
  for (const page of ['https://hub.example/a/b', 'https://hub.example/a/b/', 'https://hub.example/a/b?x=1#y'])
    expect(parseHubName(page), page).toEqual({ repo: 'a/b', revision: null })
  expect(parseHubName('https://hub.example/a/b/tree/fp16')).toEqual({ repo: 'a/b', revision: 'fp16' })
  for (const none of ['', 'a', 'a/b/c', 'a b/c', 'https://hub.example/a', 'file:///a/b'])
    expect(parseHubName(none), none).toBeNull()
})
