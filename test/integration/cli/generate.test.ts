/** Making pictures on the command line, with tiny whole checkpoints: what is written, what stays, what is refused. */
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import sharp, { type OutputInfo } from 'sharp'
import { beforeEach, describe, expect, test } from 'vitest'
import { inlay, repository } from '../../support/inlay-command.ts'
import { namesIn, temporaryFolder } from '../../support/project-folder.ts'

const PIPELINES = path.join(repository, 'test/fixtures/golden/pipelines')
const FILLS = path.join(PIPELINES, 'sd1-inpaint-asymmetric', 'model')
const WORDS = path.join(PIPELINES, 'sd1', 'model')
const INSTRUCTED = path.join(PIPELINES, 'instruct-pix2pix', 'model')
const [WIDTH, HEIGHT] = [96, 64]
const isHole = (x: number, y: number) => x >= 40 && x < 61 && y >= 20 && y < 43

let folder: string
let photo: string
let mask: string
const place = (name: string) => path.join(folder, name)

beforeEach(async () => {
  folder = temporaryFolder()
  process.env['INLAY_DATA'] = place('data')
  photo = place('photo.png')
  mask = place('mask.png')
  const [width, height] = [WIDTH, HEIGHT]
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const at = Math.floor(i / 3)
    return 128 + 90 * Math.sin((at % width) / 6 + (i % 3)) * Math.cos(at / width / 5)
  })
  const hole = Uint8Array.from({ length: width * height }, (_, i) =>
    isHole(i % width, Math.floor(i / width)) ? 255 : 0,
  )
  await sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(photo)
  await sharp(hole, { raw: { width, height, channels: 1 } })
    .png()
    .toFile(mask)
})

async function rgb(file: string): Promise<{ readonly data: Buffer; readonly info: OutputInfo }> {
  return sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true })
}

function fill(out: string, ...more: readonly string[]) {
  const words = ['--prompt', 'a cat on a wall', '--steps', '2', '--seed', '7']
  return inlay('inpaint', photo, '--mask', mask, '--model', FILLS, ...words, '--json', '-o', out, ...more)
}

async function outsideIsKept(out: string): Promise<boolean> {
  const [before, after] = [await rgb(photo), await rgb(out)]
  expect([after.info.width, after.info.height]).toEqual([WIDTH, HEIGHT])
  for (let i = 0; i < before.data.length; i++) {
    const at = Math.floor(i / 3)
    if (!isHole(at % WIDTH, Math.floor(at / WIDTH)) && before.data[i] !== after.data[i]) return false
  }
  return true
}

