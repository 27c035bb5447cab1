/** The small parts of the project file that can be tried alone. */
import { describe, expect, test } from 'vitest'
import { ByteCache } from '../../../src/main/engine/project/byte-cache.ts'
import { withoutLost } from '../../../src/main/engine/project/lost-tiles.ts'
import { asInlayError } from '../../../src/main/engine/project/sqlite.ts'
import { tilesOfChanges, tilesOfDocument } from '../../../src/main/engine/project/tile-references.ts'
import { apply, invert } from '../../../src/shared/document/apply.ts'
import type { Command } from '../../../src/shared/document/commands.ts'
import { emptyDocument } from '../../../src/shared/document/model.ts'
import { InlayError } from '../../../src/shared/errors.ts'
import { nameOnlyTiles, Random, RandomEdits, seeds } from '../../support/project-random.ts'

describe('the cache', () => {
  test('never holds more than its limit, and lets go of what was used longest ago', () => {
    const cache = new ByteCache<string>(10)
    cache.set('a', new Uint8Array(4))
    cache.set('b', new Uint8Array(4))
    expect(cache.get('a')).toHaveLength(4)
    cache.set('c', new Uint8Array(4))
    expect([cache.get('a'), cache.get('b'), cache.get('c')].map((value) => value?.length)).toEqual([
      4,
      undefined,
      4,
    ])
    cache.set('big', new Uint8Array(11))
    expect(cache.get('big')).toBeUndefined()
    cache.set('a', new Uint8Array(1))
    expect(cache.bytes).toBe(5)
    cache.delete('c')
    cache.delete('c')
    expect(cache.bytes).toBe(1)
  })

  test.each(seeds(3))('counts its bytes right whatever is done, INLAY_SEED=%i', (seed) => {
    const random = new Random(seed)
    const cache = new ByteCache<number>(1000)
    for (let i = 0; i < 2000; i++) {
      const key = random.int(0, 30)
      if (random.chance(0.6)) cache.set(key, new Uint8Array(random.int(0, 200)))
      else if (random.chance(0.5)) cache.get(key)
      else cache.delete(key)
      expect(cache.bytes).toBeLessThanOrEqual(1000)
    }
    for (let key = 0; key <= 30; key++) cache.delete(key)
    expect(cache.bytes).toBe(0)
  })
})

describe.each(seeds(4))('tiles in edits, INLAY_SEED=%i', (seed) => {
  const random = new Random(seed)
  const edits = new RandomEdits(random, nameOnlyTiles(random))
  const commands: Command[] = []
  let document = emptyDocument({ width: 100, height: 100 }, { name: 'sRGB', hash: null })
  for (let i = 0; i < 100; i++) {
    const command = edits.command(document)
    commands.push(command)
    document = apply(document, command)
  }

  test('every tile of the document was named by a command, with the same format', () => {
    const named = new Map()
    for (const { changes } of commands) tilesOfChanges(changes, named)
    for (const [hash, format] of tilesOfDocument(document)) expect(named.get(hash)).toBe(format)
    for (const { changes } of commands)
      expect(new Set(tilesOfChanges(invert({ changes }).changes).keys())).toEqual(
        new Set(tilesOfChanges(changes).keys()),
      )
  })

  test('commands without the tiles that are lost still follow from each other', () => {
    const all = commands.flatMap(({ changes }) => [...tilesOfChanges(changes).keys()])
    const lost = new Set(all.filter(() => random.chance(0.3)))
    let now = emptyDocument({ width: 100, height: 100 }, { name: 'sRGB', hash: null })
    for (const { changes } of commands) {
      const kept = changes.map((change) => withoutLost(change, lost))
      const next = apply(now, { changes: kept })
      expect(apply(next, invert({ changes: kept }))).toEqual(now)
      for (const hash of tilesOfChanges(kept).keys()) expect(lost.has(hash)).toBe(false)
      now = next
    }
    const expected = [...tilesOfDocument(document).keys()].filter((hash) => !lost.has(hash)).sort()
    expect([...tilesOfDocument(now).keys()].sort()).toEqual(expected)
  })
})

test.each([
  ['SQLITE_FULL', 'disk.full'],
  ['ENOSPC', 'disk.full'],
  ['SQLITE_CORRUPT_VTAB', 'project.damaged'],
  ['SQLITE_NOTADB', 'project.foreign'],
  ['SQLITE_BUSY_SNAPSHOT', 'project.read-only'],
  ['SQLITE_READONLY_DBMOVED', 'file.missing'],
  ['SQLITE_READONLY', 'project.read-only'],
  ['SQLITE_IOERR_READ', 'file.denied'],
  ['ENOENT', 'file.missing'],
  ['EEXIST', 'file.exists'],
  ['EACCES', 'file.denied'],
  ['EROFS', 'file.denied'],
])('%s is told as %s, naming the file and keeping the cause', (code, expected) => {
  const cause = Object.assign(new Error('low level'), { code })
  const told = asInlayError(cause, '/folder/holiday.inlay')
  expect(told).toBeInstanceOf(InlayError)
  expect(told).toMatchObject({ code: expected, cause })
  expect((told as InlayError).message).toMatch(/holiday\.inlay/)
})

test('an error that is no fault of the file stays what it is', () => {
  const bug = new TypeError('x is undefined')
  expect(asInlayError(bug, '/f')).toBe(bug)
})
