import { describe, expect, it } from 'vitest'
import { type Frame, PortEnd, portPair, relay } from '../../../src/main/hosts/ports.ts'
import { clientOf } from '../../../src/main/hosts/rpc.ts'
import type { InlayError } from '../../../src/shared/errors.ts'
import { createEchoHost, type echoContract } from '../../support/echo-service.ts'

function connect() {
  const [ours, theirs] = portPair()
  const [ours2, theirs2] = portPair()
  relay(theirs, ours2)
  createEchoHost().accept('echo', theirs2)
  return { port: ours, client: clientOf<typeof echoContract>(ours) }
}

const failure = (promise: Promise<unknown>): Promise<InlayError> =>
  promise.then(
    () => expect.unreachable('it should have failed'),
    (error) => error,
  )

describe('a service over a relayed port', () => {
  it('answers, with text and with bytes', async () => {
    const { client } = connect()
    expect(await client.echo({ text: 'grün' })).toEqual({ text: 'grün' })
    const blob = await client.bytes({ count: 1000 })
    const bytes = new Uint8Array(await blob.arrayBuffer())
    expect(bytes.length).toBe(1000)
    expect(bytes[255]).toBe(255)
    expect(bytes[999]).toBe(999 & 255)
  })

  it('carries an InlayError with its code and sentence', async () => {
    const { client } = connect()
    const error = await failure(client.fail({ as: 'inlay' }))
    expect(error).toMatchObject({
      name: 'InlayError',
      code: 'mask.empty',
      message: 'The mask is empty; paint over what shall go.',
    })
  })

  it('drops the answer to a caller who left right after asking', async () => {
    const asked: Frame[] = []
    const asking = new PortEnd({ transmit: (frame) => asked.push(frame), hangUp: () => {} })
    void failure(clientOf<typeof echoContract>(asking).echo({ text: 'Anybody there?' }))
    while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve))
    const answers: Frame[] = []
    const answering = new PortEnd({ transmit: (frame) => answers.push(frame), hangUp: () => {} })
    createEchoHost().accept('echo', answering)
    const unhandled: unknown[] = []
    const note = (error: unknown): void => void unhandled.push(error)
    process.prependListener('unhandledRejection', note)
    answering.deliver(asked[0]!)
    answering.end()
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', note)
    expect({ answers, unhandled }).toEqual({ answers: [], unhandled: [] })
    asking.end()
  })

  it('reports a bug as internal', async () => {
    const { client } = connect()
    expect(await failure(client.fail({ as: 'bug' }))).toMatchObject({
      code: 'internal',
      message: expect.stringContaining('x is not a function'),
    })
  })

  it('refuses input that does not fit the contract, naming the field', async () => {
    const { client } = connect()
    const error = await failure(client.echo({ text: 5 as unknown as string }))
    expect(error).toMatchObject({ code: 'usage', message: expect.stringContaining('text') })
  })

  it('streams in order and carries an error in the middle', async () => {
    const { client } = connect()
    const seen: number[] = []
    for await (const value of await client.count({ to: 50 })) seen.push(value)
    expect(seen).toEqual(Array.from({ length: 50 }, (_, i) => i))

    const part: number[] = []
    const error = await failure(
      (async () => {
        for await (const value of await client.count({ to: 50, failAt: 3 })) part.push(value)
      })(),
    )
    expect(part).toEqual([0, 1, 2])
    expect(error).toMatchObject({ code: 'disk.full' })
  })

  it('ends the work on the other side when a reader leaves, by break and by signal', async () => {
    const { client } = connect()
    for await (const _ of await client.forever()) break
    await expect.poll(() => client.open()).toBe(0)

    const abort = new AbortController()
    const stream = await client.forever(undefined, { signal: abort.signal })
    expect(await stream.next()).toMatchObject({ value: 1 })
    expect(await client.open()).toBe(1)
    const waiting = failure(stream.next())
    abort.abort()
    expect(await waiting).toMatchObject({ code: 'cancelled' })
    await expect.poll(() => client.open()).toBe(0)
  })

  it('fails calls and streams with host.lost when the line ends, and every call after it', async () => {
    const { client, port } = connect()
    const stream = await client.forever()
    await stream.next()
    const waiting = failure(stream.next())
    port.close()
    expect(await waiting).toMatchObject({ code: 'host.lost' })
    expect(await failure(client.echo({ text: 'x' }))).toMatchObject({ code: 'host.lost' })
  })
})
