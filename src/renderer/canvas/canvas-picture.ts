/** What the canvas needs of the thing that draws the picture; `PictureView` is one. */
import type { Dab } from '../../shared/brush.ts'
import { type Document, type RasterLayer, subtreeOf } from '../../shared/document/model.ts'
import { translate } from '../../shared/geometry.ts'
import type { TileHash } from '../../shared/ids.ts'
import type { Settings } from '../../shared/rpc/contract.ts'
import { mipLevelFor, mipSide, parseTileKey, tileEntries, tileKey, tilesIn } from '../../shared/tiles.ts'
import type { Editor } from '../editor/editor.ts'
import { placementOf, type View, visibleRect, type Window } from './canvas-view.ts'
import type { StrokeSurface } from './stroke-queue.ts'

export interface PictureFrame {
  readonly document: Document
  readonly view: View
  readonly window: Window
  /** The selection as a veil over the picture; null draws none. */
  readonly veil: { readonly colour: Settings['maskColour']; readonly opacity: number } | null
}

export interface Picture {
  readonly strokes: StrokeSurface
  /** Draws now, with the tiles that are at hand; asks for the others. */
  draw(frame: PictureFrame): void
  /** Resolves when every tile that this frame would need has come. */
  ready(frame: PictureFrame): Promise<void>
  dispose(): void
}

/** Stand-in until the WebGL picture is joined in. */
export function createPicture(canvas: HTMLCanvasElement, editor: Editor, redraw: () => void): Picture {
  const context = canvas.getContext('2d')!
  const kept = new Map<string, ImageData | Uint8Array>()
  const asked = new Set<string>()
  const live = new Set<Dab[]>()
  function want(hashes: TileHash[], level: number): Promise<void> {
    const missing = hashes.filter((h) => !asked.has(`${level}${h}`))
    for (const h of missing) asked.add(`${level}${h}`)
    if (missing.length === 0) return Promise.resolve()
    return editor.fetchTiles(missing, level).then((got) => {
      for (const [h, bytes] of got) kept.set(`${level}${h}`, bytes)
      redraw()
    })
  }
  function wanted(frame: PictureFrame) {
    const level = mipLevelFor(frame.view.zoom)
    const visible = visibleRect(frame.view, frame.window)
    const { document } = frame
    const layers = document.root
      .flatMap((id) => subtreeOf(document, id))
      .filter((l) => l.kind === 'raster' && l.visible)
    const maps = layers.map((l) => ({ tiles: (l as RasterLayer).tiles, offset: l.offset }))
    if (document.selection) maps.push({ tiles: document.selection.tiles, offset: { x: 0, y: 0 } })
    const hashes = maps.flatMap(({ tiles, offset }) =>
      tilesIn(translate(visible, { x: -offset.x, y: -offset.y })).flatMap(
        ({ tx, ty }) => tiles[tileKey(tx, ty)] ?? [],
      ),
    )
    return { level, maps, hashes: [...new Set(hashes)] }
  }
  return {
    strokes: {
      begin: () => {
        const dabs: Dab[] = []
        live.add(dabs)
        return { add: (more) => dabs.push(...more), remove: () => live.delete(dabs) }
      },
    },
    draw(frame) {
      const { level, maps, hashes } = wanted(frame)
      void want(hashes, level)
      canvas.width = frame.window.width * frame.window.pixelRatio
      canvas.height = frame.window.height * frame.window.pixelRatio
      const place = placementOf(frame.view, frame.window)
      const r = frame.window.pixelRatio
      context.setTransform(place.scale * r, 0, 0, place.scale * r, place.x * r, place.y * r)
      context.imageSmoothingEnabled = frame.view.zoom < 1
      maps.forEach(({ tiles, offset }, index) => {
        const veil = frame.document.selection && index === maps.length - 1
        if (veil && !frame.veil) return
        for (const [key, hash] of tileEntries(tiles)) {
          const bytes = kept.get(`${level}${hash}`)
          if (!(bytes instanceof Uint8Array)) continue
          const side = mipSide(level)
          const image = new ImageData(side, side)
          if (veil) {
            for (let i = 0; i < side * side; i++) {
              image.data.set(
                [frame.veil!.colour.r * 255, frame.veil!.colour.g * 255, frame.veil!.colour.b * 255],
                i * 4,
              )
              image.data[i * 4 + 3] = bytes[i]! * frame.veil!.opacity
            }
          } else image.data.set(bytes)
          const off = new OffscreenCanvas(side, side)
          off.getContext('2d')!.putImageData(image, 0, 0)
          const { tx, ty } = parseTileKey(key)
          context.drawImage(off, tx * 256 + offset.x, ty * 256 + offset.y, 256, 256)
        }
      })
      context.fillStyle = 'rgba(255,40,60,0.5)'
      for (const dabs of live)
        for (const { x, y, radius } of dabs) {
          context.beginPath()
          context.arc(x, y, radius, 0, 7)
          context.fill()
        }
    },
    ready: (frame) => {
      const { hashes, level } = wanted(frame)
      return want(hashes, level)
    },
    dispose() {},
  }
}
