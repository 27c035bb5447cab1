/**
 * Where a generation's pixels come from and go to, with a stand-in for the model that gives back what it was shown: then what
 * is laid over the picture has to be the picture itself.
 */
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { composeRect } from '../../../src/main/engine/imaging/composite.ts'
import type { GenerationTask, Generator } from '../../../src/main/engine/inference/generate/task.ts'
import { generateWithMask, outpaint } from '../../../src/main/engine/jobs/generate-with-mask.ts'
import { runGeneration } from '../../../src/main/engine/jobs/generation-job.ts'
import { DEFAULT_GENERATION, type GenerationRequest } from '../../../src/shared/generation.ts'
import type { Rect, Size } from '../../../src/shared/geometry.ts'
import type { LayerId } from '../../../src/shared/ids.ts'
import { addLayer, type EditProject, newProject, scenery, tilesOf } from '../../support/edit-project.ts'

const REQUEST: GenerationRequest = { ...DEFAULT_GENERATION, model: 'mirror', prompt: 'x', padding: 12 }
const placeOf = async () => 'mirror'

/** Gives back what it is shown, and remembers it. */
function mirror(side: number): Generator & { readonly tasks: GenerationTask[] } {
  const tasks: GenerationTask[] = []
  return {
    tasks,
    limits: async () => ({
      side,
      factor: 8,
      tasks: ['inpaint', 'image-to-image'],
      asymmetric: false,
      words: true,
      defaults: { steps: 1, guidance: 1 },
    }),
    async generate(task) {
      tasks.push(task)
      return {
        rgb: task.rgb!,
        mask: task.mask,
        plainRgb: null,
        report: {
          decoder: 'plain',
          preservation: null,
          provider: 'cpu',
          modelDigest: '0',
          size: task.size,
          seconds: 1,
          notices: [],
        },
      }
    },
  }
}

/** Waves without grain: what no resampling can keep is not to be measured here. */
function waves({ width, height }: Size): Uint8Array {
  return Uint8Array.from({ length: width * height * 4 }, (_, i) => {
    const [x, y] = [Math.floor(i / 4) % width, Math.floor(i / 4 / width)]
    return i % 4 === 3 ? 255 : 128 + 80 * Math.sin(x / 14 + (i % 4)) * Math.cos(y / 11)
  })
}

function project(
  size: Size,
  profile: Parameters<typeof newProject>[1] = null,
  picture = waves(size),
): EditProject {
  const made = newProject(size, profile)
  addLayer(made, 'photo', tilesOf(made.session, picture, size))
  return made
}

async function applied(made: EditProject, generator: Generator, request = REQUEST): Promise<void> {
  const { session, candidates } = made
  for await (const event of runGeneration(session, request, { candidates, generator, placeOf }))
    if (event.type === 'candidate')
      await made.edit({ kind: 'apply-candidate', candidate: event.candidate.id })
}

const select = (rect: Rect) =>
  ({ kind: 'select', shape: { kind: 'rect', rect }, combine: 'replace', feather: 0 }) as const

function farthest(a: Uint8Array, b: Uint8Array): number {
  let most = 0
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!))
  return most
}

