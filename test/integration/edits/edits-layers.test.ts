import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { composeRect } from '../../../src/main/engine/imaging/composite.ts'
import type { Rect } from '../../../src/shared/geometry.ts'
import type { LayerId } from '../../../src/shared/ids.ts'
import type { Intent } from '../../../src/shared/intents.ts'
import { seeded } from '../../support/compose-scene.ts'
import {
  addLayer,
  type EditProject,
  farthest,
  grant,
  newProject,
  scenery,
  tilesOf,
} from '../../support/edit-project.ts'

const SIZE = { width: 620, height: 540 }
const id = (name: string) => name as LayerId

const select = (rect: Rect, feather = 0): Intent => ({
  kind: 'select',
  shape: { kind: 'rect', rect },
  combine: 'replace',
  feather,
})

/** A background, a translucent layer at an odd offset with a mask, and a group with two layers. */
async function stacked(background = true): Promise<EditProject> {
  const project = newProject(SIZE)
  const { session } = project
  if (background) addLayer(project, 'background', tilesOf(session, scenery(SIZE, 1), SIZE))
  addLayer(project, 'glass', tilesOf(session, scenery(SIZE, 2, true), SIZE), {
    offset: { x: 41, y: -63 },
    opacity: 0.7,
  })
  await project.edit(select({ x: 90, y: 80, width: 400, height: 300 }, 25))
  await project.edit({ kind: 'add-mask', layer: id('glass'), from: 'selection' })
  addLayer(project, 'upper', tilesOf(session, scenery(SIZE, 3, true), SIZE), { offset: { x: -130, y: 77 } })
  addLayer(project, 'inner', tilesOf(session, scenery(SIZE, 4, true), SIZE), { offset: { x: 200, y: 11 } })
  for (const name of ['upper', 'inner']) {
    await project.edit(select({ x: 100, y: 60, width: 350, height: 400 }, 9))
    await project.edit({ kind: 'clear', layer: id(name) })
  }
  await project.edit({ kind: 'select', shape: { kind: 'none' }, combine: 'replace', feather: 0 })
  const root = session.document.root.length
  const layers = session.document.layers
  session.commit({
    label: 'Group',
    origin: 'layer',
    changes: [
      {
        type: 'layer.delete',
        v: 1,
        place: { parent: null, index: root - 1 },
        layers: [layers[id('inner')]!],
      },
      {
        type: 'layer.delete',
        v: 1,
        place: { parent: null, index: root - 2 },
        layers: [layers[id('upper')]!],
      },
      {
        type: 'layer.insert',
        v: 1,
        place: { parent: null, index: root - 2 },
        layers: [
          {
            kind: 'group',
            id: id('group'),
            name: 'group',
            visible: true,
            locked: false,
            opacity: 0.8,
            blendMode: 'multiply',
            offset: { x: 5, y: 6 },
            mask: null,
            passThrough: false,
            children: [id('upper'), id('inner')],
          },
          layers[id('upper')]!,
          layers[id('inner')]!,
        ],
      },
    ],
  })
  return project
}

describe('masks of layers', () => {
  it('from the selection show what was selected, and take its place', async () => {
    const project = await stacked()
    const { mask } = project.layer('glass')
    expect(mask).toMatchObject({ outside: 0, enabled: true })
    expect(project.session.document.selection).toBeNull()
  })

  it('applied look the same within a level', async () => {
    const project = await stacked()
    const before = project.picture()
    const command = await project.edit({ kind: 'apply-mask', layer: id('glass') })
    expect(command?.label).toBe('Apply layer mask')
    expect(project.layer('glass').mask).toBeNull()
    expect(farthest(before, project.picture())).toBeLessThanOrEqual(1.01)
  })

  it('applied with nothing outside leave no pixels there', async () => {
    const project = await stacked()
    await project.edit({ kind: 'add-mask', layer: id('upper'), from: 'hide-all' })
    await project.edit({ kind: 'apply-mask', layer: id('upper') })
    expect(project.layer('upper').tiles).toEqual({})
  })

  it('inverted twice are the same again', async () => {
    const project = await stacked()
    const { mask } = project.layer('glass')
    await project.edit({ kind: 'invert-mask', layer: id('glass') })
    expect(project.layer('glass').mask?.outside).toBe(255)
    await project.edit({ kind: 'invert-mask', layer: id('glass') })
    expect(project.layer('glass').mask).toEqual(mask)
  })
})

