import { describe, expect, it } from 'vitest'
import { LayerId } from '../../../src/shared/ids.ts'
import { MAX_SAMPLES } from '../../../src/shared/stroke.ts'
import { documentWith, group, HASH, raster, ToolDriver } from './tool-driver.ts'

const PHOTO = LayerId.parse('photo')

describe('painting', () => {
  it('sends one stroke with every sample, pressure and time', () => {
    const t = new ToolDriver('brush')
    t.down(10, 20).move(11.5, 20, { pressure: 0.25 }).move(13, 21).up()
    const stroke = t.strokes[0]!
    expect(t.strokes).toHaveLength(1)
    expect(stroke.end).toBe('commit')
    expect(stroke.start).toMatchObject({ target: { kind: 'pixels', layer: PHOTO }, mode: 'paint' })
    expect(stroke.samples).toEqual([
      { x: 10, y: 20, pressure: 1, time: 0 },
      { x: 11.5, y: 20, pressure: 0.25, time: 8 },
      { x: 13, y: 21, pressure: 1, time: 16 },
    ])
    expect(t.state).toBe('idle')
  })

  it('draws a straight line from where the last stroke ended when Shift is held', () => {
    const t = new ToolDriver('brush')
    t.drag([10, 10], [20, 10])
    t.hold({ shift: true }).drag([100, 50])
    expect(t.strokes[1]!.samples.map(({ x, y }) => [x, y])).toEqual([
      [20, 10],
      [100, 50],
    ])
  })

  it('does not join strokes on different targets', () => {
    const t = new ToolDriver('brush', { document: documentWith([raster('photo'), raster('top')]) })
    t.drag([10, 10], [20, 10])
    t.store.setState({ activeLayer: PHOTO })
    t.hold({ shift: true }).drag([100, 50])
    expect(t.strokes[1]!.samples).toHaveLength(1)
  })

  it('splits a stroke that is longer than an intent may be, without a gap', () => {
    const t = new ToolDriver('brush')
    t.down(0, 0)
    for (let i = 1; i <= MAX_SAMPLES + 4; i++) t.move(i / 100, 0)
    t.up()
    expect(t.strokes.map(({ end }) => end)).toEqual(['commit', 'commit'])
    const [first, second] = t.strokes
    expect(first!.samples).toHaveLength(MAX_SAMPLES)
    expect(second!.samples[0]).toEqual(first!.samples.at(-1))
    expect(first!.samples.length + second!.samples.length).toBe(MAX_SAMPLES + 5 + 1)
  })

  it('cancels with Escape: nothing is sent', () => {
    const t = new ToolDriver('eraser')
    t.down(10, 10).move(20, 20)
    expect(t.key('Escape')).toBe(true)
    t.up()
    expect(t.strokes.map(({ end }) => end)).toEqual(['discard'])
    expect(t.state).toBe('idle')
    expect(t.key('Escape')).toBe(false)
  })

  it('keeps what was painted when another tool interrupts', () => {
    const t = new ToolDriver('brush')
    t.down(10, 10).move(20, 20)
    t.store.setState({ tool: 'hand' })
    expect(t.strokes.map(({ end }) => end)).toEqual(['commit'])
    t.move(30, 30).up()
    expect(t.strokes).toHaveLength(1)
  })

  it('ignores another pointer until the stroke has ended', () => {
    const t = new ToolDriver('brush')
    t.down(10, 10)
    t.move(200, 200, { pointerId: 2 })
    t.move(12, 12).up()
    expect(t.strokes[0]!.samples.map(({ x }) => x)).toEqual([10, 12])
  })

  it.each([
    ['brush', {}, 'paint'],
    ['eraser', {}, 'erase'],
    ['mask-brush', {}, 'paint'],
    ['mask-brush', { alt: true }, 'erase'],
  ] as const)('%s with %o means %s', (tool, modifiers, mode) => {
    const t = new ToolDriver(tool)
    t.hold(modifiers).drag([5, 5], [9, 9])
    expect(t.strokes[0]!.start.mode).toBe(mode)
    expect(t.strokes[0]!.start.target.kind).toBe(tool === 'mask-brush' ? 'selection' : 'pixels')
  })

  it('a pen that is turned over erases', () => {
    const t = new ToolDriver('brush')
    t.down(5, 5, 5).move(9, 9).up()
    expect(t.strokes[0]!.start.mode).toBe('erase')
  })

  it('on a mask, a dark colour hides and a light one shows', () => {
    const mask = { tiles: {}, outside: 255, enabled: true } as const
    const t = new ToolDriver('brush', { document: documentWith([raster('photo', { mask })]) })
    t.store.setState({ plane: 'mask' })
    t.drag([5, 5])
    t.store.setState({ foreground: { r: 1, g: 1, b: 1 } })
    t.drag([5, 5])
    expect(t.strokes.map(({ start }) => start.mode)).toEqual(['erase', 'paint'])
    expect(t.strokes[0]!.start.target).toEqual({ kind: 'mask', layer: PHOTO })
  })

  describe('says why it cannot paint, and shows it in the cursor', () => {
    const cases = [
      ['a locked layer', documentWith([raster('photo', { locked: true })]), /“photo” is locked/],
      ['a hidden layer', documentWith([raster('photo', { visible: false })]), /“photo” is hidden/],
      [
        'a layer in a hidden group',
        documentWith([raster('photo'), group('album', ['photo'], { visible: false })], ['album']),
        /“photo” is hidden/,
      ],
      ['a group', documentWith([group('photo', [])]), /group “photo” has no pixels/],
    ] as const
    it.each(cases)('%s', (_name, document, reason) => {
      const t = new ToolDriver('brush', { document })
      t.store.setState({ activeLayer: PHOTO })
      expect(t.manager.cursor()).toEqual({ kind: 'system', name: 'not-allowed' })
      t.drag([10, 10], [20, 20])
      expect(t.strokes).toEqual([])
      expect(t.said).toHaveLength(1)
      expect(t.said[0]).toMatch(reason)
    })

    it('no layer at all', () => {
      const t = new ToolDriver('brush')
      t.store.setState({ activeLayer: null })
      t.drag([1, 1])
      expect(t.said[0]).toMatch(/No layer is chosen/)
    })

    it('a project that is open for reading only', () => {
      const t = new ToolDriver('mask-brush', { readOnly: true })
      t.drag([1, 1])
      expect([t.strokes.length, t.said[0]]).toEqual([0, expect.stringMatching(/reading only/)])
    })

    it('a mask that is not there', () => {
      const t = new ToolDriver('eraser')
      t.store.setState({ plane: 'mask' })
      t.drag([1, 1])
      expect(t.said[0]).toMatch(/has no mask/)
    })

    it('but the mask brush needs no layer', () => {
      const t = new ToolDriver('mask-brush', { document: documentWith([raster('photo', { locked: true })]) })
      t.drag([1, 1])
      expect(t.strokes).toHaveLength(1)
    })
  })

  it('resizes with Alt and the right button, from the size it had', () => {
    const t = new ToolDriver('brush', { scale: 2 })
    t.hold({ alt: true }).down(50, 50, 2).move(60, 50).move(65, 40)
    expect(t.state).toBe('resizing')
    expect(t.store.getState().brushes.brush).toMatchObject({ size: 70, hardness: 0.9 })
    expect(t.manager.cursor()).toMatchObject({ kind: 'brush', size: 70, fixed: { x: 50, y: 50 } })
    t.up()
    expect(t.strokes).toEqual([])
  })

  it('puts the brush back when resizing is cancelled', () => {
    const t = new ToolDriver('brush')
    const before = t.store.getState().brushes.brush
    t.hold({ alt: true }).down(50, 50, 2).move(90, 10)
    t.key('Escape')
    expect(t.store.getState().brushes.brush).toEqual(before)
  })

  it('is an eyedropper while Alt is held', async () => {
    const t = new ToolDriver('brush')
    t.hold({ alt: true })
    expect(t.manager.cursor()).toEqual({ kind: 'drawn', name: 'eyedropper' })
    t.down(10.7, 20.2)
    t.picks[0]!.answer({ r: 0.25, g: 0.5, b: 0.75 })
    await t.settle()
    t.up().hold({})
    expect(t.store.getState().foreground).toEqual({ r: 0.25, g: 0.5, b: 0.75 })
    expect(t.strokes).toEqual([])
    expect(t.manager.cursor().kind).toBe('brush')
  })

  it('asks for one colour at a time, and the last place wins', async () => {
    const t = new ToolDriver('eyedropper')
    t.store.setState({ sampleSize: 5 })
    t.down(1, 1).move(2, 2).move(3, 3)
    expect(t.picks).toHaveLength(1)
    t.picks[0]!.answer({ r: 1, g: 0, b: 0 })
    await t.settle()
    expect(t.picks.map(({ x, size }) => [x, size])).toEqual([
      [1, 5],
      [3, 5],
    ])
    t.picks[1]!.answer({ r: 0, g: 1, b: 0 })
    await t.settle()
    t.up()
    expect(t.store.getState().foreground).toEqual({ r: 0, g: 1, b: 0 })
  })

  it('puts the colour back when picking is cancelled, even if an answer comes later', async () => {
    const t = new ToolDriver('eyedropper')
    t.down(1, 1)
    t.picks[0]!.answer({ r: 1, g: 0, b: 0 })
    await t.settle()
    t.move(2, 2)
    t.key('Escape')
    t.picks[1]!.answer({ r: 0, g: 1, b: 0 })
    await t.settle()
    expect(t.store.getState().foreground).toEqual({ r: 0, g: 0, b: 0 })
  })

  it('with Alt the eyedropper sets the background, and asks nothing outside the canvas', async () => {
    const t = new ToolDriver('eyedropper')
    t.hold({ alt: true }).down(-4, 10).move(20, 10)
    t.picks[0]!.answer({ r: 0, g: 0, b: 1 })
    await t.settle()
    t.up()
    expect(t.picks.map(({ x }) => x)).toEqual([20])
    expect(t.store.getState().background).toEqual({ r: 0, g: 0, b: 1 })
  })

  it('waits while the result of a removal is looked at', () => {
    const t = new ToolDriver('mask-brush')
    const request = t.store.getState().removalRequest
    const bounds = { x: 0, y: 0, width: 1, height: 1 }
    const candidate = {
      id: 'c' as never,
      request,
      index: 0,
      report: null,
      tiles: { '0,0': HASH('a') },
      bounds,
      seconds: 1,
    }
    t.store.setState({
      inHand: { phase: 'choosing', by: 'remove', candidates: [candidate], chosen: 0, showOriginal: false },
    })
    t.drag([1, 1])
    expect(t.said[0]).toMatch(/result is waiting/)
  })
})