describe('inpaint', () => {
  test('the same request makes the same file, and outside the mask every byte stays', async () => {
    const [one, again, other] = ['one.png', 'again.png', 'other.png'].map(place) as [string, string, string]
    const { status, stdout, stderr } = await fill(one)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const result = JSON.parse(stdout)
    expect(result).toMatchObject({ output: one, report: { decoder: 'asymmetric', provider: 'cpu' } })
    expect(result.report.preservation.square).toBeGreaterThan(0)
    expect(result.report.modelDigest).toMatch(/^[0-9a-f]{64}$/)
    await fill(again)
    expect(readFileSync(again).equals(readFileSync(one))).toBe(true)
    expect(await outsideIsKept(one)).toBe(true)
    await fill(other, '--seed', '8')
    expect(readFileSync(other).equals(readFileSync(one))).toBe(false)
    expect((await rgb(one)).data.equals((await rgb(photo)).data)).toBe(false)
  })

  test('candidates are files of their own, the first being what one alone would be', async () => {
    await fill(place('single.png'))
    const { stdout } = await fill(place('out.png'), '--candidates', '3')
    const { outputs } = JSON.parse(stdout)
    const files = ['out-1.png', 'out-2.png', 'out-3.png'].map(place)
    expect(outputs.map(({ output }: { output: string }) => output)).toEqual(files)
    const pictures = await Promise.all(files.map(async (file) => (await rgb(file)).data.toString('hex')))
    expect(new Set(pictures).size).toBe(3)
    expect(pictures[0]).toBe((await rgb(place('single.png'))).data.toString('hex'))
    for (const file of files) expect(await outsideIsKept(file)).toBe(true)
    expect(namesIn(folder)).not.toContain('out.png')
  })

  test('a project gets a layer that remembers its request; with -o it stays as it is', async () => {
    const project = place('a.inlay')
    await inlay('import', photo, '-o', project)
    const before = readFileSync(project)
    const copy = place('b.inlay')
    const command = (...more: string[]) =>
      inlay(
        'inpaint',
        project,
        '--mask',
        mask,
        '--model',
        FILLS,
        '--steps',
        '2',
        '--seed',
        '7',
        '--json',
        ...more,
      )
    expect((await command('-o', copy)).status).toBe(0)
    expect(readFileSync(project).equals(before)).toBe(true)
    expect(JSON.parse((await command('--candidates', '2')).stdout)).toMatchObject({
      project,
      entries: [{ label: expect.any(String) }, { label: expect.any(String) }],
    })
    const layers = async (file: string) =>
      JSON.parse((await inlay('inspect', file, '--json')).stdout).layers.map(
        (one: { mask: boolean }) => one.mask,
      )
    expect(await layers(copy)).toEqual([true, false])
    expect(await layers(project)).toEqual([true, true, false])
    // The first candidate lies on top.
    await inlay('export', copy, '-o', place('copy.png'))
    await inlay('export', project, '-o', place('project.png'))
    expect((await rgb(place('project.png'))).data.equals((await rgb(place('copy.png'))).data)).toBe(true)
    expect(JSON.parse((await inlay('verify', project, '--json')).stdout)).toMatchObject({ ok: true })
  })

  test('for people it says where the result is, what was kept and what it ran on', async () => {
    const out = place('out.png')
    const args = [photo, '--mask', mask, '--model', FILLS, '--steps', '1', '-o', out]
    const { stdout } = await inlay('inpaint', ...args)
    const lines = stdout.trimEnd().split('\n')
    expect(lines[0]).toMatch(/^Wrote .*out\.png \(.* kB\)\.$/)
    expect(lines[1]).toMatch(
      /asymmetric decoder, outside the mask before compositing: mean error [0-9.e-]+, squared/,
    )
    expect(lines[2]).toMatch(/^ {2}cpu, \d+ × \d+, [0-9.]+ s$/)
  })

  test('an installed model is called by its name', async () => {
    await inlay('models', 'import', FILLS, '--name', 'tiny fill')
    await fill(place('path.png'))
    const words = ['--prompt', 'a cat on a wall', '--steps', '2', '--seed', '7']
    const { status } = await inlay(
      ...['inpaint', photo, '--mask', mask, '--model', 'tiny fill', ...words, '-o', place('name.png')],
    )
    expect(status).toBe(0)
    expect(readFileSync(place('name.png')).equals(readFileSync(place('path.png')))).toBe(true)
  })
})

