import { describe, expect, test } from 'vitest'
import { composeRect } from '../../src/main/engine/imaging/composite.ts'
import { CellGrid, levelRect } from '../../src/renderer/canvas/compositor-cells.ts'
import { pictureDamage, selectionDamage } from '../../src/renderer/canvas/compositor-damage.ts'
import { partsOf, roomFor, screenRect, visibleIn } from '../../src/renderer/canvas/compositor-view.ts'
import { apply } from '../../src/shared/document/apply.ts'
import type { Change } from '../../src/shared/document/commands.ts'
import { type Document, type Layer, placeOf, subtreeOf } from '../../src/shared/document/model.ts'
import type { Rect } from '../../src/shared/geometry.ts'
import type { TileHash } from '../../src/shared/ids.ts'
import { randomScene, randomTile, type Scene, seeded } from '../support/compose-scene.ts'

/** A random change that fits the document. */
function randomChange({ document, tiles }: Scene, random: () => number): Change {
  const layers = Object.values(document.layers) as Layer[]
  const layer = layers[Math.floor(random() * layers.length)]!
  const { id } = layer
  const set = (before: object, after: object): Change => ({ type: 'layer.set', v: 1, id, before, after })
  switch (Math.floor(random() * 7)) {
    case 0:
      return set({ opacity: layer.opacity }, { opacity: random() })
    case 1:
      return set({ visible: layer.visible }, { visible: !layer.visible })
    case 2:
      return set({ offset: layer.offset }, { offset: { x: layer.offset.x + 30, y: layer.offset.y - 50 } })
    case 3:
      if (layer.mask) {
        const { mask } = layer
        return set({ mask }, { mask: { ...mask, outside: mask.outside === 0 ? 255 : 0 } })
      }
      return set({ blendMode: layer.blendMode }, { blendMode: 'screen' })
    case 4: {
      const layers = subtreeOf(document, id)
      return { type: 'layer.delete', v: 1, place: placeOf(document, id)!, layers }
    }
    case 5: {
      const before = placeOf(document, id)!
      return { type: 'layer.move', v: 1, id, before, after: { parent: null, index: 0 } }
    }
    default: {
      const plane = layer.kind === 'raster' && random() < 0.6 ? 'pixels' : 'mask'
      const map = plane === 'pixels' && layer.kind === 'raster' ? layer.tiles : layer.mask?.tiles
      if (!map) return set({ opacity: layer.opacity }, { opacity: 0.3 })
      const next: TileHash = tiles.add(randomTile(plane === 'pixels' ? 'rgba8' : 'gray8', random))
      return { type: 'pixels.patch', v: 1, id, plane, tiles: { '0,1': [map['0,1'] ?? null, next] } }
    }
  }
}

function inside(rects: readonly Rect[], x: number, y: number): boolean {
  return rects.some((r) => x >= r.x && y >= r.y && x < r.x + r.width && y < r.y + r.height)
}

describe('damage', () => {
  test('outside what it names, both documents look the same', () => {
    let kept = 0
    for (let seed = 1; seed <= 24; seed++) {
      const random = seeded(seed)
      const scene = randomScene(seed + 500)
      const { document, tiles } = scene
      const next: Document = apply(document, { changes: [randomChange(scene, random)] })
      const damage = pictureDamage(document, next)
      if (damage === 'all') continue
      const rect = { x: -200, y: -200, width: 700, height: 700 }
      const before = composeRect(document, tiles, rect)
      const after = composeRect(next, tiles, rect)
      for (let y = 0; y < 700; y += 3)
        for (let x = 0; x < 700; x += 3) {
          if (inside(damage, x - 200, y - 200)) continue
          kept++
          const at = (y * 700 + x) * 4
          if (before[at + 3] === 0 && after[at + 3] === 0) continue
          for (let c = at; c < at + 4; c++)
            if (before[c] !== after[c]) expect.fail(`seed ${seed}: ${x - 200},${y - 200} changed unnoticed`)
        }
    }
    expect(kept).toBeGreaterThan(50_000)
  })

  test('a patch damages its tiles only, and no change damages nothing', () => {
    const { document, tiles } = randomScene(3)
    const layer = document.layers[document.root[0]!]!
    if (layer.kind !== 'raster') throw new Error('the lowest layer is a raster layer')
    const hash = tiles.add(randomTile('rgba8', seeded(1)))
    const patch = { '1,0': [layer.tiles['1,0'] ?? null, hash] } as const
    const next = apply(document, {
      changes: [{ type: 'pixels.patch', v: 1, id: layer.id, plane: 'pixels', tiles: patch }],
    })
    expect(pictureDamage(document, next)).toEqual([{ x: 256, y: 0, width: 256, height: 256 }])
    expect(pictureDamage(document, document)).toEqual([])
    expect(pictureDamage(document, { ...document, canvas: { width: 9, height: 9 } })).toBe('all')
    const selected = {
      ...document,
      selection: { tiles: { '2,1': hash }, bounds: { x: 0, y: 0, width: 1, height: 1 } },
    }
    expect(selectionDamage(document, selected)).toEqual([{ x: 512, y: 256, width: 256, height: 256 }])
    expect(pictureDamage(document, selected)).toEqual([])
  })
})