describe('copies', () => {
  it('via copy look as the source does where it was selected', async () => {
    const project = await stacked(false)
    const rect = { x: 130, y: 120, width: 260, height: 310 }
    await project.edit(select(rect))
    const alone = (name: string) => {
      const { session } = project
      return { ...session.document, root: [id(name)] }
    }
    const command = await project.edit({
      kind: 'layer-from-selection',
      source: { layer: id('glass') },
      cut: false,
    })
    expect(command?.label).toBe('Layer via copy')
    const copy = project.session.document.root[1]!
    expect(project.layer(copy).name).toBe('glass copy')
    const { tiles } = project.session
    const inside = composeRect(alone('glass'), tiles, rect)
    expect(farthest(composeRect(alone(copy), tiles, rect), inside)).toBe(0)
    for (const beside of [
      { x: 0, y: 0, width: SIZE.width, height: 120 },
      { x: 0, y: 0, width: 130, height: SIZE.height },
      { x: 390, y: 0, width: 300, height: SIZE.height },
    ])
      expect(composeRect(alone(copy), tiles, beside).some((value, i) => i % 4 === 3 && value > 0)).toBe(false)
  })

  it('via cut change nothing in the picture where the edge is hard', async () => {
    const project = await stacked()
    const before = project.picture()
    await project.edit(select({ x: 130, y: 120, width: 260, height: 310 }))
    await project.edit({ kind: 'layer-from-selection', source: { layer: id('glass') }, cut: true })
    expect(farthest(before, project.picture())).toBe(0)
    expect(project.session.document.root).toHaveLength(4)
  })

  it('merged are the picture itself', async () => {
    const project = await stacked()
    const before = project.picture()
    await project.edit({ kind: 'layer-from-selection', source: 'merged', cut: false })
    const top = project.session.document.root.at(-1)!
    expect(project.layer(top).name).toBe('Merged copy')
    expect(Buffer.compare(before, project.picture())).toBe(0)
  })

  it('of nothing are refused', async () => {
    const project = await stacked()
    await project.edit(select({ x: 0, y: 0, width: 3, height: 3 }))
    await expect(
      project.edit({ kind: 'layer-from-selection', source: { layer: id('glass') }, cut: false }),
    ).rejects.toMatchObject({ code: 'document.conflict' })
  })

  it('of a whole group have new ids and the same look', async () => {
    const project = await stacked()
    const command = await project.edit({ kind: 'duplicate', layer: id('group') })
    expect(command?.label).toBe('Duplicate group')
    const { document } = project.session
    expect(Object.keys(document.layers)).toHaveLength(8)
    const copy = document.layers[document.root.at(-1)!]!
    expect(copy).toMatchObject({ name: 'group copy', opacity: 0.8, blendMode: 'multiply' })
    expect(copy.kind === 'group' && copy.children.map((child) => document.layers[child]?.name)).toEqual([
      'upper',
      'inner',
    ])
  })
})

