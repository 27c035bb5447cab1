import { describe, expect, it } from 'vitest'
import { accumulate, dabCoverage, strokeDabs } from '../../../src/shared/brush.ts'
import type { Rect } from '../../../src/shared/geometry.ts'
import type { Intent } from '../../../src/shared/intents.ts'
import { type Brush, DEFAULT_BRUSH } from '../../../src/shared/stroke.ts'
import { seeded } from '../../support/compose-scene.ts'
import { addLayer, type EditProject, newProject, scenery, tilesOf } from '../../support/edit-project.ts'

const SIZE = { width: 430, height: 340 }
const BRUSH: Brush = {
  ...DEFAULT_BRUSH,
  size: 90,
  hardness: 0.4,
  flow: 0.6,
  opacity: 0.8,
  pressureSize: false,
}
const WAVE = Array.from({ length: 20 }, (_, i) => ({
  x: 20 + i * 20,
  y: 170 + 110 * Math.sin(i / 3),
  pressure: 1,
  time: i * 8,
}))
const RED = { r: 1, g: 0.2, b: 0 }

function withPicture(translucent = false, offset = { x: 0, y: 0 }): EditProject {
  const project = newProject(SIZE)
  addLayer(project, 'photo', tilesOf(project.session, scenery(SIZE, 1, translucent), SIZE), { offset })
  return project
}

const stroke = (target: 'pixels' | 'mask' | 'selection', mode: 'paint' | 'erase', brush = BRUSH): Intent => ({
  kind: 'stroke',
  target: target === 'selection' ? { kind: target } : { kind: target, layer: 'photo' as never },
  mode,
  brush,
  colour: RED,
  samples: WAVE,
})

const selectRect = (x: number, y: number, width: number, height: number, feather = 0): Intent => ({
  kind: 'select',
  shape: { kind: 'rect', rect: { x, y, width, height } },
  combine: 'replace',
  feather,
})

/** The stroke's cover, computed for the whole canvas from the formulas. */
function coverOf(brush: Brush): Float64Array {
  const cover = new Float64Array(SIZE.width * SIZE.height)
  for (const dab of strokeDabs(brush, WAVE))
    for (let y = Math.max(0, Math.floor(dab.y - 60)); y < Math.min(SIZE.height, dab.y + 60); y++)
      for (let x = Math.max(0, Math.floor(dab.x - 60)); x < Math.min(SIZE.width, dab.x + 60); x++) {
        const i = y * SIZE.width + x
        const away = Math.hypot(x + 0.5 - dab.x, y + 0.5 - dab.y)
        cover[i] = accumulate(cover[i]!, dab.flow, dabCoverage(away, dab.radius, dab.hardness))
      }
  return cover
}