describe('what a model gives back unchanged', () => {
  it.each([
    ['at its own size', 1, 128, { x: 30, y: 30, width: 40, height: 40 }],
    ['made smaller', 4, 64, { x: 40, y: 30, width: 120, height: 90 }],
    ['made larger', 3, 256, { x: 100, y: 70, width: 30, height: 20 }],
    ['in a corner', 3, 128, { x: 0, y: 0, width: 25, height: 90 }],
    ['past the edge', 6, 256, { x: 180, y: 100, width: 90, height: 90 }],
  ] as const)('lies where it was, %s', async (_, most, side, rect) => {
    const made = project({ width: 210, height: 150 })
    const before = made.picture()
    await made.edit(select(rect))
    await applied(made, mirror(side))
    expect(made.session.document.root).toHaveLength(2)
    expect(farthest(made.picture(), before)).toBeLessThanOrEqual(most)
  })

  it('keeps the colours of a document with a profile, and is shown as sRGB', async () => {
    const size = { width: 160, height: 120 }
    const colour = Uint8Array.from({ length: 160 * 120 * 3 }, (_, i) => [200, 60, 40][i % 3]!)
    const raw = { raw: { ...size, channels: 3 as const } }
    const p3 = await sharp(colour, raw).withIccProfile('p3').png().toBuffer()
    const icc = new Uint8Array((await sharp(p3).metadata()).icc!)
    const stored = await sharp(p3, { ignoreIcc: true }).ensureAlpha().raw().toBuffer()
    const made = project(size, { name: 'Display P3', bytes: icc }, new Uint8Array(stored))
    const before = made.picture()
    expect(before[0]).not.toBe(200)
    await made.edit(select({ x: 40, y: 40, width: 30, height: 30 }))
    const generator = mirror(64)
    await applied(made, generator)
    const shown = generator.tasks[0]!.rgb!
    for (const channel of [0, 1, 2])
      expect(Math.abs(shown[channel]! - colour[channel]!)).toBeLessThanOrEqual(2)
    expect(farthest(made.picture(), before)).toBeLessThanOrEqual(2)
    expect(made.session.document.root).toHaveLength(2)
  })

  it('is told a hole that has no pixel of what is to be gone, however small it is made', async () => {
    const made = project({ width: 800, height: 600 })
    await made.edit(select({ x: 100, y: 300, width: 600, height: 3 }))
    const generator = mirror(64)
    await applied(made, generator, { ...REQUEST, grow: 0, feather: 0, padding: 0 })
    const { mask, size } = generator.tasks[0]!
    const covered = mask!.filter((value) => value === 255).length
    expect(mask!.every((value) => value === 0 || value === 255)).toBe(true)
    expect(covered).toBeGreaterThanOrEqual(size.width * 0.7)
  })

  it('shows grey where the picture is transparent', async () => {
    const made = newProject({ width: 120, height: 120 })
    addLayer(
      made,
      'left',
      tilesOf(made.session, waves({ width: 60, height: 120 }), { width: 60, height: 120 }),
    )
    await made.edit(select({ x: 50, y: 50, width: 20, height: 20 }))
    const generator = mirror(128)
    await applied(made, generator)
    const { rgb, size } = generator.tasks[0]!
    expect([...rgb!.subarray(3 * (size.width - 4), 3 * (size.width - 3))]).toEqual([128, 128, 128])
  })

  it('is as soft in a soft mask as it was drawn', async () => {
    const made = project({ width: 128, height: 128 })
    const data = new Uint8Array(128 * 128)
    for (let y = 40; y < 80; y++) for (let x = 30; x < 90; x++) data[y * 128 + x] = x < 60 ? 255 : 96
    const generator = mirror(128)
    const request = { ...REQUEST, softMask: true, grow: 0, feather: 0, padding: 100 }
    await generateWithMask(made.session, { width: 128, height: 128, data }, request, { generator, placeOf })
    const seen = generator.tasks[0]!.mask!
    expect(new Set(seen)).toEqual(new Set([0, 96, 255]))
  })
})

describe('a layer', () => {
  const long = 'a (little:1.2) red boat, [moored] at the end of a long wooden jetty'
  it.each([
    [{ prompt: long }, 'Generate', 'a little red boat, moored at the…'],
    [{ prompt: '' }, 'Remove', 'Removal'],
    [{ prompt: '', model: 'built-in' }, 'Fill', 'Fill'],
    [{ prompt: '\u{1f6a4}'.repeat(40) }, 'Generate', `${'\u{1f6a4}'.repeat(32)}…`],
    [{ prompt: ' \n ', task: 'image-to-image' }, 'Generate', 'Generation'],
    [{ prompt: '', outpaint: { left: 0, top: 8, right: 0, bottom: 0 } }, 'Outpaint', 'Outpainting'],
  ] as const)('is called after what was asked for: %o', async (change, label, name) => {
    const made = project({ width: 64, height: 64 })
    await made.edit(select({ x: 20, y: 20, width: 9, height: 9 }))
    await applied(made, mirror(64), { ...REQUEST, ...change })
    expect(made.session.history.entries.at(-1)!.label).toBe(label)
    expect(made.layer(made.session.document.root.at(-1)!).name).toBe(name)
    expect(made.session.document.selection).toBeNull()
  })
})

describe('a mask from a file', () => {
  const size = { width: 90, height: 70 }
  const data = new Uint8Array(90 * 70).fill(255, 90 * 20, 90 * 40)

  it('gives results that are layers once they are applied', async () => {
    const made = project(size)
    const entries = made.session.history.entries.length
    const progress: number[] = []
    const results = await generateWithMask(
      made.session,
      { ...size, data },
      { ...REQUEST, candidates: 2 },
      { generator: mirror(64), placeOf, onProgress: ({ fraction }) => progress.push(fraction) },
    )
    expect(results).toHaveLength(2)
    expect(progress).toEqual([...progress].sort((a, b) => a - b))
    expect(made.session.history.entries).toHaveLength(entries)
    const { label } = await results[0]!.apply()
    expect(label).toBe('Generate')
    made.session.undo()
    await results[1]!.apply()
    expect(made.session.document.root).toHaveLength(2)
    await expect(results[1]!.apply()).rejects.toMatchObject({ code: 'document.conflict' })
  })

  it.each([
    ['of another size', { width: 70, height: 90, data }, 'mask.size'],
    ['that is black', { ...size, data: new Uint8Array(90 * 70) }, 'mask.empty'],
    ['that is missing where it is needed', null, 'mask.empty'],
  ] as const)('%s is refused before the model is asked', async (_, mask, code) => {
    const generator = mirror(64)
    const made = project(size)
    await expect(generateWithMask(made.session, mask, REQUEST, { generator, placeOf })).rejects.toMatchObject(
      {
        code,
      },
    )
    expect(generator.tasks).toEqual([])
  })
})