describe('merging', () => {
  it('down keeps the look within a level, seed after seed', async () => {
    for (const seed of [1, 2, 3, 4]) {
      const random = seeded(seed)
      const project = newProject(SIZE)
      const offset = () => ({ x: Math.floor(random() * 400) - 200, y: Math.floor(random() * 400) - 200 })
      addLayer(project, 'background', tilesOf(project.session, scenery(SIZE, seed), SIZE), {
        offset: offset(),
      })
      addLayer(project, 'lower', tilesOf(project.session, scenery(SIZE, seed + 10, true), SIZE), {
        offset: offset(),
        opacity: random(),
      })
      await project.edit(select({ x: 90, y: 80, width: 400, height: 300 }, 25))
      await project.edit({ kind: 'add-mask', layer: id('lower'), from: 'selection' })
      addLayer(project, 'upper', tilesOf(project.session, scenery(SIZE, seed + 20, true), SIZE), {
        offset: offset(),
        opacity: random(),
      })
      const before = project.picture()
      await project.edit({ kind: 'merge-down', layer: id('upper') })
      expect(farthest(before, project.picture()), `seed ${seed}`).toBeLessThanOrEqual(1.5)
      expect(project.layer('lower')).toMatchObject({ opacity: 1, mask: null })
      await project.edit({ kind: 'merge-down', layer: id('lower') })
      expect(farthest(before, project.picture()), `seed ${seed}`).toBeLessThanOrEqual(2)
      expect(project.session.document.root).toEqual(['background'])
    }
  })

  it('down with any blend mode onto an opaque layer keeps the look', async () => {
    for (const blendMode of ['multiply', 'overlay', 'luminosity', 'difference'] as const) {
      const project = newProject(SIZE)
      addLayer(project, 'background', tilesOf(project.session, scenery(SIZE, 1), SIZE))
      addLayer(project, 'upper', tilesOf(project.session, scenery(SIZE, 2, true), SIZE), {
        blendMode,
        opacity: 0.6,
      })
      const before = project.picture()
      await project.edit({ kind: 'merge-down', layer: id('upper') })
      expect(Buffer.compare(before, project.picture())).toBe(0)
    }
  })

  it('a group keeps the look and its place, name, opacity and blend mode', async () => {
    const project = await stacked()
    const before = project.picture()
    await project.edit({ kind: 'merge-down', layer: id('group') })
    const merged = project.session.document.root.at(-1)!
    expect(project.layer(merged)).toMatchObject({
      kind: 'raster',
      name: 'group',
      opacity: 0.8,
      blendMode: 'multiply',
    })
    expect(farthest(before, project.picture())).toBeLessThanOrEqual(1.5)
  })

  it('all changes no byte', async () => {
    for (const background of [true, false]) {
      const project = await stacked(background)
      const before = project.picture()
      const document = project.session.document
      await project.edit({ kind: 'flatten' })
      expect(project.session.document.root).toHaveLength(1)
      expect(farthest(before, project.picture())).toBe(0)
      project.session.undo()
      expect(project.session.document).toEqual(document)
    }
  })

  it('refuses what has nothing below, and hidden layers', async () => {
    const project = await stacked()
    await expect(project.edit({ kind: 'merge-down', layer: id('background') })).rejects.toMatchObject({
      message: 'There is no layer below to merge into.',
    })
    project.session.commit({
      label: 'Hide',
      origin: 'layer',
      changes: [
        { type: 'layer.set', v: 1, id: id('glass'), before: { visible: true }, after: { visible: false } },
      ],
    })
    await expect(project.edit({ kind: 'merge-down', layer: id('glass') })).rejects.toMatchObject({
      message: 'The layer "glass" is hidden. Show it first, or delete it.',
    })
  })
})

