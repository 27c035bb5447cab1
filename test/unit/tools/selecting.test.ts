import { describe, expect, it } from 'vitest'
import { SelectIntent } from '../../../src/shared/intents.ts'
import { documentWith, HASH, raster, ToolDriver } from './tool-driver.ts'

const selected = {
  ...documentWith([raster('photo')]),
  selection: { tiles: { '0,0': HASH('a') }, bounds: { x: 0, y: 0, width: 9, height: 9 } },
}

function rectOf(t: ToolDriver) {
  const intent = t.intents.at(-1)
  return intent?.kind === 'select' && intent.shape.kind === 'rect' ? intent.shape.rect : null
}

describe('rectangle selection', () => {
  it('selects whole pixels between the corners', () => {
    const t = new ToolDriver('rectangle-select')
    t.drag([100.4, 80.6], [20.4, 20.4])
    expect(t.intents).toEqual([
      {
        kind: 'select',
        shape: { kind: 'rect', rect: { x: 20, y: 20, width: 80, height: 61 } },
        combine: 'replace',
        feather: 0,
      },
    ])
  })

  it('is cut to the canvas', () => {
    const t = new ToolDriver('rectangle-select')
    t.drag([-50, 250], [90, 900])
    expect(rectOf(t)).toEqual({ x: 0, y: 250, width: 90, height: 50 })
  })

  it.each([
    [{ shift: true }, 'add'],
    [{ alt: true }, 'subtract'],
    [{ shift: true, alt: true }, 'intersect'],
    [{}, 'replace'],
  ] as const)('%o means %s', (modifiers, combine) => {
    const t = new ToolDriver('rectangle-select')
    t.hold(modifiers).drag([10, 10], [50, 30])
    expect(t.intents).toMatchObject([{ combine, shape: { rect: { x: 10, y: 10, width: 40, height: 20 } } }])
  })

  it('takes combination and feather from the options', () => {
    const t = new ToolDriver('rectangle-select')
    t.store.setState({ selectCombine: 'subtract', selectFeather: 7 })
    expect(t.manager.cursor()).toEqual({ kind: 'drawn', name: 'select-subtract' })
    t.drag([10, 10], [50, 30])
    expect(t.intents).toMatchObject([{ combine: 'subtract', feather: 7 }])
  })

  it('Shift pressed during the drag makes a square, Alt grows it from its middle', () => {
    const t = new ToolDriver('rectangle-select')
    t.down(100, 100).move(110, 104)
    t.hold({ shift: true, alt: true }).move(130, 104).up()
    expect(t.intents).toMatchObject([
      { combine: 'replace', shape: { rect: { x: 70, y: 70, width: 60, height: 60 } } },
    ])
  })

  it('Shift that chose "add" makes a square only when it is pressed anew', () => {
    const t = new ToolDriver('rectangle-select')
    t.hold({ shift: true }).down(10, 10).move(60, 20)
    t.hold({}).move(60, 20)
    t.hold({ shift: true }).move(60, 20).up()
    expect(t.intents).toMatchObject([{ combine: 'add', shape: { rect: { width: 50, height: 50 } } }])
  })

  it('space moves the rectangle while it is drawn, and drawing goes on from there', () => {
    const t = new ToolDriver('rectangle-select')
    t.down(10, 10).move(50, 40)
    t.hold({ space: true }).move(50, 40).move(60, 45).move(70, 50)
    t.hold({}).move(80, 50).up()
    expect(rectOf(t)).toEqual({ x: 30, y: 20, width: 50, height: 30 })
  })

  it('a click deselects, but not with Shift, and not when nothing is selected', () => {
    const t = new ToolDriver('rectangle-select', { document: selected })
    t.hold({ shift: true }).drag([200, 200])
    expect(t.intents).toEqual([])
    t.hold({}).drag([200, 200], [201, 201])
    expect(t.intents).toMatchObject([{ shape: { kind: 'none' }, combine: 'replace' }])
    t.document = documentWith([raster('photo')])
    t.drag([200, 200])
    expect(t.intents).toHaveLength(1)
  })

  it('Escape and another tool send nothing', () => {
    const t = new ToolDriver('rectangle-select')
    t.down(10, 10).move(50, 50)
    t.key('Escape')
    t.up()
    t.down(10, 10).move(50, 50)
    t.store.setState({ tool: 'lasso' })
    t.up()
    expect(t.intents).toEqual([])
    expect(t.state).toBe('idle')
  })
})

describe('lasso', () => {
  it('sends a closed outline in fractions of pixels', () => {
    const t = new ToolDriver('lasso')
    t.drag([10.126, 10], [60, 10.5], [60, 50])
    expect(t.intents).toEqual([
      {
        kind: 'select',
        shape: {
          kind: 'lasso',
          points: [
            { x: 10.13, y: 10 },
            { x: 60, y: 10.5 },
            { x: 60, y: 50 },
          ],
        },
        combine: 'replace',
        feather: 0,
      },
    ])
  })

  it('stays within what an intent may hold, however long the outline', () => {
    const t = new ToolDriver('lasso')
    t.down(0, 0)
    for (let i = 0; i < 24_000; i++) t.move((i % 100) * 4, Math.floor(i / 100))
    t.up()
    expect(SelectIntent.safeParse(t.intents[0]).success).toBe(true)
  })

  it('a line selects nothing: it deselects', () => {
    const t = new ToolDriver('lasso', { document: selected })
    t.drag([10, 10], [60, 10], [30, 10])
    expect(t.intents).toMatchObject([{ shape: { kind: 'none' } }])
  })

  it('space carries the outline along', () => {
    const t = new ToolDriver('lasso')
    t.down(10, 10).move(60, 10).move(60, 50)
    t.hold({ space: true }).move(60, 50).move(160, 50).up()
    expect(t.intents).toMatchObject([{ shape: { points: [{ x: 110 }, { x: 160 }, { x: 160 }] } }])
  })
})