describe('strokes on pixels', () => {
  it.each([
    [0, 0],
    [37, -91],
    [-300, 255],
  ])('paint what the formulas say, on a layer at (%d, %d)', async (x, y) => {
    const project = withPicture(true, { x, y })
    await project.edit(selectRect(60, 30, 233, 251, 12))
    const before = project.picture()
    const selection = selectionOf(project)
    const command = await project.edit(stroke('pixels', 'paint'))
    expect(command?.label).toBe('Brush stroke')
    const after = project.picture()
    const cover = coverOf(BRUSH)
    let farthest = 0
    let changed = 0
    let strays = 0
    for (let i = 0; i < cover.length; i++) {
      const alpha = cover[i]! * BRUSH.opacity * (selection[i]! / 255)
      const under = (before[4 * i + 3]! / 255) * (1 - alpha)
      if (alpha === 0) {
        for (let c = 4 * i; c < 4 * i + 4; c++) if (after[c] !== before[c]) strays++
        continue
      }
      changed++
      if (after[4 * i + 3] === 0) continue
      const red = (255 * alpha + before[4 * i]! * under) / (alpha + under)
      farthest = Math.max(
        farthest,
        Math.abs(after[4 * i]! - red),
        Math.abs(after[4 * i + 3]! - 255 * (alpha + under)),
      )
    }
    expect(strays).toBe(0)
    expect(changed).toBeGreaterThan(20_000)
    expect(farthest).toBeLessThan(0.51)
  })

  it('erase alpha only where they go, and undo brings every byte back', async () => {
    const project = withPicture()
    const before = project.picture()
    const document = project.session.document
    await project.edit(stroke('pixels', 'erase', { ...BRUSH, flow: 1, opacity: 1, hardness: 1 }))
    const after = project.picture()
    expect(after[(170 * SIZE.width + 20) * 4 + 3]).toBe(0)
    expect(Buffer.compare(before, after)).not.toBe(0)
    project.session.undo()
    expect(project.session.document).toEqual(document)
    expect(Buffer.compare(before, project.picture())).toBe(0)
  })

  it('are nothing when they touch nothing', async () => {
    const project = withPicture()
    const far = {
      ...stroke('pixels', 'paint'),
      samples: [{ x: -900, y: 10, pressure: 1, time: 0 }],
    } as Intent
    expect(await project.edit(far)).toBeNull()
    await project.edit({ ...selectRect(0, 0, 1, 1), shape: { kind: 'none' } } as Intent)
    expect(project.session.history.entries).toHaveLength(1)
  })

  it('refuse groups, missing masks and locked layers with a sentence', async () => {
    const project = withPicture()
    await expect(project.edit(stroke('mask', 'paint'))).rejects.toMatchObject({
      code: 'document.conflict',
      message: 'The layer "photo" has no mask. Add one first.',
    })
    const id = 'photo' as never
    project.session.commit({
      label: 'Lock',
      origin: 'layer',
      changes: [{ type: 'layer.set', v: 1, id, before: { locked: false }, after: { locked: true } }],
    })
    for (const intent of [
      stroke('pixels', 'paint'),
      { kind: 'clear', layer: id },
      { kind: 'fill-colour', layer: id, colour: RED },
      { kind: 'add-mask', layer: id, from: 'hide-all' },
      { kind: 'layer-from-selection', source: { layer: id }, cut: true },
    ] as Intent[])
      await expect(project.edit(intent)).rejects.toMatchObject({
        code: 'document.conflict',
        message: 'The layer "photo" is locked. Unlock it first.',
      })
    expect(project.session.history.entries).toHaveLength(2)
  })
})

describe('strokes on masks and the selection', () => {
  it('lower a revealing mask to nothing, whole tiles included', async () => {
    const project = withPicture(false, { x: 13, y: 7 })
    await project.edit({ kind: 'add-mask', layer: 'photo' as never, from: 'reveal-all' })
    await project.edit(stroke('mask', 'erase', { ...BRUSH, size: 3000, hardness: 1, flow: 1, opacity: 1 }))
    expect(project.picture().every((value) => value === 0)).toBe(true)
    expect(Object.keys(project.layer('photo').mask!.tiles).length).toBeGreaterThan(3)
    await project.edit({ kind: 'invert-mask', layer: 'photo' as never })
    expect(project.layer('photo').mask).toMatchObject({ outside: 0 })
    expect(project.picture()[(200 * SIZE.width + 300) * 4 + 3]).toBe(255)
    await project.edit(stroke('mask', 'erase', { ...BRUSH, size: 3000, hardness: 1, flow: 1, opacity: 1 }))
    expect(project.layer('photo').mask).toEqual({ tiles: {}, outside: 0, enabled: true })
  })

  it('paint and erase the selection with exact bounds', async () => {
    const project = withPicture()
    const dot = (x: number, mode: 'paint' | 'erase', size = 20): Intent => ({
      ...(stroke('selection', mode, { ...BRUSH, size, hardness: 1, flow: 1, opacity: 1 }) as Intent & {
        kind: 'stroke'
      }),
      samples: [{ x, y: 250, pressure: 1, time: 0 }],
    })
    await project.edit(dot(100, 'paint'))
    expect(project.session.document.selection?.bounds).toEqual({ x: 90, y: 240, width: 20, height: 20 })
    await project.edit(dot(400, 'paint'))
    expect(project.session.document.selection?.bounds).toEqual({ x: 90, y: 240, width: 320, height: 20 })
    await project.edit(dot(100, 'erase', 40))
    expect(project.session.document.selection?.bounds).toEqual({ x: 390, y: 240, width: 20, height: 20 })
    await project.edit(dot(400, 'erase', 40))
    expect(project.session.document.selection).toBeNull()
    for (let i = 0; i < 4; i++) project.session.undo()
    for (let i = 0; i < 3; i++) project.session.redo()
    expect(project.session.document.selection?.bounds.x).toBe(390)
  })
})

