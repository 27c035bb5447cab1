import { describe, expect, it } from 'vitest'
import { type Job, JobQueue } from '../../../src/main/engine/jobs/job-queue.ts'

interface Gate {
  readonly open: () => void
  readonly passed: Promise<void>
}

function gate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { open: resolve, passed: promise }
}

async function all<T>(events: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const event of events) list.push(event)
  return list
}

/** Work that ends when its gate opens or its signal fires. */
const until =
  (door: Gate, log: string[], name: string) =>
  async ({ signal }: Job): Promise<string> => {
    log.push(`${name} begins`)
    const stopped = new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true }),
    )
    await Promise.race([door.passed, stopped])
    log.push(`${name} ends`)
    return name
  }

describe('job queue', () => {
  it('runs one job after the other, in the order they were asked for', async () => {
    const queue = new JobQueue()
    const log: string[] = []
    const doors = [gate(), gate(), gate()]
    const streams = doors.map((door, i) => all(queue.run(until(door, log, `job ${i}`))))
    for (const door of [...doors].reverse()) door.open()
    const results = await Promise.all(streams)
    expect(results.map((events) => events.at(-1))).toEqual(['job 0', 'job 1', 'job 2'])
    expect(log).toEqual([0, 1, 2].flatMap((i) => [`job ${i} begins`, `job ${i} ends`]))
    expect(results[1]![0]).toMatchObject({ type: 'progress', fraction: 0, stage: 'Waiting for another job' })
    expect(queue.length).toBe(0)
  })

  it('sends events before the last one, among the progress', async () => {
    const events = await all(
      new JobQueue().run<string>(async ({ emit, progress }) => {
        emit('first')
        progress(0.5, 'Filling')
        emit('second')
        return 'done'
      }),
    )
    expect(events).toEqual(['first', expect.objectContaining({ fraction: 0.5 }), 'second', 'done'])
  })

  it('reports progress that never falls and estimates the rest', async () => {
    const steps = [0.1, 0.4, 0.2, 0.9, 2]
    const events = await all(
      new JobQueue().run<'done'>(async ({ progress }) => {
        for (const step of steps) {
          if (step === 0.9) await new Promise((resolve) => setTimeout(resolve, 600))
          progress(step, 'Filling')
        }
        return 'done'
      }),
    )
    const progress = events.filter((event) => event !== 'done')
    expect(progress.map(({ fraction }) => fraction)).toEqual([0.1, 0.4, 0.4, 0.9, 1])
    expect(progress[0]!.secondsLeft).toBeNull()
    expect(progress[3]!.secondsLeft).toBeGreaterThan(0)
    expect(progress[4]!.secondsLeft).toBe(0)
    expect(events.at(-1)).toBe('done')
  })

  it('stops the running job when its reader leaves, and starts the next', async () => {
    const queue = new JobQueue()
    const log: string[] = []
    const [first, second] = [gate(), gate()]
    const events = queue.run(until(first, log, 'first'))
    const waiting = events.next()
    const next = all(queue.run(until(second, log, 'second')))
    await new Promise((resolve) => setImmediate(resolve))
    await events.return?.()
    expect(await waiting).toEqual({ done: true, value: undefined })
    second.open()
    expect((await next).at(-1)).toBe('second')
    expect(log).toEqual(['first begins', 'second begins', 'second ends'])
  })

  it('takes a waiting job out of the queue without touching the others', async () => {
    const queue = new JobQueue()
    const log: string[] = []
    const doors = [gate(), gate(), gate()]
    const control = new AbortController()
    const first = all(queue.run(until(doors[0]!, log, 'first')))
    const second = all(queue.run(until(doors[1]!, log, 'second'), control.signal))
    const third = all(queue.run(until(doors[2]!, log, 'third')))
    control.abort()
    await expect(second).rejects.toMatchObject({ code: 'cancelled' })
    expect(log).toEqual(['first begins'])
    for (const door of doors) door.open()
    await Promise.all([first, third])
    expect(log).toEqual(['first begins', 'first ends', 'third begins', 'third ends'])
  })

  it('hands on what a job throws, and goes on', async () => {
    const queue = new JobQueue()
    const failing = all(queue.run(() => Promise.reject(new Error('no memory'))))
    const next = all(queue.run(async () => 'next'))
    await expect(failing).rejects.toThrow('no memory')
    expect((await next).at(-1)).toBe('next')
    const control = new AbortController()
    control.abort()
    await expect(all(queue.run(async () => 'never', control.signal))).rejects.toMatchObject({
      code: 'cancelled',
    })
  })
})
