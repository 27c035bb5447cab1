/** What is tried next when a network could not be run, and which networks go when memory is short. */
import { describe, expect, test } from 'vitest'
import { isAllocationFailure } from '../../../src/main/engine/inference/generate/allocation.ts'
import { Job } from '../../../src/main/engine/inference/generate/job.ts'
import { descend, type Rung, TOP } from '../../../src/main/engine/inference/generate/ladder.ts'
import type { GenerationNote } from '../../../src/main/engine/inference/generate/task.ts'
import type { Provider } from '../../../src/main/engine/inference/session.ts'
import { SessionBudget } from '../../../src/main/engine/inference/session-budget.ts'

const SHORT = new Error('Failed to allocate memory for requested buffer of size 8589934592')
const BROKEN = new Error('CUDA error cudaErrorLaunchFailure: unspecified launch failure\n  at somewhere')

describe('memory that ran out', () => {
  test.each([
    'std::bad_alloc',
    'bad allocation',
    'bfc_arena.cc:376 Failed to allocate memory for requested buffer of size 1024',
    'CUDA failure 2: out of memory ; GPU=0 ; hostname=h',
    'CUDNN_STATUS_ALLOC_FAILED',
    '8007000E Not enough memory resources are available to complete this operation.',
    'vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY',
    'Array buffer allocation failed',
  ])('is told by "%s"', (message) => {
    expect(isAllocationFailure(new Error(message))).toBe(true)
  })

  test.each([
    'Non-zero status code returned while running Gather node: indices element out of data bounds',
    'Failed to get a WebGPU adapter',
    BROKEN.message,
  ])('is not told by "%s"', (message) => {
    expect(isAllocationFailure(new Error(message))).toBe(false)
  })
})

/** Everything that is tried, as long as the same failure comes again. */
function walk(error: Error, places: readonly Provider[]) {
  const tried: [Provider, string][] = []
  let rung: Rung = TOP
  for (;;) {
    try {
      const next = descend(error, rung, places)
      rung = next.rung
      tried.push([places[rung.at]!, next.sentence])
    } catch (last) {
      return { tried, last }
    }
    expect(tried.length).toBeLessThan(20)
  }
}

test('memory short on a graphics card: other networks, half precision, the CPU, and one clear error', () => {
  const { tried, last } = walk(SHORT, ['cuda', 'webgpu', 'cpu'])
  expect(tried.map(([place]) => place)).toEqual(['cuda', 'cuda', 'cpu', 'cpu'])
  expect(tried.map(([, sentence]) => sentence)).toEqual([
    expect.stringContaining('let go of'),
    expect.stringContaining('half precision'),
    expect.stringContaining('goes on with the CPU'),
    expect.stringContaining('let go of'),
  ])
  expect(last).toMatchObject({ code: 'image.too-large', cause: SHORT })
})

test('a card that fails is left for the next provider, and what the CPU cannot run is the model’s fault', () => {
  const { tried, last } = walk(BROKEN, ['cuda', 'webgpu', 'cpu'])
  expect(tried).toEqual([
    ['webgpu', expect.stringMatching(/^CUDA failed \(.*launch failure\), so it goes on with WebGPU\.$/)],
    ['cpu', expect.stringContaining('goes on with the CPU')],
  ])
  expect(last).toMatchObject({ code: 'model.unreadable', cause: BROKEN })
})

describe('the memory of all sessions', () => {
  /** Opens by name and size; tells what is open. */
  function budgetOf(bytes: number) {
    const budget = new SessionBudget(bytes)
    const open = new Set<string>()
    const admit = async (name: string, size: number) => {
      await budget.admit(name, size, async () => {
        open.delete(name)
        budget.forget(name)
      })
      open.add(name)
    }
    return { budget, open, admit }
  }

  test('lets go of the text encoder before the denoiser comes, where both do not fit', async () => {
    const { open, admit, budget } = budgetOf(10)
    await admit('text', 3)
    await admit('encoder', 2)
    budget.touch('text')
    await admit('denoiser', 6)
    expect([...open]).toEqual(['text', 'denoiser'])
    await admit('decoder', 3)
    expect([...open]).toEqual(['denoiser', 'decoder'])
    expect(budget.taken).toBe(9)
  })

  test('takes one that is larger than all of it, alone', async () => {
    const { open, admit, budget } = budgetOf(10)
    await admit('text', 3)
    await admit('huge', 50)
    expect([...open]).toEqual(['huge'])
    await budget.releaseAll()
    expect([...open]).toEqual([])
    expect(budget.taken).toBe(0)
  })
})

test('a job’s fraction never falls, its notices come once, and a cancel is met at the next breath', async () => {
  const notes: GenerationNote[] = []
  const control = new AbortController()
  const job = new Job({ signal: control.signal, onNote: (note) => notes.push(note) })
  job.stage('Decoding', 0.9)
  job.stage('Loading the model', 0)
  job.announce('Memory ran short.')
  job.announce('Memory ran short.')
  expect(notes.map((note) => note.type === 'progress' && note.fraction)).toEqual([0.9, 0.9, 0.9, 0.9])
  expect(job.notices).toEqual(['Memory ran short.'])
  const breath = job.breathe()
  control.abort()
  await expect(breath).rejects.toMatchObject({ code: 'cancelled' })
})
