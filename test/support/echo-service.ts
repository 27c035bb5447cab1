/** A small service with every way a call can go, to prove the transport itself. */
import { eventIterator, oc, type } from '@orpc/contract'
import { implement } from '@orpc/server'
import { z } from 'zod'
import { EventQueue } from '../../src/main/hosts/event-queue.ts'
import type { HostServer } from '../../src/main/hosts/host-types.ts'
import { serve } from '../../src/main/hosts/rpc.ts'
import { InlayError } from '../../src/shared/errors.ts'

export const echoContract = {
  echo: oc.input(z.object({ text: z.string().max(1000) })).output(type<{ text: string }>()),
  bytes: oc.input(z.object({ count: z.int() })).output(type<Blob>()),
  fail: oc.input(z.object({ as: z.enum(['inlay', 'bug']) })).output(type<void>()),
  count: oc.input(z.object({ to: z.int(), failAt: z.int().optional() })).output(eventIterator(z.int())),
  forever: oc.output(eventIterator(z.int())),
  /** How many `forever` streams are open. */
  open: oc.output(type<number>()),
  /** Blocks the whole process. */
  hang: oc.output(type<void>()),
  pid: oc.output(type<number>()),
}

export function createEchoHost(): HostServer {
  const os = implement(echoContract)
  let open = 0
  const accept = serve(
    os.router({
      echo: os.echo.handler(({ input }) => input),
      bytes: os.bytes.handler(
        ({ input }) => new Blob([Uint8Array.from({ length: input.count }, (_, i) => i & 255)]),
      ),
      fail: os.fail.handler(({ input }) => {
        if (input.as === 'inlay')
          throw new InlayError('mask.empty', 'The mask is empty; paint over what shall go.')
        throw new TypeError('x is not a function')
      }),
      count: os.count.handler(async function* ({ input }) {
        for (let i = 0; i < input.to; i++) {
          if (i === input.failAt)
            throw new InlayError('disk.full', 'The disk is full; make room and try again.')
          yield i
        }
      }),
      forever: os.forever.handler(async ({ signal }) => {
        open++
        const events = new EventQueue<number>(signal, () => {
          open--
        })
        events.push(1)
        return events
      }),
      open: os.open.handler(() => open),
      hang: os.hang.handler(() => {
        for (;;);
      }),
      pid: os.pid.handler(() => process.pid),
    }),
  )
  return { accept: (_, port) => accept(port), close: async () => {} }
}