describe('clear and fill', () => {
  it.each([
    [0, 0],
    [-45, 120],
  ])('change what is selected of a layer at (%d, %d)', async (x, y) => {
    const project = withPicture(false, { x, y })
    const before = project.picture()
    await project.edit(selectRect(60, 70, 320, 200))
    await project.edit({ kind: 'fill-colour', layer: 'photo' as never, colour: RED })
    const filled = project.picture()
    await project.edit({ kind: 'clear', layer: 'photo' as never })
    const cleared = project.picture()
    const pixel = (picture: Uint8Array, i: number) => picture.subarray(i, i + 4).join()
    let strays = 0
    for (let py = 0; py < SIZE.height; py++)
      for (let px = 0; px < SIZE.width; px++) {
        const i = (py * SIZE.width + px) * 4
        const inside = px >= 60 && px < 380 && py >= 70 && py < 270
        if (pixel(filled, i) !== (inside ? '255,51,0,255' : pixel(before, i))) strays++
        if (inside ? cleared[i + 3] !== 0 : pixel(cleared, i) !== pixel(before, i)) strays++
      }
    expect(strays).toBe(0)
  })

  it('take the whole layer or canvas when nothing is selected', async () => {
    const project = withPicture(false, { x: 30, y: 30 })
    await project.edit({ kind: 'clear', layer: 'photo' as never })
    expect(project.layer('photo').tiles).toEqual({})
    await project.edit({ kind: 'fill-colour', layer: 'photo' as never, colour: RED })
    const solid = (rect: Rect) => project.picture(rect).every((value, i) => i % 4 !== 3 || value === 255)
    const empty = (rect: Rect) => project.picture(rect).every((value, i) => i % 4 !== 3 || value === 0)
    expect(solid({ x: 0, y: 0, ...SIZE })).toBe(true)
    expect(empty({ x: -5, y: -5, width: 450, height: 5 })).toBe(true)
    expect(empty({ x: -5, y: -5, width: 5, height: 400 })).toBe(true)
    expect(empty({ x: 430, y: 0, width: 90, height: 400 })).toBe(true)
    expect(empty({ x: 0, y: 340, width: 450, height: 90 })).toBe(true)
  })
})

/** The selection as one plane of the canvas. */
function selectionOf({ session }: EditProject): Uint8Array {
  const plane = new Uint8Array(SIZE.width * SIZE.height)
  const tiles = session.document.selection?.tiles ?? {}
  for (const [key, hash] of Object.entries(tiles)) {
    const [tx = 0, ty = 0] = key.split(',').map(Number)
    const tile = session.tiles.read(hash as never)
    for (let i = 0; i < tile.length; i++) {
      const x = tx * 256 + (i % 256)
      const y = ty * 256 + (i >> 8)
      if (x < SIZE.width && y < SIZE.height) plane[y * SIZE.width + x] = tile[i]!
    }
  }
  return plane
}

describe('selections', () => {
  it('combine, change and come back by undo', async () => {
    const project = withPicture()
    const random = seeded(11)
    const documents = [project.session.document]
    const combine = ['replace', 'add', 'subtract', 'intersect'] as const
    const changes = ['invert', 'grow', 'shrink', 'feather', 'fill-holes'] as const
    for (let i = 0; i < 24; i++) {
      const intent: Intent =
        i % 3 === 2
          ? { kind: 'modify-selection', change: changes[i % 5]!, amount: 1 + random() * 30 }
          : {
              kind: 'select',
              shape:
                i % 2 === 0
                  ? {
                      kind: 'rect',
                      rect: {
                        x: Math.floor(random() * 500) - 60,
                        y: Math.floor(random() * 400),
                        width: 300,
                        height: 250,
                      },
                    }
                  : {
                      kind: 'lasso',
                      points: Array.from({ length: 7 }, () => ({
                        x: random() * 800 - 50,
                        y: random() * 600,
                      })),
                    },
              combine: combine[i % 4]!,
              feather: i % 5 === 0 ? 12 : 0,
            }
      if (await project.edit(intent)) documents.push(project.session.document)
    }
    expect(documents.length).toBeGreaterThan(15)
    for (const document of documents.slice(0, -1).reverse()) {
      project.session.undo()
      expect(project.session.document).toEqual(document)
    }
  })

  it('take what a layer covers, wherever it lies', async () => {
    const project = withPicture(true, { x: 50, y: -20 })
    await project.edit({
      kind: 'select',
      shape: { kind: 'layer', layer: 'photo' as never },
      combine: 'replace',
      feather: 0,
    })
    const picture = project.picture()
    const selection = selectionOf(project)
    expect(selection.every((value, i) => value === picture[4 * i + 3])).toBe(true)
  })
})
