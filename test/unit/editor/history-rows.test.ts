import { expect, test } from 'vitest'
import { historyRows } from '../../../src/renderer/editor/history-rows.ts'
import type { History } from '../../../src/shared/history.ts'
import { CommandId } from '../../../src/shared/ids.ts'

const id = (text: string) => CommandId.parse(text)

/** `made` is "child<parent …" in the order of making. */
function history(made: string, head: string, redo: string | null): History {
  const entries = made.split(' ').map((text, time) => {
    const [child, parent] = text.split('<')
    return { id: id(child!), parent: parent ? id(parent) : null, label: child!, origin: 'brush', time }
  })
  return { entries, head: id(head), redo: redo ? id(redo) : null }
}

const shown = (h: History) =>
  historyRows(h).map(
    (row) => `${'  '.repeat(row.depth)}${row.branches ? '/' : ''}${row.entry.id} ${row.state}`,
  )

test('a straight history: past, present, future', () => {
  expect(shown(history('a b<a c<b d<c', 'b', 'c'))).toEqual(['a past', 'b present', 'c future', 'd future'])
})

test('what was left by undo and edit is a branch after its parent', () => {
  expect(shown(history('a b<a c<b d<a e<d', 'e', null))).toEqual([
    'a past',
    '  /b branch',
    '  c branch',
    'd past',
    'e present',
  ])
})

test('jumping onto a branch makes it the line', () => {
  expect(shown(history('a b<a c<b d<a e<d', 'b', 'c'))).toEqual([
    'a past',
    '  /d branch',
    '  e branch',
    'b present',
    'c future',
  ])
})

test('branches of branches go deeper, and nothing is lost', () => {
  const rows = shown(history('a b<a c<b d<b e<a', 'e', null))
  expect(rows).toEqual(['a past', '  /b branch', '    /c branch', '  d branch', 'e present'])
})

test('ten thousand entries are listed once each', () => {
  const made = Array.from({ length: 10_000 }, (_, i) =>
    i === 0 ? 'n0' : `n${i}<n${i % 7 === 0 ? i - 3 : i - 1}`,
  )
  const h = history(made.join(' '), 'n9999', null)
  expect(new Set(historyRows(h).map((row) => row.entry.id)).size).toBe(10_000)
})