describe('an outpainting', () => {
  const size = { width: 120, height: 90 }

  it.each([
    { left: 40, top: 0, right: 0, bottom: 0 },
    { left: 0, top: 24, right: 64, bottom: 8 },
    { left: 30, top: 30, right: 30, bottom: 30 },
  ])('grows the canvas and keeps the picture, in one step: $left $top $right $bottom', async (sides) => {
    const made = project(size, null, scenery(size, 4))
    const before = made.picture()
    const { document, history } = made.session
    const generator = mirror(128)
    const [result] = await outpaint(made.session, sides, REQUEST, { generator, placeOf })
    expect(made.session.document).toBe(document)
    const command = await result!.apply()
    expect(command.label).toBe('Outpaint')
    expect(made.session.history.entries).toHaveLength(history.entries.length + 1)
    const { canvas, root } = made.session.document
    expect(canvas).toEqual({
      width: size.width + sides.left + sides.right,
      height: size.height + sides.top + sides.bottom,
    })

    const overlap = 16
    const kept = {
      x: sides.left + (sides.left > 0 ? overlap : 0),
      y: sides.top + (sides.top > 0 ? overlap : 0),
      width: size.width - (sides.left > 0 ? overlap : 0) - (sides.right > 0 ? overlap : 0),
      height: size.height - (sides.top > 0 ? overlap : 0) - (sides.bottom > 0 ? overlap : 0),
    }
    const was = composeRect(document, made.session.tiles, {
      ...kept,
      x: kept.x - sides.left,
      y: kept.y - sides.top,
    })
    expect(Buffer.compare(made.picture(kept), was)).toBe(0)
    const picture = made.picture()
    expect(picture.every((value, i) => i % 4 !== 3 || value === 255)).toBe(true)
    expect(made.layer(root.at(-1) as LayerId).name).toBe('x')

    made.session.undo()
    expect(made.session.document.canvas).toEqual(size)
    expect(Buffer.compare(made.picture(), before)).toBe(0)
    made.session.redo()
    expect(Buffer.compare(made.picture(), picture)).toBe(0)
  })

  it('starts from the picture mirrored', async () => {
    const made = project(size)
    const generator = mirror(128)
    const [result] = await outpaint(made.session, { left: 0, top: 0, right: 60, bottom: 0 }, REQUEST, {
      generator,
      placeOf,
    })
    const before = made.picture()
    await result!.apply()
    const after = made.picture()
    for (const [x, y] of [
      [130, 20],
      [170, 70],
    ] as const)
      for (let c = 0; c < 3; c++) {
        const there = after[4 * (y * 180 + x) + c]!
        expect(Math.abs(there - before[4 * (y * 120 + 239 - x) + c]!)).toBeLessThanOrEqual(4)
      }
  })

  it('of nothing, or of more than a project holds, is refused', async () => {
    const made = project(size)
    const options = { generator: mirror(128), placeOf }
    const none = { left: 0, top: 0, right: 0, bottom: 0 }
    await expect(outpaint(made.session, none, REQUEST, options)).rejects.toMatchObject({ code: 'usage' })
    const huge = { left: 16384, top: 16384, right: 0, bottom: 0 }
    await expect(outpaint(made.session, huge, REQUEST, options)).rejects.toMatchObject({
      code: 'image.too-large',
    })
  })

  it('made for a canvas that is another now is not applied', async () => {
    const made = project(size)
    const options = { generator: mirror(128), placeOf }
    const [result] = await outpaint(made.session, { left: 9, top: 0, right: 0, bottom: 0 }, REQUEST, options)
    await made.edit({ kind: 'resize-canvas', width: 100, height: 90, anchor: { x: 0, y: 0 } })
    const { document } = made.session
    await expect(result!.apply()).rejects.toMatchObject({ code: 'document.conflict' })
    expect(made.session.document).toBe(document)
  })
})
