import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { GraphCache } from '../../../src/main/engine/inference/graph-cache.ts'
import { Session } from '../../../src/main/engine/inference/session.ts'
import { SessionCache } from '../../../src/main/engine/inference/session-cache.ts'
import { type Component, componentGraph, readSafetensors } from '../../../src/main/engine/models/index.ts'
import { GOLDEN } from '../../support/checkpoints.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'inlay-sessions-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const WEIGHTS = 'diffusion_pytorch_model.safetensors'

/** A copy of the tiny VAE as another checkpoint has it; `change` may spoil its bytes. */
async function vaeIn(name: string, change: (bytes: Buffer) => void = () => {}): Promise<Component> {
  const own = path.join(folder, name)
  mkdirSync(own, { recursive: true })
  const bytes = readFileSync(path.join(GOLDEN, 'vae_sd', WEIGHTS))
  change(bytes)
  const file = path.join(own, WEIGHTS)
  writeFileSync(file, bytes)
  const config: unknown = JSON.parse(readFileSync(path.join(GOLDEN, 'vae_sd', 'config.json'), 'utf8'))
  const { tensors } = await readSafetensors(file)
  return { role: 'vae', architecture: 'autoencoder', config, tensors, source: file }
}

/** Another value for the last number of the file. */
function otherEnd(bytes: Buffer): void {
  bytes.writeFloatLE(bytes.readFloatLE(bytes.length - 4) + 1, bytes.length - 4)
}

const LATENTS = { latents: { data: new Float32Array(64).map((_, i) => Math.sin(i)), shape: [1, 4, 4, 4] } }

describe('session cache', () => {
  let cache: SessionCache
  beforeEach(() => {
    cache = new SessionCache({
      provider: 'cpu',
      version: '1',
      dataFolder: path.join(folder, 'data'),
      threads: 1,
    })
  })
  afterEach(() => cache.close())

  test('two checkpoints with the same VAE share its session, those with different ones do not', async () => {
    const first = await cache.open(await vaeIn('a'), { part: 'decoder' })
    expect(await cache.open(await vaeIn('b'), { part: 'decoder' })).toBe(first)
    expect(await cache.open(await vaeIn('c', otherEnd), { part: 'decoder' })).not.toBe(first)
    expect(await cache.open(await vaeIn('a'), { part: 'encoder' })).not.toBe(first)
  })

  test('a session that was shared outlives the loss of one of the files', async () => {
    const first = await cache.open(await vaeIn('a'), { part: 'decoder' })
    const second = await vaeIn('b')
    await cache.open(second, { part: 'decoder' })
    rmSync(path.join(folder, 'a'), { recursive: true })
    expect(await cache.open(second, { part: 'decoder' })).toBe(first)
    const { decoded } = await first.run(LATENTS)
    expect(decoded!.shape).toEqual([1, 3, 32, 32])
  })

  test('a file that has changed gives another session, with the new numbers', async () => {
    const before = await (await cache.open(await vaeIn('a'), { part: 'decoder' })).run(LATENTS)
    const zeroBias = (bytes: Buffer) => {
      const { offset } = known.tensors.get('decoder.conv_out.bias')!
      bytes.writeFloatLE(bytes.readFloatLE(offset) + 3, offset)
    }
    const known = await vaeIn('a')
    const changed = await vaeIn('a', zeroBias)
    const after = await (await cache.open(changed, { part: 'decoder' })).run(LATENTS)
    expect((after['decoded']!.data[0] as number) - (before['decoded']!.data[0] as number)).toBeCloseTo(3, 3)
  })

  test('who asks while a session is opened waits for the same one; one let go of is opened anew', async () => {
    const vae = await vaeIn('a')
    const [one, other] = await Promise.all([1, 2].map(() => cache.open(vae, { part: 'decoder' })))
    expect(one).toBe(other)
    await cache.release(one!)
    const again = await cache.open(vae, { part: 'decoder' })
    expect(again).not.toBe(one)
    expect(Object.keys(await again.run(LATENTS))).toEqual(['decoded'])
  })
})

test('graphs are built anew for another version of the application, and only then', async () => {
  const vae = await vaeIn('a')
  const cache = new GraphCache('1', folder)
  const graph = await cache.get(vae, { part: 'decoder' })
  expect(await cache.get(vae, { part: 'decoder' })).toBe(graph)
  expect(await cache.get(vae, { part: 'decoder', attention: 'standard' })).not.toBe(graph)
  expect(await new GraphCache('2', folder).get(vae, { part: 'decoder' })).not.toBe(graph)
})

test('outputs outlive their session, and a missing input is named', async () => {
  const session = await Session.open(componentGraph(await vaeIn('a'), 'decoder'), { threads: 1 })
  await expect(session.run({})).rejects.toThrow('latents')
  const { decoded } = await session.run(LATENTS)
  const copy = Float32Array.from(decoded!.data as Float32Array)
  await session.release()
  expect(decoded!.data).toEqual(copy)
})

/** Somebody's ONNX file: sum = x + x in one type, of one dimension. */
function doubling(elementType: number): Uint8Array {
  const text = (writer: BinaryWriter, field: number, value: string) =>
    writer.tag(field, WireType.LengthDelimited).string(value)
  const border = (writer: BinaryWriter, field: number, name: string) => {
    text(writer.tag(field, WireType.LengthDelimited).fork(), 1, name)
    writer.tag(2, WireType.LengthDelimited).fork().tag(1, WireType.LengthDelimited).fork() // type, tensor_type
    writer.tag(1, WireType.Varint).int32(elementType).tag(2, WireType.LengthDelimited).fork() // elem_type, shape
    text(writer.tag(1, WireType.LengthDelimited).fork(), 2, 'count').join().join().join().join().join()
  }
  const writer = new BinaryWriter()
  writer.tag(1, WireType.Varint).int64(8).tag(7, WireType.LengthDelimited).fork() // ir_version, graph
  writer.tag(1, WireType.LengthDelimited).fork() // node
  text(text(text(text(writer, 1, 'x'), 1, 'x'), 2, 'sum'), 4, 'Add').join()
  text(writer, 2, 'doubling')
  border(writer, 11, 'x')
  border(writer, 12, 'sum')
  writer.join().tag(8, WireType.LengthDelimited).fork() // opset_import
  return text(writer, 1, '').tag(2, WireType.Varint).int64(14).join().finish()
}

test.each([
  ['float32', 1],
  ['float16', 10],
  ['float64', 11],
  ['int32', 6],
  ['int64', 7],
])('an ONNX file that takes and gives %s runs as it is', async (_, elementType) => {
  const file = path.join(folder, 'model.onnx')
  writeFileSync(file, doubling(elementType))
  const session = await Session.open({ file }, { threads: 1 })
  const { sum } = await session.run({ x: { data: Float32Array.of(1, -2, 3), shape: [3] } })
  expect(Array.from(sum!.data as Float32Array, Number)).toEqual([2, -4, 6])
  await session.release()
})

test('an ONNX file that is none is refused by name', async () => {
  const file = path.join(folder, 'model.onnx')
  copyFileSync(path.join(GOLDEN, 'vae_sd', 'config.json'), file)
  appendFileSync(file, 'no graph')
  await expect(Session.open({ file })).rejects.toMatchObject({ code: 'model.unreadable' })
  await expect(Session.open({ file })).rejects.toThrow(file)
})
