import { fork } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { childStarter } from '../../../src/main/hosts/child-starter.ts'
import { HostSupervisor, type SupervisorOptions } from '../../../src/main/hosts/host-supervisor.ts'
import { inProcessStarter } from '../../../src/main/hosts/in-process-starter.ts'
import { clientOf } from '../../../src/main/hosts/rpc.ts'
import { createEchoHost, type echoContract } from '../../support/echo-service.ts'

const HOSTS = new URL('../../support/hosts/', import.meta.url)
const config = { dataFolder: '/nowhere', assetsFolder: '/nowhere' }
const open: HostSupervisor[] = []

function supervise(options: Partial<SupervisorOptions> = {}): HostSupervisor {
  const supervisor = new HostSupervisor({ starter: childStarter(HOSTS), config, ...options })
  open.push(supervisor)
  return supervisor
}
const echo = async (supervisor: HostSupervisor) =>
  clientOf<typeof echoContract>(await supervisor.connect('project', 'echo'))

afterEach(async () => {
  await Promise.all(open.splice(0).map((supervisor) => supervisor.stop()))
})

describe.each([
  ['a child process', childStarter(HOSTS)],
  ['this process', inProcessStarter({ project: createEchoHost })],
])('a host in %s', (_, starter) => {
  it('serves several clients over one channel: answers, bytes, streams, cancellation', async () => {
    const supervisor = supervise({ starter })
    const [first, second] = await Promise.all([echo(supervisor), echo(supervisor)])
    expect(await first.pid()).toBe(await second.pid())
    expect((await first.bytes({ count: 3_000_000 })).size).toBe(3_000_000)
    const stream = await first.forever()
    expect(await stream.next()).toMatchObject({ value: 1 })
    expect(await second.open()).toBe(1)
    await stream.return()
    await expect.poll(() => second.open()).toBe(0)
    await expect(second.fail({ as: 'inlay' })).rejects.toMatchObject({ code: 'mask.empty' })
  })

  it('fails what was going on with host.lost when the host is cut off, and comes back', async () => {
    const lost: string[] = []
    const supervisor = supervise({ starter, onLost: (kind, how) => lost.push(`${kind} ${how}`) })
    const client = await echo(supervisor)
    const stream = await client.forever()
    await stream.next()
    const waiting = expect(stream.next()).rejects.toMatchObject({ code: 'host.lost' })
    supervisor.kill('project')
    await waiting
    await expect(client.open()).rejects.toMatchObject({ code: 'host.lost' })
    await expect.poll(() => lost.length).toBe(1)
    expect(await (await echo(supervisor)).echo({ text: 'again' })).toEqual({ text: 'again' })
  })
})

describe('the supervisor', () => {
  it('kills a host that misses its step deadline', async () => {
    const supervisor = supervise()
    const client = await echo(supervisor)
    const before = await client.pid()
    await expect(supervisor.guarded('project', 300, () => client.hang())).rejects.toMatchObject({
      code: 'host.lost',
    })
    await expect.poll(() => isAlive(before)).toBe(false)
    expect(await (await echo(supervisor)).pid()).not.toBe(before)
  })

  it('leaves a host alone that shows steps', async () => {
    const supervisor = supervise()
    const result = await supervisor.guarded('project', 400, async (step) => {
      for (let i = 0; i < 4; i++) {
        await sleep(200)
        step()
      }
      return 'done'
    })
    expect(result).toBe('done')
  })

  it('gives up on a host that keeps dying', async () => {
    const supervisor = supervise({ restart: { limit: 2, window: 60_000, pause: 1 } })
    for (let i = 0; i < 2; i++) {
      await supervisor.connect('project', 'echo')
      supervisor.kill('project')
      await expect.poll(() => supervisor.pid('project')).toBe(undefined)
    }
    await expect(supervisor.connect('project', 'echo')).rejects.toMatchObject({
      code: 'host.lost',
      message: expect.stringContaining('start it again'),
    })
  })

  it('ends its hosts when it stops, and starts none after', async () => {
    const supervisor = supervise()
    const pid = await (await echo(supervisor)).pid()
    await supervisor.stop()
    expect(isAlive(pid)).toBe(false)
    await expect(supervisor.connect('project', 'echo')).rejects.toMatchObject({ code: 'host.lost' })
  })

  it.each(['SIGTERM', 'SIGKILL'] as const)('takes its hosts along when it dies by %s', async (signal) => {
    const parent = fork(fileURLToPath(new URL('../../support/hosts/parent.ts', import.meta.url)))
    const pid = await new Promise<number>((resolve) => parent.once('message', (m) => resolve(Number(m))))
    expect(isAlive(pid)).toBe(true)
    parent.kill(signal)
    await expect.poll(() => isAlive(pid), { timeout: 15_000 }).toBe(false)
  })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
