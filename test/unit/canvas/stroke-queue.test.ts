import { describe, expect, it } from 'vitest'
import { ShownDocument } from '../../../src/renderer/canvas/canvas-shown.ts'
import { StrokeQueue } from '../../../src/renderer/canvas/stroke-queue.ts'
import { strokeDabs } from '../../../src/shared/brush.ts'
import { type Document, emptyDocument } from '../../../src/shared/document/model.ts'
import { CommandId } from '../../../src/shared/ids.ts'
import type { Intent } from '../../../src/shared/intents.ts'
import { DEFAULT_BRUSH } from '../../../src/shared/stroke.ts'

const START = {
  target: { kind: 'selection' },
  mode: 'paint',
  brush: DEFAULT_BRUSH,
  colour: { r: 0, g: 0, b: 0 },
} as const

const id = (n: number) => CommandId.parse(`c${n}`)
const settle = () => new Promise((resolve) => setTimeout(resolve, 0))

/** Stroke queue and shown document as the canvas ties them together; the host and the screen are recorders. */
function bench() {
  const documents: Document[] = [0, 1, 2, 3].map((n) =>
    emptyDocument({ width: n + 1, height: 1 }, { name: 'sRGB', hash: null }),
  )
  const sent: {
    intent: Intent
    answer: (command: CommandId | null) => void
    fail: (error: Error) => void
  }[] = []
  const loading: (() => void)[] = []
  /** What is on the screen after every change: the document's number and the strokes over it. */
  const frames: string[] = []
  const previews = new Map<number, number>()
  const failures: unknown[] = []
  let strokes = 0
  const record = () => frames.push(`${shown.current.canvas.width - 1}+${[...previews.keys()].join()}`)
  const shown: ShownDocument = new ShownDocument(documents[0]!, {
    ready: () =>
      new Promise((resolve) => {
        loading.push(resolve)
      }),
    waiting: () => queue.waiting > 0,
    redraw: () => queueMicrotask(record),
  })
  const queue: StrokeQueue = new StrokeQueue({
    surface: {
      begin: () => {
        const number = ++strokes
        previews.set(number, 0)
        return {
          add: (dabs) => previews.set(number, previews.get(number)! + dabs.length),
          remove: () => previews.delete(number),
        }
      },
    },
    send: (intent) =>
      new Promise((answer, fail) => {
        sent.push({ intent, answer, fail })
      }),
    show: (command, then) => shown.show(command, then),
    failed: (error) => {
      shown.catchUp()
      failures.push(error)
    },
    redraw: () => queueMicrotask(record),
  })
  function stroke(x: number) {
    const open = queue.begin(START)
    open.push({ x, y: 0, pressure: 1, time: 0 })
    open.push({ x: x + 50, y: 0, pressure: 1, time: 8 })
    open.commit()
  }
  return { documents, sent, loading, frames, previews, failures, shown, queue, stroke, record }
}

describe('strokes on their way into the document', () => {
  it('are drawn as the engine will draw them', () => {
    const b = bench()
    b.stroke(10)
    const samples = b.sent[0]!.intent.kind === 'stroke' ? b.sent[0]!.intent.samples : []
    expect(b.previews.get(1)).toBe(strokeDabs(DEFAULT_BRUSH, samples).length)
  })

  it('are handed on in order and at once', () => {
    const b = bench()
    for (const x of [1, 2, 3]) b.stroke(x)
    expect(b.sent.map(({ intent }) => intent.kind === 'stroke' && intent.samples[0]!.x)).toEqual([1, 2, 3])
  })

  it('are never on the screen twice and never missing', async () => {
    const b = bench()
    b.stroke(1)
    b.stroke(2)
    b.shown.receive(b.documents[1]!, id(1))
    b.sent[0]!.answer(id(1))
    b.shown.receive(b.documents[2]!, id(2))
    b.sent[1]!.answer(id(2))
    await settle()
    expect(b.frames.at(-1)).toBe('0+1,2')
    b.loading[0]!()
    await settle()
    expect(b.frames.at(-1)).toBe('1+2')
    b.loading[1]!()
    await settle()
    expect(b.frames.at(-1)).toBe('2+')
    const allowed = new Set(['0+1', '0+1,2', '1+2', '2+'])
    expect(b.frames.filter((frame) => !allowed.has(frame))).toEqual([])
  })

  it('then the newest document is shown, also when a stroke was undone meanwhile', async () => {
    const b = bench()
    b.stroke(1)
    b.shown.receive(b.documents[1]!, id(1))
    b.sent[0]!.answer(id(1))
    b.shown.receive(b.documents[3]!, id(0))
    await settle()
    b.loading[0]!()
    await settle()
    expect(b.frames.at(-1)).toBe('3+')
    b.shown.receive(b.documents[2]!, id(2))
    expect(b.shown.current).toBe(b.documents[2])
  })

  it('one that fails takes only itself away', async () => {
    const b = bench()
    b.stroke(1)
    b.stroke(2)
    b.sent[0]!.fail(new Error('disk full'))
    b.shown.receive(b.documents[1]!, id(1))
    b.sent[1]!.answer(id(1))
    await settle()
    expect([...b.previews.keys()]).toEqual([2])
    expect(b.failures).toHaveLength(1)
    b.loading[0]!()
    await settle()
    expect(b.frames.at(-1)).toBe('1+')
  })

  it('one that changed nothing goes without a new document', async () => {
    const b = bench()
    b.stroke(1)
    b.sent[0]!.answer(null)
    await settle()
    b.loading[0]!()
    await settle()
    expect(b.frames.at(-1)).toBe('0+')
    expect(b.queue.waiting).toBe(0)
  })

  it('one that is discarded is never sent', () => {
    const b = bench()
    const open = b.queue.begin(START)
    open.push({ x: 1, y: 1, pressure: 1, time: 0 })
    open.discard()
    expect([b.sent.length, b.previews.size]).toEqual([0, 0])
  })
})