describe('the canvas', () => {
  it.each([false, true])('cropped shows the part it was cropped to, discard %s', async (discard) => {
    const project = await stacked()
    const rect = { x: 77, y: 130, width: 401, height: 333 }
    await project.edit(select({ x: 50, y: 100, width: 200, height: 200 }, 8))
    const before = project.picture(rect)
    const outside = project.picture({ x: 0, y: 0, width: 620, height: 130 })
    const command = await project.edit({ kind: 'crop', rect, discard })
    expect(command?.label).toBe('Crop')
    expect(project.session.document.canvas).toEqual({ width: 401, height: 333 })
    expect(Buffer.compare(before, project.picture())).toBe(0)
    const { selection } = project.session.document
    expect(selection?.bounds).toMatchObject({ x: 0, y: 0 })
    const kept = project.picture({ x: -77, y: -130, width: 620, height: 130 })
    if (discard) expect(kept.every((value) => value === 0)).toBe(true)
    else expect(Buffer.compare(outside, kept)).toBe(0)
  })

  it.each([
    [0, 0],
    [0.5, 0.5],
    [1, 1],
  ])('resized keeps the picture at the anchor (%d, %d)', async (x, y) => {
    const project = await stacked()
    const before = project.picture()
    await project.edit(select({ x: 0, y: 0, width: 100, height: 100 }))
    await project.edit({ kind: 'resize-canvas', width: 900, height: 641, anchor: { x, y } })
    const at = { x: Math.round(280 * x), y: Math.round(101 * y) }
    expect(Buffer.compare(before, project.picture({ ...at, ...SIZE }))).toBe(0)
    expect(project.session.document.selection?.bounds).toEqual({ ...at, width: 100, height: 100 })
    await project.edit({ kind: 'resize-canvas', ...SIZE, anchor: { x, y } })
    expect(Buffer.compare(before, project.picture())).toBe(0)
  })

  it('refuses nonsense and does nothing for nothing', async () => {
    const project = await stacked()
    await expect(
      project.edit({ kind: 'crop', rect: { x: 4, y: 4, width: 0, height: 9 }, discard: false }),
    ).rejects.toMatchObject({ code: 'document.conflict' })
    await expect(
      project.edit({ kind: 'resize-canvas', width: 60_000, height: 60_000, anchor: { x: 0, y: 0 } }),
    ).rejects.toMatchObject({ code: 'image.too-large' })
    expect(await project.edit({ kind: 'crop', rect: { x: 0, y: 0, ...SIZE }, discard: false })).toBeNull()
  })
})

describe('pasting', () => {
  it('puts a picture on a layer of its own, centred', async () => {
    const project = await stacked()
    const rgba = scenery({ width: 300, height: 201 }, 9)
    const png = await sharp(rgba, { raw: { width: 300, height: 201, channels: 4 } })
      .png()
      .toBuffer()
    await project.edit({
      kind: 'paste',
      file: grant(png),
      name: 'Pasted',
      above: id('background'),
      centre: null,
    })
    const pasted = project.session.document.root[1]!
    expect(project.layer(pasted)).toMatchObject({ name: 'Pasted', offset: { x: 160, y: 170 } })
    const alone = { ...project.session.document, root: [pasted] }
    const found = composeRect(alone, project.session.tiles, { x: 160, y: 170, width: 300, height: 201 })
    expect(Buffer.compare(found, rgba)).toBe(0)
  })

  it('converts colours into the document and copies them where the profiles agree', async () => {
    const size = { width: 64, height: 64 }
    const red = new Uint8Array(64 * 64 * 3).map((_, i) => (i % 3 === 0 ? 200 : 30))
    const raw = { raw: { ...size, channels: 3 as const } }
    const p3 = await sharp(red, raw).withIccProfile('p3').png().toBuffer()
    const icc = new Uint8Array((await sharp(p3).metadata()).icc!)
    const stored = await sharp(p3, { ignoreIcc: true }).raw().toBuffer()
    const project = newProject(size, { name: 'Display P3', bytes: icc })
    await project.edit({ kind: 'paste', file: grant(p3), name: 'same', above: null, centre: null })
    expect([...project.picture().subarray(0, 3)]).toEqual([...stored.subarray(0, 3)])
    const srgb = await sharp(red, raw).png().toBuffer()
    await project.edit({ kind: 'paste', file: grant(srgb), name: 'other', above: null, centre: null })
    const seen = project.picture()
    for (const channel of [0, 1, 2])
      expect(Math.abs(seen[channel]! - stored[channel]!)).toBeLessThanOrEqual(2)
    expect(seen[0]).not.toBe(200)
    const layer = project.session.document.root.at(-1)!
    await project.edit({ kind: 'fill-colour', layer, colour: { r: 200 / 255, g: 30 / 255, b: 30 / 255 } })
    for (const channel of [0, 1, 2])
      expect(Math.abs(project.picture()[channel]! - seen[channel]!)).toBeLessThanOrEqual(1)
  })

  it('refuses what is no picture and leaves nothing', async () => {
    const project = await stacked()
    const { document } = project.session
    const text = grant(new TextEncoder().encode('not a picture at all'))
    await expect(
      project.edit({ kind: 'paste', file: text, name: 'x', above: null, centre: null }),
    ).rejects.toMatchObject({ code: 'image.unreadable' })
    expect(project.session.document).toBe(document)
  })
})