describe('the other commands', () => {
  test('remove fills with a model', async () => {
    const out = place('out.png')
    const { status, stdout } = await inlay(
      ...['remove', photo, '--mask', mask, '--fill', FILLS, '--seed', '3', '--json', '-o', out],
    )
    expect(status).toBe(0)
    expect(JSON.parse(stdout).report).toMatchObject({ decoder: 'asymmetric' })
    expect(await outsideIsKept(out)).toBe(true)
  })

  test('txt2img makes a picture of the size that is asked for', async () => {
    const out = place('out.png')
    const size = ['--width', '72', '--height', '48']
    const args = ['--model', WORDS, '--prompt', 'a cup', '--steps', '2', '-o', out]
    expect((await inlay('txt2img', ...size, ...args)).status).toBe(0)
    const { info, data } = await rgb(out)
    expect([info.width, info.height]).toEqual([72, 48])
    expect(new Set(data).size).toBeGreaterThan(20)
  })

  test('img2img takes a strength, and a mask or none', async () => {
    const far = async (strength: string) => {
      const out = place(`${strength}.png`)
      const args = ['--model', WORDS, '--prompt', 'a cup', '--steps', '8', '--mask', mask, '-o', out]
      expect((await inlay('img2img', photo, '--strength', strength, ...args)).status).toBe(0)
      expect(await outsideIsKept(out)).toBe(true)
      return readFileSync(out)
    }
    expect((await far('0.2')).equals(await far('1'))).toBe(false)
    const whole = place('whole.png')
    const { status } = await inlay(
      'img2img',
      photo,
      '--model',
      WORDS,
      '--prompt',
      'x',
      '--steps',
      '2',
      '-o',
      whole,
    )
    expect(status).toBe(0)
    expect((await rgb(whole)).info).toMatchObject({ width: WIDTH, height: HEIGHT })
  })

  test('outpaint adds pixels and keeps those that were there', async () => {
    const out = place('out.png')
    const sides = ['--left', '24', '--bottom', '16']
    const { status } = await inlay('outpaint', photo, ...sides, '--model', FILLS, '--steps', '2', '-o', out)
    expect(status).toBe(0)
    const { info } = await rgb(out)
    expect([info.width, info.height]).toEqual([WIDTH + 24, HEIGHT + 16])
    // But for a rim where old and new meet.
    const rim = 16
    const [width, height] = [WIDTH - rim, HEIGHT - rim]
    const kept = await sharp(out)
      .extract({ left: 24 + rim, top: 0, width, height })
      .removeAlpha()
      .raw()
      .toBuffer()
    const before = await sharp(photo).extract({ left: rim, top: 0, width, height }).raw().toBuffer()
    expect(kept.equals(before)).toBe(true)
    const made = await sharp(out).extract({ left: 0, top: 0, width: 24, height: HEIGHT }).stats()
    expect(made.channels.slice(0, 3).every(({ stdev }) => stdev > 0)).toBe(true)
  })

  test('instruct and diffedit change a picture without a mask', async () => {
    for (const [command, model, ...words] of [
      ['instruct', INSTRUCTED, '--prompt', 'make it snow', '--image-guidance', '1.2'],
      ['diffedit', WORDS, '--source', 'a bowl of apples', '--prompt', 'a bowl of pears'],
    ] as const) {
      const out = place(`${command}.png`)
      const { status, stderr } = await inlay(
        command,
        photo,
        '--model',
        model,
        ...words,
        '--steps',
        '3',
        '-o',
        out,
      )
      expect({ status, command, stderr: status === 0 ? '' : stderr }).toEqual({
        status: 0,
        command,
        stderr: '',
      })
      expect((await rgb(out)).info).toMatchObject({ width: WIDTH, height: HEIGHT })
    }
  })
})

test('a batch of several commands and models, done once', async () => {
  const table = place('jobs.csv')
  writeFileSync(
    table,
    [
      'command,input,mask,model,prompt,seed,width,height,candidates,output',
      `inpaint,photo.png,mask.png,${FILLS},a cat,1,,,,one.png`,
      `inpaint,photo.png,mask.png,${FILLS},a cat,2,,,2,two.png`,
      `inpaint,photo.png,mask.png,${WORDS},a cat,1,,,,three.png`,
      `txt2img,,,${WORDS},a dog,1,64,64,,four.png`,
      `inpaint,photo.png,mask.png,${place('nothing')},a cat,1,,,,five.png`,
      `remove,photo.png,mask.png,,,1,,,,six.png`,
    ].join('\n'),
  )
  const first = await inlay('batch', table, '--steps', '2', '--json')
  expect(first.status).toBe(101)
  expect(JSON.parse(first.stdout)).toMatchObject({ done: 5, skipped: 0, failed: 1 })
  expect(await outsideIsKept(place('two-2.png'))).toBe(true)
  const second = JSON.parse((await inlay('batch', table, '--steps', '2', '--json')).stdout)
  expect(second).toMatchObject({ done: 0, skipped: 5, failed: 1 })
  // What needs no model is not concerned by its steps.
  const third = JSON.parse((await inlay('batch', table, '--steps', '1', '--json')).stdout)
  expect(third).toMatchObject({ done: 4, skipped: 1, failed: 1 })
  // The first of the batch is what the command alone makes.
  await inlay(
    ...[
      'inpaint',
      photo,
      '--mask',
      mask,
      '--model',
      FILLS,
      '--prompt',
      'a cat',
      '--seed',
      '1',
      '--steps',
      '1',
    ],
    ...['-o', place('alone.png')],
  )
  expect(readFileSync(place('alone.png')).equals(readFileSync(place('one.png')))).toBe(true)
})

test('a batch does again what was made with weights that have changed since', async () => {
  const model = place('model')
  cpSync(FILLS, model, { recursive: true })
  const table = place('jobs.csv')
  writeFileSync(
    table,
    `input,mask,output,model\nphoto.png,mask.png,one.png,${model}\nphoto.png,mask.png,two.png,${FILLS}\n`,
  )
  const again = async () => JSON.parse((await inlay('batch', table, '--steps', '1', '--json')).stdout)
  expect(await again()).toMatchObject({ done: 2, skipped: 0, failed: 0 })
  expect(await again()).toMatchObject({ done: 0, skipped: 2, failed: 0 })
  const weights = path.join(model, 'vae', 'diffusion_pytorch_model.safetensors')
  const bytes = readFileSync(weights)
  bytes[bytes.length - 5]! ^= 1
  writeFileSync(weights, bytes)
  expect(await again()).toMatchObject({ done: 1, skipped: 1, failed: 0 })
})

