/**
 * libvips as the second witness. It follows the W3C formulas only where both pictures are opaque, so only there is it
 * asked; it has none of the four non-separable modes. One corner is the specification's alone: it leaves black undodged
 * by white and white unburnt by black, where libvips gives the limit of the fraction.
 */
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { composeRect } from '../../src/main/engine/imaging/composite.ts'
import type { BlendMode } from '../../src/shared/document/model.ts'
import { documentOf, randomTile, raster, SceneTiles, seeded } from '../support/compose-scene.ts'

const VIPS = {
  normal: 'over',
  multiply: 'multiply',
  screen: 'screen',
  overlay: 'overlay',
  darken: 'darken',
  lighten: 'lighten',
  'color-dodge': 'colour-dodge',
  'color-burn': 'colour-burn',
  'hard-light': 'hard-light',
  'soft-light': 'soft-light',
  difference: 'difference',
  exclusion: 'exclusion',
} as const satisfies Partial<Record<BlendMode, string>>

describe('libvips agrees on opaque pixels', () => {
  test.each(Object.keys(VIPS) as (keyof typeof VIPS)[])('%s', async (blendMode) => {
    const random = seeded(40)
    const tiles = new SceneTiles()
    const opaque = () => randomTile('rgba8', random).map((value, i) => (i % 4 === 3 ? 255 : value))
    const [below, above] = [opaque(), opaque()]
    const document = documentOf(256, 256, [
      raster('below', { '0,0': tiles.add(below) }),
      raster('above', { '0,0': tiles.add(above) }, { blendMode }),
    ])
    const ours = composeRect(document, tiles, { x: 0, y: 0, width: 256, height: 256 })
    const raw = { width: 256, height: 256, channels: 4 } as const
    const theirs = await sharp(below, { raw })
      .composite([{ input: Buffer.from(above), raw, blend: VIPS[blendMode] }])
      .raw()
      .toBuffer()
    let worst = 0
    for (let i = 0; i < ours.length; i++) {
      if (blendMode === 'color-dodge' && below[i] === 0 && above[i] === 255) continue
      if (blendMode === 'color-burn' && below[i] === 255 && above[i] === 0) continue
      worst = Math.max(worst, Math.abs(ours[i]! - theirs[i]!))
    }
    expect(worst).toBeLessThanOrEqual(1)
  })
})
