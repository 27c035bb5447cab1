import { describe, expect, it } from 'vitest'
import { probeProviders } from '../../../src/main/engine/inference/index.ts'

describe('execution providers', () => {
  it('runs a small model on each: the processor always works, the rest says why not', async () => {
    const reports = await probeProviders()
    expect(reports.map(({ name }) => name)).toEqual(['cpu', 'webgpu', 'cuda', 'dml', 'coreml'])
    const cpu = reports[0]!
    expect(cpu.available).toBe(true)
    expect(cpu.milliseconds).toBeGreaterThan(0)
    for (const { available, detail, milliseconds } of reports) {
      expect(detail).toMatch(/^[A-Z0-9].*[.…]$/s)
      expect(detail).not.toContain('\n')
      expect(milliseconds === null).toBe(!available)
    }
  })
})