/** One error each, with its exit status, and nothing new in the folder. */
async function refuses(cases: readonly (readonly [string, number, readonly string[]])[]): Promise<void> {
  const seen = () => namesIn(folder).filter((name) => name !== 'data')
  const before = seen()
  for (const [code, exit, args] of cases) {
    const { status, stdout, stderr } = await inlay(...args)
    expect(stderr, args.join(' ').slice(0, 200)).toContain(`(${code})`)
    expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(3)
    expect({ status, stdout }).toEqual({ status: exit, stdout: '' })
  }
  expect(seen()).toEqual(before)
}

describe('what cannot be done is one error, and nothing is half-made:', () => {
  const inpaint = (...more: readonly string[]) => ['inpaint', photo, '--mask', mask, ...more]
  const model = ['--model', FILLS]

  test('models that are not there or cannot do it', async () => {
    const out = ['-o', place('out.png')]
    await refuses([
      ['model.unknown', 7, inpaint('--model', 'nobody', ...out)],
      ['file.missing', 5, inpaint('--model', place('no.safetensors'), ...out)],
      ['model.unsupported', 7, ['txt2img', ...model, '--prompt', 'x', ...out]],
      ['model.unsupported', 7, ['instruct', photo, '--model', WORDS, '--prompt', 'x', ...out]],
      ['model.incomplete', 7, inpaint('--model', path.join(FILLS, 'vae'), ...out)],
      ['file.missing', 5, inpaint(...model, '--lora', place('no.safetensors'), ...out)],
    ])
  })

  test('pictures and masks that do not fit', async () => {
    const [small, black, out] = [place('small.png'), place('black.png'), ['-o', place('out.png')]]
    await sharp(mask).resize(48, 32).toFile(small)
    await sharp(mask).linear(0).toFile(black)
    await refuses([
      ['mask.size', 3, ['inpaint', photo, '--mask', small, ...model, ...out]],
      ['mask.empty', 3, ['inpaint', photo, '--mask', black, ...model, ...out]],
      [
        'image.unreadable',
        3,
        ['inpaint', path.join(FILLS, 'model_index.json'), '--mask', mask, ...model, ...out],
      ],
    ])
  })

  test('places and options that make no sense', async () => {
    const out = ['-o', place('out.png')]
    const twoCanvases = ['--top', '8', '--candidates', '2', '-o', place('out.inlay')]
    await refuses([
      ['image.unsupported', 3, inpaint(...model, '-o', place('out.psd'))],
      ['file.missing', 5, inpaint(...model, '-o', place('no/out.png'))],
      ['usage', 2, inpaint(...model)],
      ['usage', 2, inpaint(...model, '--steps', '201', ...out)],
      ['usage', 2, inpaint(...model, '--prompt', 'word '.repeat(25_000), ...out)],
      ['usage', 2, ['outpaint', photo, ...model, ...out]],
      ['usage', 2, ['outpaint', photo, ...model, ...twoCanvases]],
    ])
  })
})

test('Ctrl+C stops between two steps and leaves nothing', async () => {
  const scratch = place('scratch')
  mkdirSync(scratch)
  const working = () => namesIn(scratch).filter((name) => name.startsWith('inlay-'))
  const child = spawn(
    process.execPath,
    [
      path.join(repository, 'src/main/cli/inlay.mjs'),
      ...['inpaint', photo, '--mask', mask, '--model', FILLS, '--steps', '200', '--candidates', '8'],
      ...['-o', place('out.png')],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TMPDIR: scratch } },
  )
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  // The folder that the work is done in shows that it has begun.
  await expect.poll(() => working().length).toBe(1)
  // Then it takes far longer than this, most of it in steps.
  await new Promise((resolve) => setTimeout(resolve, 2000))
  child.kill('SIGINT')
  expect(await ended).toBe(6)
  expect(working()).toEqual([])
  expect(namesIn(folder).filter((name) => name !== 'data')).toEqual(['mask.png', 'photo.png', 'scratch'])
})
