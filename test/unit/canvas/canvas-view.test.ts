import { describe, expect, it } from 'vitest'
import {
  fitted,
  keptInSight,
  MAX_ZOOM,
  panned,
  placementOf,
  showing,
  stepZoom,
  toDocument,
  toScreen,
  visibleRect,
  zoomedAbout,
} from '../../../src/renderer/canvas/canvas-view.ts'
import { ViewControl } from '../../../src/renderer/canvas/canvas-view-control.ts'

const WINDOW = { width: 800, height: 600, pixelRatio: 2 }
const CANVAS = { width: 4000, height: 3000 }

describe('the view', () => {
  it('places the centre in the middle, on whole device pixels', () => {
    const place = placementOf({ zoom: 1, centre: { x: 100.3, y: 50 } }, WINDOW)
    expect(place).toEqual({ scale: 0.5, x: 350, y: 275 })
  })

  it('takes screen places to document points and back', () => {
    const place = placementOf({ zoom: 3.7, centre: { x: 17, y: -4 } }, WINDOW)
    const back = toScreen(place, toDocument(place, { x: 123, y: 456 }))
    expect(back.x).toBeCloseTo(123, 9)
    expect(back.y).toBeCloseTo(456, 9)
  })

  it('zooms about a place: the point under it stays, whatever the zooms', () => {
    for (const zoom of [0.02, 0.3, 1, 7, 60])
      for (const next of [0.05, 1, 33]) {
        const view = { zoom, centre: { x: 500, y: 400 } }
        const at = { x: 130, y: 555 }
        const before = toDocument(placementOf(view, WINDOW), at)
        const after = toDocument(placementOf(zoomedAbout(view, WINDOW, at, next), WINDOW), at)
        const tolerance = 1 / Math.min(zoom, next)
        expect(Math.abs(after.x - before.x)).toBeLessThanOrEqual(tolerance)
        expect(Math.abs(after.y - before.y)).toBeLessThanOrEqual(tolerance)
      }
  })

  it('fits the picture with a margin, and does not enlarge a small one', () => {
    const view = fitted(CANVAS, WINDOW)
    const place = placementOf(view, WINDOW)
    expect(toScreen(place, { x: 0, y: 0 }).y).toBeCloseTo(24, 0)
    expect(toScreen(place, { x: 4000, y: 3000 }).y).toBeCloseTo(576, 0)
    expect(fitted({ width: 40, height: 30 }, WINDOW)).toEqual({ zoom: 1, centre: { x: 20, y: 15 } })
  })

  it('shows an area as large as the window allows', () => {
    const view = showing({ x: 100, y: 100, width: 200, height: 50 }, WINDOW)
    expect(view).toEqual({ zoom: 8, centre: { x: 200, y: 125 } })
    expect(visibleRect(view, WINDOW)).toEqual({ x: 100, y: 50, width: 200, height: 150 })
    expect(showing({ x: 0, y: 0, width: 0, height: 0 }, WINDOW).zoom).toBe(MAX_ZOOM)
  })

  it('pans as the picture is dragged', () => {
    expect(panned({ zoom: 1, centre: { x: 100, y: 100 } }, WINDOW, 10, -5).centre).toEqual({ x: 80, y: 110 })
  })

  it('keeps some of the picture in sight', () => {
    const lost = keptInSight({ zoom: 1, centre: { x: 99999, y: -99999 } }, CANVAS, WINDOW)
    const place = placementOf(lost, WINDOW)
    expect(toScreen(place, { x: 4000, y: 0 })).toEqual({ x: 48, y: 552 })
  })

  it.each([
    [1, 2, 2],
    [1, 0.5, 0.5],
    [0.3, 2, 0.5],
    [0.9, 1.5, 1],
    [0.26, 1.25, 0.3333],
    [0.26, 1.2, 0.312],
    [64, 2, 64],
  ])('steps from %d by %d to %d', (zoom, factor, expected) => {
    expect(stepZoom(zoom, factor)).toBeCloseTo(expected, 6)
  })
})

describe('the view in hand', () => {
  function control(saved: { zoom: number; centre: { x: number; y: number } } | null = null) {
    const view = new ViewControl(CANVAS, saved, () => undefined)
    view.resize(WINDOW)
    return view
  }

  it('stays fitted to the window until somebody moves it', () => {
    const view = control()
    const before = view.view.zoom
    view.resize({ ...WINDOW, width: 400, height: 300 })
    expect(view.view.zoom).toBeLessThan(before / 1.9)
    view.actualSize()
    expect(view.untouched).toBe(false)
    view.resize(WINDOW)
    expect(view.view.zoom).toBe(1)
    view.fit()
    expect([view.untouched, view.view.zoom]).toEqual([true, before])
  })

  it('goes back to where it was left', () => {
    expect(control({ zoom: 2, centre: { x: 700, y: 800 } }).view).toEqual({
      zoom: 2,
      centre: { x: 700, y: 800 },
    })
  })

  it('is fitted anew when the canvas is cropped', () => {
    const view = control({ zoom: 2, centre: { x: 700, y: 800 } })
    view.recanvas({ width: 300, height: 200 })
    expect(view.view).toEqual({ zoom: 1, centre: { x: 150, y: 100 } })
  })

  it('computes a pan and a pinch from where they began', () => {
    const view = control({ zoom: 2, centre: { x: 700, y: 800 } })
    const pan = view.startPan()
    pan(100, 0)
    pan(10, 0)
    expect(view.view.centre).toEqual({ x: 690, y: 800 })
    const pinch = view.start()
    pinch({ x: 400, y: 300 }, { x: 400, y: 300 }, 3)
    pinch({ x: 400, y: 300 }, { x: 410, y: 300 }, 2)
    expect(view.view.zoom).toBe(4)
    expect(view.view.centre.x).toBeCloseTo(685, 9)
  })

  it('the wheel pans, and with a modifier zooms about the pointer by no more than a step', () => {
    const view = control({ zoom: 1, centre: { x: 2000, y: 1500 } })
    view.wheel({ at: { x: 0, y: 0 }, dx: 10, dy: 20, zoom: false })
    expect(view.view.centre).toEqual({ x: 2020, y: 1540 })
    const at = { x: 100, y: 100 }
    const before = view.toDocument(at)
    view.wheel({ at, dx: 0, dy: -4000, zoom: true })
    expect(view.view.zoom).toBeCloseTo(Math.exp(0.25), 9)
    expect(Math.abs(view.toDocument(at).x - before.x)).toBeLessThan(1)
  })
})
