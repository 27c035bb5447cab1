/** Seconds by the clock, and of processor time divided by the threads: what it takes on a machine at rest. */
export interface Seconds {
  readonly clock: number
  readonly busy: number
}

export async function timed<T>(threads: number, work: () => Promise<T>): Promise<readonly [T, Seconds]> {
  const [start, cpu] = [performance.now(), process.cpuUsage()]
  const result = await work()
  const { user, system } = process.cpuUsage(cpu)
  return [result, { clock: (performance.now() - start) / 1000, busy: (user + system) / 1e6 / threads }]
}

/** The least of each: a busy machine only ever adds. */
export function least(times: readonly Seconds[]): Seconds {
  return {
    clock: Math.min(...times.map(({ clock }) => clock)),
    busy: Math.min(...times.map(({ busy }) => busy)),
  }
}

export function shown({ clock, busy }: Seconds): string {
  return `${busy.toFixed(2)} s (${clock.toFixed(2)} s by the clock)`
}
