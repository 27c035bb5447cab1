/** What this machine's matrix products reach on some threads: the best of a few, in GFLOP/s of the processor's time. */
import { Session } from '../../../src/main/engine/inference/session.ts'
import { Graph } from '../../../src/main/engine/models/index.ts'

/** Rows, inner side, columns: of a UNet's size, large enough for the overhead not to show. */
const SIZES = [
  [4096, 1280, 1280],
  [1024, 2048, 2048],
] as const
const RUNS = 12

export async function matrixCeiling(threads: number): Promise<number> {
  let best = 0
  for (const [rows, inner, columns] of SIZES) {
    const graph = new Graph()
    const product = graph.node('MatMul', [
      graph.input('a', 'float32', [rows, inner]),
      graph.input('b', 'float32', [inner, columns]),
    ])
    graph.output('y', product, [rows, columns])
    const session = await Session.open(graph.build(), { threads })
    const ramp = (count: number) => Float32Array.from({ length: count }, (_, i) => (i % 97) / 97 - 0.5)
    const inputs = {
      a: { data: ramp(rows * inner), shape: [rows, inner] },
      b: { data: ramp(inner * columns), shape: [inner, columns] },
    }
    for (let run = 0; run < RUNS; run++) {
      const start = process.cpuUsage()
      await session.run(inputs)
      const { user, system } = process.cpuUsage(start)
      best = Math.max(best, (2 * rows * inner * columns * threads) / (user + system) / 1e3)
    }
    await session.release()
  }
  return best
}
