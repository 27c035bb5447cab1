import { describe, expect, it } from 'vitest'
import { Notes } from '../../../src/main/hosts/notes.ts'
import { portPair } from '../../../src/main/hosts/ports.ts'

const USED = { type: 'used', path: '/a' } as const

/** Whether a promise has come by now. */
async function come(promise: Promise<void>): Promise<boolean> {
  const pending = Symbol()
  await new Promise((resolve) => setImmediate(resolve))
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending
}

describe('notes to the shells', () => {
  it('are heard at once where no shell follows', async () => {
    const notes = new Notes()
    notes.tell(USED)
    expect(await come(notes.heard())).toBe(true)
  })

  it('are heard when every shell has remembered each', async () => {
    const notes = new Notes()
    const [first, second] = portPair()
    const stream = notes.follow(first, undefined)
    notes.follow(second, undefined)
    notes.tell(USED)
    notes.tell(USED)
    expect((await stream.next()).value).toEqual(USED)
    const heard = notes.heard()
    notes.taken(first)
    notes.taken(first)
    notes.taken(second)
    expect(await come(heard)).toBe(false)
    notes.taken(second)
    expect(await come(heard)).toBe(true)
    first.close()
    second.close()
  })

  it('do not wait for a shell that is gone', async () => {
    const notes = new Notes()
    const gone = new AbortController()
    const [port] = portPair()
    notes.follow(port, gone.signal)
    notes.tell(USED)
    const heard = notes.heard()
    expect(await come(heard)).toBe(false)
    gone.abort()
    expect(await come(heard)).toBe(true)
    port.close()
  })
})
