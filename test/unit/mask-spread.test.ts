import { expect, it } from 'vitest'
import { spreadMask } from '../../src/main/engine/imaging/mask-spread.ts'
import { seeded } from '../support/compose-scene.ts'

it.each([1, 2, 3])('grows a soft mask to the largest value within reach, seed %d', async (seed) => {
  const random = seeded(seed)
  const rect = { x: 3, y: -2, width: 23, height: 17 }
  const pixels = Uint8Array.from({ length: 23 * 17 }, () => (random() < 0.1 ? Math.floor(random() * 256) : 0))
  const amount = Math.floor(random() * 5)
  const grown = await spreadMask({ rect, pixels }, amount)
  for (let y = 0; y < 17; y++)
    for (let x = 0; x < 23; x++) {
      let most = 0
      for (let v = 0; v < 17; v++)
        for (let u = 0; u < 23; u++)
          if ((u - x) ** 2 + (v - y) ** 2 <= amount * amount) most = Math.max(most, pixels[v * 23 + u]!)
      const value = grown.pixels[y * 23 + x]!
      expect(value).toBeGreaterThanOrEqual(most)
      expect(value).toBeLessThan(most + 16)
      if (most === 0) expect(value).toBe(0)
    }
})
