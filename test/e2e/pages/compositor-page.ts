/**
 * A page with nothing but the picture on it. `compositor-scenes.ts` bundles it, hands it documents and tiles, and looks at
 * what is drawn.
 */
import { mipTile } from '../../../src/main/engine/imaging/mipmap.ts'
import type { PictureFrame } from '../../../src/renderer/canvas/canvas-picture.ts'
import type { FrameStats } from '../../../src/renderer/canvas/gl-drawing.ts'
import { PictureView } from '../../../src/renderer/canvas/picture-view.ts'
import type { StrokePreview } from '../../../src/renderer/canvas/stroke-queue.ts'
import type { StrokeStart } from '../../../src/renderer/tools/stroke-sink.ts'
import type { Dab } from '../../../src/shared/brush.ts'
import type { Rect } from '../../../src/shared/geometry.ts'
import type { TileHash } from '../../../src/shared/ids.ts'
import { tileBytes } from '../../../src/shared/tiles.ts'

const canvas = document.createElement('canvas')
document.body.append(canvas)

const store = new Map<TileHash, Uint8Array>()
const asked: { level: number; count: number }[] = []
let held: (() => void)[] | null = null
let stats: FrameStats | null = null
let frame: PictureFrame | null = null
let dirty = false

const view = new PictureView(
  canvas,
  {
    async fetchTiles(hashes, level) {
      asked.push({ level, count: hashes.length })
      if (held) await new Promise<void>((resolve) => held?.push(resolve))
      const tiles = new Map<TileHash, Uint8Array>()
      for (const hash of hashes) {
        const pixels = store.get(hash)
        if (!pixels) continue
        const format = pixels.byteLength === tileBytes('rgba8') ? 'rgba8' : 'gray8'
        tiles.set(hash, level === 0 ? pixels : mipTile(format, pixels, level))
      }
      return tiles
    },
  },
  {
    changed: () => {
      dirty = true
    },
    onFrame: (next) => {
      stats = next
    },
  },
)

function bytes(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
}

function base64(data: Uint8Array): string {
  let text = ''
  for (let i = 0; i < data.length; i += 8192) text += String.fromCharCode(...data.subarray(i, i + 8192))
  return btoa(text)
}

const strokes = new Map<string, StrokePreview>()

/** What the spec calls through `page.evaluate`. */
export const compositor = {
  addTiles(tiles: Record<string, string>): void {
    for (const [hash, data] of Object.entries(tiles)) store.set(hash as TileHash, bytes(data))
  },
  /** The same pixels under many names. */
  addCopies(hashes: readonly TileHash[], data: string): void {
    const pixels = bytes(data)
    for (const hash of hashes) store.set(hash, pixels)
  },
  /** Draws one frame with what is at hand. */
  draw(next: PictureFrame): FrameStats | null {
    frame = next
    dirty = false
    view.draw(next)
    return stats
  },
  /** Draws frames until everything in sight is composed. */
  async settle(next: PictureFrame): Promise<FrameStats | null> {
    compositor.draw(next)
    for (let i = 0; i < 2000 && !(stats?.settled && !dirty); i++) {
      await new Promise((resolve) => setTimeout(resolve, 2))
      if (dirty) compositor.draw(next)
    }
    return stats
  },
  ready(next: PictureFrame): Promise<void> {
    return view.ready(next)
  },
  read(rect: Rect): string | null {
    const pixels = view.readPixels(rect)
    return pixels && base64(pixels)
  },
  /** The screen, as a person sees it over a red page. */
  screen(): string {
    const copy = document.createElement('canvas')
    copy.width = canvas.width
    copy.height = canvas.height
    const context = copy.getContext('2d')!
    context.fillStyle = 'red'
    context.fillRect(0, 0, copy.width, copy.height)
    context.drawImage(canvas, 0, 0)
    return base64(new Uint8Array(context.getImageData(0, 0, copy.width, copy.height).data.buffer))
  },
  begin(id: string, start: StrokeStart): void {
    strokes.set(id, view.strokes.begin(start))
  },
  dabs(id: string, dabs: readonly Dab[]): void {
    strokes.get(id)?.add(dabs)
  },
  remove(id: string): void {
    strokes.get(id)?.remove()
  },
  setLut(table: string | null): void {
    view.setLut(table === null ? null : bytes(table))
  },
  memory: () => view.memory(),
  asked: () => asked.splice(0),
  hold(): void {
    held = []
  },
  release(): void {
    const waiting = held ?? []
    held = null
    for (const go of waiting) go()
  },
  /** Loses the context as a driver would, and waits until it has come back and all is drawn again. */
  async loseContext(): Promise<void> {
    const extension = canvas.getContext('webgl2')?.getExtension('WEBGL_lose_context')
    const lost = new Promise((resolve) =>
      canvas.addEventListener('webglcontextlost', resolve, { once: true }),
    )
    const back = new Promise((resolve) =>
      canvas.addEventListener('webglcontextrestored', resolve, { once: true }),
    )
    extension?.loseContext()
    await lost
    compositor.draw(frame!)
    await new Promise((resolve) => setTimeout(resolve, 50))
    extension?.restoreContext()
    await back
    await compositor.settle(frame!)
  },
}
export type CompositorPage = typeof compositor

declare global {
  interface Window {
    compositor: CompositorPage
  }
}
window.compositor = compositor
