import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseSafetensors, readSafetensors } from '../../../src/main/engine/models/safetensors.ts'
import { InlayError } from '../../../src/shared/errors.ts'

const GOOD = { a: entry('F32', [2, 3], 0, 24), b: entry('F16', [4], 24, 32), c: entry('I64', [], 32, 40) }
const MUTATIONS = 120_000

function entry(dtype: string, shape: readonly unknown[], begin: unknown, end: unknown) {
  return { dtype, shape, data_offsets: [begin, end] }
}

/** A file whose header is `json` and whose data has `data` bytes; `length` is what the header claims to be long. */
function fileOf(json: string, data = 40, length?: bigint): Uint8Array {
  const text = new TextEncoder().encode(json)
  const bytes = new Uint8Array(8 + text.length + data)
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true)
  bytes.set(text, 8)
  return bytes
}

function parse(bytes: Uint8Array) {
  return parseSafetensors(bytes, bytes.length, 'model.safetensors')
}

test('a sound header gives every tensor its type, shape and place', () => {
  const json = JSON.stringify({ __metadata__: { format: 'pt' }, ...GOOD })
  const { tensors, metadata } = parse(fileOf(json))
  expect(metadata).toEqual({ format: 'pt' })
  expect(tensors.get('b')).toEqual({
    file: 'model.safetensors',
    type: 'F16',
    shape: [4],
    offset: 8 + json.length + 24,
    length: 8,
  })
})

test('a header of 19,280 bytes, whose length reads as PK, is no zip archive', () => {
  const json = JSON.stringify(GOOD)
  const bytes = fileOf(json.padEnd(0x4b50))
  expect([...bytes.subarray(0, 3)]).toEqual([0x50, 0x4b, 0])
  expect([...parse(bytes).tensors.keys()]).toEqual(['a', 'b', 'c'])
})

const BAD: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ['nothing', new Uint8Array(0), /too short/],
  ['a length beyond the file', fileOf('{}', 0, 10n), /more bytes than the file/],
  ['an absurd length', fileOf('{}', 0, 2n ** 63n), /absurd/],
  ['a zip archive', Uint8Array.from([0x50, 0x4b, 3, 4, 0, 0, 0, 0, 0]), /zip/],
  ['no JSON', fileOf('{"a":', 0), /not sound/],
  ['no object', fileOf('[]', 0), /list of tensors/],
  ['deep nesting', fileOf('['.repeat(100_000), 0), /too deeply/],
  [
    'a name twice',
    fileOf(`{"a":${JSON.stringify(GOOD.a)},"\\u0061":${JSON.stringify(GOOD.a)}}`, 24),
    /twice/,
  ],
  ['an unknown type', fileOf(JSON.stringify({ a: entry('F31', [6], 0, 24) }), 24), /type/],
  ['a negative size', fileOf(JSON.stringify({ a: entry('F32', [-2, -3], 0, 24) }), 24), /shape/],
  ['a broken size', fileOf(JSON.stringify({ a: entry('F32', [1.5, 4], 0, 24) }), 24), /shape/],
  ['absurd sizes', fileOf(JSON.stringify({ a: entry('F32', [2 ** 52, 2 ** 52], 0, 24) }), 24), /shape needs/],
  ['too many sizes', fileOf(JSON.stringify({ a: entry('F32', Array(99).fill(1), 0, 4) }), 4), /shape/],
  ['a shape of other length', fileOf(JSON.stringify({ a: entry('F32', [7], 0, 24) }), 24), /28/],
  ['an end before its begin', fileOf(JSON.stringify({ a: entry('F32', [0], 8, 4) }), 24), /outside/],
  ['a tensor past the end', fileOf(JSON.stringify(GOOD), 39), /cut short/],
  ['overlapping tensors', fileOf(JSON.stringify({ ...GOOD, d: entry('U8', [8], 8, 16) })), /overlaps/],
  ['a hole', fileOf(JSON.stringify({ a: GOOD.a, c: GOOD.c })), /hole/],
  ['bytes left over', fileOf(JSON.stringify(GOOD), 41), /no tensor/],
  ['metadata that is no text', fileOf('{"__metadata__":{"a":1}}', 0), /metadata/],
]

test.each(BAD)('%s is refused with the reason', (_what, bytes, reason) => {
  expect(() => parse(bytes)).toThrow(reason)
  expect(() => parse(bytes)).toThrow(InlayError)
})

test(`${MUTATIONS} mutated headers: each is refused with one clear error or is true of its file`, () => {
  const json = JSON.stringify({ __metadata__: { format: 'pt' }, ...GOOD })
  const mutation = fc.record({
    at: fc.nat(json.length + 7),
    kind: fc.constantFrom('replace', 'insert', 'delete', 'number', 'length', 'cut'),
    with: fc.oneof(
      fc.string({ maxLength: 4 }),
      fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '\\', '\u0000', '1e9', '-1', 'null', '"a":'),
      fc.maxSafeNat().map(String),
    ),
  })
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (mutations) => {
      let text = json
      let claimed: bigint | undefined
      let cut = 0
      for (const { at, kind, with: put } of mutations) {
        if (kind === 'length') claimed = BigInt.asUintN(64, BigInt(text.length + at - 40))
        else if (kind === 'cut') cut = at
        else if (kind === 'number') text = swapNumber(text, at, put)
        else
          text =
            text.slice(0, at) + (kind === 'delete' ? '' : put) + text.slice(at + (kind === 'insert' ? 0 : 1))
      }
      const whole = fileOf(text, 40, claimed)
      const bytes = whole.subarray(0, whole.length - Math.min(cut, whole.length))
      let tensors: ReturnType<typeof parse>['tensors']
      try {
        tensors = parse(bytes).tensors
      } catch (error) {
        return error instanceof InlayError && error.code === 'model.unreadable'
      }
      return [...tensors.values()].every((one) => one.offset >= 8 && one.offset + one.length <= bytes.length)
    }),
    { numRuns: MUTATIONS, seed: Number(process.env.SEED ?? 20_261_124) },
  )
})

function swapNumber(text: string, which: number, put: string): string {
  const numbers = [...text.matchAll(/\d+/g)]
  const found = numbers[which % numbers.length]
  return found ? text.slice(0, found.index) + put + text.slice(found.index + found[0].length) : text
}

test('a pickle is refused with advice and never opened; a missing file is named', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'inlay-safetensors-'))
  try {
    const pickle = path.join(folder, 'model.ckpt')
    await writeFile(pickle, 'cos\nsystem\n')
    await expect(readSafetensors(pickle)).rejects.toThrow(/pickle.*\.safetensors/)
    await expect(readSafetensors(path.join(folder, 'gone.safetensors'))).rejects.toMatchObject({
      code: 'file.missing',
    })
    const sound = path.join(folder, 'sound.safetensors')
    await writeFile(sound, fileOf(JSON.stringify(GOOD)))
    expect((await readSafetensors(sound)).tensors.size).toBe(3)
  } finally {
    await rm(folder, { recursive: true })
  }
})
