import { describe, expect, it } from 'vitest'
import { apply } from '../../../src/shared/document/apply.ts'
import { LayerId } from '../../../src/shared/ids.ts'
import { TILE_SIZE } from '../../../src/shared/tiles.ts'
import { documentWith, group, HASH, raster, ToolDriver } from './tool-driver.ts'

const offsetAfter = (t: ToolDriver, id: string) =>
  t.dispatched.reduce((document, command) => apply(document, command), t.document).layers[LayerId.parse(id)]
    ?.offset

describe('move', () => {
  it('previews by whole pixels and makes one command', () => {
    const t = new ToolDriver('move', {
      document: documentWith([raster('photo', { offset: { x: 5, y: 5 } })]),
    })
    t.down(10, 10).move(20.6, 10).move(32.4, 17.5)
    expect(t.state).toBe('moving')
    expect(t.previews).toHaveLength(2)
    t.up()
    expect(t.dispatched).toHaveLength(1)
    expect(t.dispatched[0]!.label).toBe('Move layer')
    expect(offsetAfter(t, 'photo')).toEqual({ x: 27, y: 13 })
  })

  it('Shift keeps to an axis', () => {
    const t = new ToolDriver('move')
    t.hold({ shift: true }).drag([0, 0], [50, 8])
    expect(offsetAfter(t, 'photo')).toEqual({ x: 50, y: 0 })
  })

  it('a drag back to where it began makes no command', () => {
    const t = new ToolDriver('move')
    t.drag([10, 10], [40, 10], [10, 10])
    expect(t.dispatched).toEqual([])
    expect(t.previews.at(-1)).toBeNull()
  })

  it.each(['Escape', 'tool'])('ended by %s the layer stays where it was', (how) => {
    const t = new ToolDriver('move')
    t.down(10, 10).move(40, 10)
    if (how === 'Escape') t.key('Escape')
    else t.store.setState({ tool: 'hand' })
    expect(t.previews.at(-1)).toBeNull()
    t.up()
    expect(t.dispatched).toEqual([])
  })

  it('a group takes all its layers along', () => {
    const document = documentWith(
      [raster('photo'), raster('sign', { offset: { x: 7, y: 0 } }), group('album', ['photo', 'sign'])],
      ['album'],
    )
    const t = new ToolDriver('move', { document })
    t.drag([0, 0], [10, 20])
    expect(offsetAfter(t, 'photo')).toEqual({ x: 10, y: 20 })
    expect(offsetAfter(t, 'sign')).toEqual({ x: 17, y: 20 })
    expect(t.dispatched).toHaveLength(1)
  })

  it.each([
    ['a locked layer', documentWith([raster('photo', { locked: true })]), /“photo” is locked/],
    [
      'a group with a locked layer',
      documentWith([raster('photo', { locked: true }), group('album', ['photo'])], ['album']),
      /“photo” in “album” is locked/,
    ],
  ] as const)('refuses %s and says so', (_name, document, reason) => {
    const t = new ToolDriver('move', { document })
    t.drag([0, 0], [10, 20])
    expect(t.said[0]).toMatch(reason)
    expect(t.dispatched).toEqual([])
    expect(t.manager.cursor()).toMatchObject({ name: 'not-allowed' })
  })

  it('shows an outline around what the layer covers, moved along', async () => {
    const t = new ToolDriver('move', {
      document: documentWith([
        raster('photo', { tiles: { '0,0': HASH('a'), '1,1': HASH('b') }, offset: { x: 5, y: 0 } }),
      ]),
    })
    const spot = (x: number, y: number) => {
      const tile = new Uint8Array(TILE_SIZE * TILE_SIZE * 4)
      tile[(y * TILE_SIZE + x) * 4 + 3] = 9
      return tile
    }
    t.tiles.set(HASH('a'), spot(10, 20)).set(HASH('b'), spot(30, 40))
    t.down(10, 10).move(20, 13)
    await t.settle()
    expect(t.manager.overlay()).toEqual([
      { kind: 'area', area: { x: 25, y: 23, width: 277, height: 277 }, style: 'line' },
      { kind: 'label', at: { x: 20, y: 13 }, text: '+10, +3' },
    ])
    t.up()
    expect(t.manager.overlay()).toEqual([])
  })

  it('arrow keys nudge by 1 and with Shift by 10; one command for as long as they are held', () => {
    const t = new ToolDriver('move')
    t.key('ArrowRight')
    t.key('ArrowRight')
    t.hold({ shift: true }).key('ArrowDown')
    expect(t.state).toBe('nudging')
    t.key('ArrowRight', 'up')
    expect(t.dispatched).toEqual([])
    t.key('ArrowDown', 'up')
    expect(t.dispatched).toHaveLength(1)
    expect(offsetAfter(t, 'photo')).toEqual({ x: 2, y: 10 })
  })

  it('keeps a nudge that is interrupted', () => {
    const t = new ToolDriver('move')
    t.key('ArrowLeft')
    t.manager.interrupt()
    expect(offsetAfter(t, 'photo')).toEqual({ x: -1, y: 0 })
  })

  describe('with Ctrl takes the layer under the pointer', () => {
    function scene() {
      const document = documentWith([
        raster('photo', { tiles: { '0,0': HASH('a') } }),
        raster('sign', { tiles: { '0,0': HASH('b') }, offset: { x: 100, y: 0 } }),
        raster('ghost', { tiles: { '0,0': HASH('a') }, visible: false }),
      ])
      const t = new ToolDriver('move', { document })
      t.tiles.set(HASH('a'), new Uint8Array(TILE_SIZE * TILE_SIZE * 4).fill(255))
      const half = new Uint8Array(TILE_SIZE * TILE_SIZE * 4)
      for (let y = 0; y < TILE_SIZE; y++) half.fill(255, y * TILE_SIZE * 4, (y * TILE_SIZE + 50) * 4)
      t.tiles.set(HASH('b'), half)
      return t
    }

    it.each([
      [120, 'sign'],
      [160, 'photo'],
      [20, 'photo'],
    ])('at x = %d it is %s', async (x, id) => {
      const t = scene()
      t.hold({ mod: true })
        .down(x, 10)
        .move(x + 30, 10)
      await t.settle()
      expect(t.state).toBe('moving')
      t.up()
      expect(t.store.getState().activeLayer).toBe(id)
      expect(offsetAfter(t, id)!.x).toBe((id === 'sign' ? 100 : 0) + 30)
    })

    it('a click chooses without moving', async () => {
      const t = scene()
      t.hold({ mod: true }).down(20, 10).up()
      await t.settle()
      expect(t.store.getState().activeLayer).toBe('photo')
      expect(t.state).toBe('idle')
      expect(t.dispatched).toEqual([])
    })

    it('looks through a mask', async () => {
      const t = scene()
      const hidden = { mask: { tiles: {}, outside: 0, enabled: true } } as const
      t.document = documentWith([
        raster('photo', { tiles: { '0,0': HASH('a') } }),
        raster('sign', { tiles: { '0,0': HASH('a') }, ...hidden }),
      ])
      t.hold({ mod: true }).down(20, 10).up()
      await t.settle()
      expect(t.store.getState().activeLayer).toBe('photo')
    })
  })
})