describe('cells', () => {
  test('keep what the view still sees, and begin anew where it has moved on', () => {
    const grid = new CellGrid(0, 3, 2)
    const first = grid.show({ x: 0, y: 0, width: 700, height: 300 })
    expect(first).toHaveLength(6)
    for (const cell of first) {
      cell.there = true
      cell.dirty = null
    }
    const moved = grid.show({ x: 300, y: 0, width: 700, height: 300 })
    expect(moved.map((cell) => [cell.x, cell.there])).toEqual([
      [1, true],
      [2, true],
      [3, false],
      [1, true],
      [2, true],
      [3, false],
    ])
    const there = [0, 0, 0, 255]
    const gone = [0, 0, 0, 0]
    expect(Array.from(grid.states())).toEqual([gone, there, there, gone, there, there].flat())
    for (const cell of moved) cell.there = true
    expect(Array.from(grid.states().subarray(0, 4))).toEqual([1, 0, 0, 255])
  })

  test('damage joins in the cells it meets', () => {
    const grid = new CellGrid(0, 2, 1)
    const cells = grid.show({ x: 0, y: 0, width: 512, height: 256 })
    for (const cell of cells) cell.dirty = null
    grid.damage({ x: 250, y: 10, width: 10, height: 10 })
    grid.damage({ x: 240, y: 30, width: 5, height: 5 })
    expect(cells.map(({ dirty }) => dirty)).toEqual([
      { x: 240, y: 10, width: 16, height: 25 },
      { x: 0, y: 10, width: 4, height: 10 },
    ])
  })

  test('a rectangle of the document covers all it can touch at a level', () => {
    expect(levelRect({ x: 5, y: 8, width: 4, height: 4 }, 0)).toEqual({ x: 5, y: 8, width: 4, height: 4 })
    expect(levelRect({ x: 5, y: 8, width: 4, height: 4 }, 2)).toEqual({ x: 0, y: 1, width: 4, height: 3 })
  })
})

describe('views', () => {
  const view = {
    screen: { width: 800, height: 600 },
    canvas: { width: 6000, height: 4000 },
    pixelRatio: 1,
    veil: null,
  }

  test.each([
    [1, 100.5, 50, { x: 100, y: 50, width: 801, height: 600 }],
    [0.5, -100, -50, { x: 0, y: 0, width: 1500, height: 1150 }],
    [4, 5900, 3990, { x: 5900, y: 3990, width: 100, height: 10 }],
  ])('zoom %d at %d, %d', (zoom, left, top, want) => {
    expect(visibleIn({ ...view, zoom, left, top })).toEqual(want)
  })

  test('there is room for every place of a view', () => {
    const random = seeded(4)
    for (let i = 0; i < 500; i++) {
      const level = Math.floor(random() * 5)
      const zoom = (0.51 + random() * 0.49) / 2 ** level
      const left = random() * 6000 - 400
      const top = random() * 4000 - 300
      const seen = visibleIn({ ...view, zoom, left, top })
      if (seen.width === 0) continue
      const { columns, rows } = roomFor(seen, view.canvas, level)
      const cells = partsOf(seen, level).filter((part) => part.x >= 0 && part.y >= 0)
      const xs = new Set(cells.map((cell) => cell.x % columns))
      expect(xs.size, `${JSON.stringify(seen)} at ${level}`).toBe(new Set(cells.map((cell) => cell.x)).size)
      expect(new Set(cells.map((cell) => cell.y % rows)).size).toBe(new Set(cells.map((cell) => cell.y)).size)
    }
  })

  test('a document rectangle is redrawn with the pixels around it', () => {
    const how = { ...view, zoom: 0.5, left: 100, top: 0 }
    expect(screenRect(how, { x: 200, y: 100, width: 20, height: 20 })).toEqual({
      x: 47,
      y: 47,
      width: 16,
      height: 16,
    })
  })
})
