import { describe, expect, it } from 'vitest'
import { ToolDriver } from './tool-driver.ts'

describe('hand and zoom', () => {
  it('pans from where the drag began, never by adding up', () => {
    const t = new ToolDriver('hand')
    t.drag([10, 10], [15, 10], [30, 4])
    expect(t.viewCalls).toEqual(['pan 5 0', 'pan 20 -6', 'pan 20 -6'])
  })

  it('puts the view back on Escape', () => {
    const t = new ToolDriver('hand')
    t.down(10, 10).move(50, 50)
    t.key('Escape')
    expect(t.viewCalls.at(-1)).toBe('pan 0 0')
  })

  it.each([
    [{}, 'zoom 20 30 2'],
    [{ alt: true }, 'zoom 20 30 0.5'],
  ])('a click with %o is "%s"', (modifiers, call) => {
    const t = new ToolDriver('zoom')
    t.hold(modifiers).drag([20, 30])
    expect(t.viewCalls).toEqual([call])
  })

  it('a drag shows the dragged area', () => {
    const t = new ToolDriver('zoom')
    t.down(100, 80).move(40, 20)
    expect(t.manager.overlay()).toEqual([
      { kind: 'area', area: { x: 40, y: 20, width: 60, height: 60 }, style: 'line' },
    ])
    t.up()
    expect(t.viewCalls).toEqual(['show 40 20 60 60'])
  })

  it('shows which way a click would zoom', () => {
    const t = new ToolDriver('zoom')
    expect(t.manager.cursor()).toMatchObject({ name: 'zoom-in' })
    t.hold({ alt: true })
    expect(t.manager.cursor()).toMatchObject({ name: 'zoom-out' })
  })
})

describe('borrowed tools', () => {
  it('space lends the hand, with Ctrl the zoom tool, and gives the tool back', () => {
    const t = new ToolDriver('brush')
    t.hold({ space: true })
    expect(t.manager.active.id).toBe('hand')
    t.hold({ space: true, mod: true })
    expect(t.manager.active.id).toBe('zoom')
    t.hold({})
    expect(t.manager.active.id).toBe('brush')
    expect(t.store.getState().tool).toBe('brush')
  })

  it('the hand stays until the drag ends, though space was let go', () => {
    const t = new ToolDriver('brush')
    t.hold({ space: true }).down(0, 0).move(10, 0)
    t.hold({}).move(20, 0)
    expect(t.manager.active.id).toBe('hand')
    t.up()
    expect(t.viewCalls.at(-1)).toBe('pan 20 0')
    expect(t.manager.active.id).toBe('brush')
    expect(t.strokes).toEqual([])
  })

  it('space pressed during a stroke does not take the pen away', () => {
    const t = new ToolDriver('brush')
    t.down(0, 0)
    t.hold({ space: true }).move(5, 5)
    expect(t.strokes[0]!.samples).toHaveLength(2)
    t.up()
    expect(t.manager.active.id).toBe('hand')
  })

  it('the middle button pans with every tool', () => {
    const t = new ToolDriver('rectangle-select')
    t.down(0, 0, 1).move(7, 8).up()
    expect(t.viewCalls.at(-1)).toBe('pan 7 8')
    expect(t.manager.active.id).toBe('rectangle-select')
    expect(t.intents).toEqual([])
  })

  it('losing the window ends what was borrowed', () => {
    const t = new ToolDriver('brush')
    t.hold({ space: true })
    t.manager.interrupt()
    expect(t.manager.active.id).toBe('brush')
  })
})
