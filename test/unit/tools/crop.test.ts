import { describe, expect, it } from 'vitest'
import { drawFrame, moveFrame, partAt, resizeFrame } from '../../../src/renderer/tools/crop-frame.ts'
import { HANDLES } from '../../../src/renderer/tools/overlay-shape.ts'
import { contains, rectOf } from '../../../src/shared/geometry.ts'
import { documentWith, HASH, raster, ToolDriver } from './tool-driver.ts'

const LIMIT = { x: 0, y: 0, width: 400, height: 300 }
const FRAME = { x: 100, y: 100, width: 80, height: 40 }
const plain = { aspect: false, centred: false }

describe('the frame', () => {
  it.each([
    ['se', { x: 20, y: 10 }, plain, { x: 100, y: 100, width: 100, height: 50 }],
    ['nw', { x: -20, y: 10 }, plain, { x: 80, y: 110, width: 100, height: 30 }],
    ['e', { x: 15.4, y: 99 }, plain, { x: 100, y: 100, width: 95, height: 40 }],
    ['se', { x: 999, y: 999 }, plain, { x: 100, y: 100, width: 300, height: 200 }],
    // Turned over past the opposite corner.
    ['se', { x: -100, y: -60 }, plain, { x: 80, y: 80, width: 20, height: 20 }],
    // Never thinner than a pixel.
    ['e', { x: -80, y: 0 }, plain, { x: 100, y: 100, width: 1, height: 40 }],
    ['se', { x: 80, y: 0 }, { aspect: true, centred: false }, { x: 100, y: 100, width: 160, height: 80 }],
    ['e', { x: 40, y: 0 }, { aspect: true, centred: false }, { x: 100, y: 90, width: 120, height: 60 }],
    // In proportion at the limit.
    ['se', { x: 900, y: 900 }, { aspect: true, centred: false }, { x: 100, y: 100, width: 300, height: 150 }],
    ['e', { x: 10, y: 0 }, { aspect: false, centred: true }, { x: 90, y: 100, width: 100, height: 40 }],
  ] as const)('%s dragged by %o with %o', (handle, shift, how, expected) => {
    expect(resizeFrame(FRAME, handle, shift, how, LIMIT)).toEqual(expected)
  })

  it('stays inside its limit and never vanishes, whatever is dragged', () => {
    const seed = 20260417
    let state = seed
    const random = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return state / 2 ** 32
    }
    const limit = { x: -30, y: 12, width: 400, height: 300 }
    let frame = { x: 100, y: 100, width: 80, height: 40 }
    for (let i = 0; i < 5000; i++) {
      const shift = { x: (random() - 0.5) * 900, y: (random() - 0.5) * 900 }
      const how = { aspect: random() < 0.5, centred: random() < 0.5 }
      const handle = HANDLES[Math.floor(random() * 8)]!
      frame = random() < 0.2 ? moveFrame(frame, shift, limit) : resizeFrame(frame, handle, shift, how, limit)
      const fine = contains(limit, frame) && frame.width >= 1 && frame.height >= 1
      expect(fine, `seed ${seed} step ${i} ${handle} ${JSON.stringify(frame)}`).toBe(true)
    }
  })

  it('moves inside the limit only', () => {
    expect(moveFrame(FRAME, { x: 500, y: -500 }, LIMIT)).toEqual({ ...FRAME, x: 320, y: 0 })
  })

  it('knows its parts', () => {
    expect(partAt(FRAME, { x: 102, y: 99 }, 5)).toBe('nw')
    expect(partAt(FRAME, { x: 120, y: 103 }, 5)).toBe('n')
    expect(partAt(FRAME, { x: 120, y: 120 }, 5)).toBe('inside')
    expect(partAt(FRAME, { x: 20, y: 20 }, 5)).toBe('outside')
  })

  it('is drawn between two places', () => {
    expect(drawFrame({ x: 50.2, y: 60 }, { x: -10, y: 20.7 }, LIMIT)).toEqual({
      x: 0,
      y: 21,
      width: 50,
      height: 39,
    })
  })
})

describe('crop', () => {
  const frameOf = (t: ToolDriver) => {
    const shape = t.manager.overlay().find(({ kind }) => kind === 'area')
    return shape?.kind === 'area' ? shape.area : null
  }

  it('begins with the whole canvas and applies nothing then', () => {
    const t = new ToolDriver('crop')
    expect(frameOf(t)).toEqual(LIMIT)
    expect(t.key('Enter')).toBe(false)
    expect(t.intents).toEqual([])
  })

  it('begins with what is selected', () => {
    const bounds = { x: 10, y: 10, width: 50, height: 60 }
    const document = {
      ...documentWith([raster('photo')]),
      selection: { tiles: { '0,0': HASH('a') }, bounds },
    }
    const t = new ToolDriver('crop', { document } as never)
    expect(frameOf(t)).toEqual(bounds)
  })

  it('draws, resizes, moves and cuts with Enter', () => {
    const t = new ToolDriver('crop')
    t.drag([50, 50], [150, 120])
    expect(frameOf(t)).toEqual({ x: 50, y: 50, width: 100, height: 70 })
    t.drag([150, 120], [200, 150])
    expect(frameOf(t)).toEqual({ x: 50, y: 50, width: 150, height: 100 })
    t.drag([100, 100], [110, 105])
    t.key('Enter')
    expect(t.intents).toEqual([
      { kind: 'crop', rect: { x: 60, y: 55, width: 150, height: 100 }, discard: false },
    ])
  })

  it('cuts with a double click inside, not outside', () => {
    const t = new ToolDriver('crop')
    t.drag([50, 50], [150, 120])
    t.double(300, 200)
    expect(t.intents).toEqual([])
    t.double(100, 100)
    expect(t.intents).toHaveLength(1)
  })

  it('shows the thirds while it is being changed only', () => {
    const t = new ToolDriver('crop')
    t.down(50, 50).move(150, 120)
    expect(t.manager.overlay().some(({ kind }) => kind === 'thirds')).toBe(true)
    t.up()
    expect(t.manager.overlay().some(({ kind }) => kind === 'thirds')).toBe(false)
  })

  it('Escape takes back the gesture, then the frame, then has nothing to do', () => {
    const t = new ToolDriver('crop')
    t.drag([50, 50], [150, 120])
    t.down(150, 120).move(300, 250)
    expect(t.key('Escape')).toBe(true)
    t.up()
    expect(frameOf(t)).toEqual({ x: 50, y: 50, width: 100, height: 70 })
    expect(t.key('Escape')).toBe(true)
    expect(frameOf(t)).toEqual(rectOf(t.document.canvas))
    expect(t.key('Escape')).toBe(false)
  })

  it('drops the frame when the canvas has changed, and when another tool is chosen', () => {
    const t = new ToolDriver('crop')
    t.drag([50, 50], [150, 120])
    t.document = { ...t.document, canvas: { width: 100, height: 70 } }
    expect(frameOf(t)).toEqual({ x: 0, y: 0, width: 100, height: 70 })
    t.store.setState({ tool: 'hand' })
    expect(t.manager.overlay()).toEqual([])
  })

  it('shows in the cursor what a drag would do', () => {
    const t = new ToolDriver('crop')
    t.drag([50, 50], [150, 120])
    const at = (x: number, y: number) => {
      t.move(x, y)
      const cursor = t.manager.cursor()
      return cursor.kind === 'system' ? cursor.name : null
    }
    expect([at(50, 50), at(150, 80), at(100, 80), at(300, 200)]).toEqual([
      'nwse-resize',
      'ew-resize',
      'move',
      'crosshair',
    ])
  })
})
