/** Tables as spreadsheets write them, and the ones that are none. */
import { expect, test } from 'vitest'
import { parseCsv } from '../../../src/main/cli/batch/csv.ts'

const read = (text: string) => parseCsv(Buffer.from(text), 'jobs.csv')
const cells = (text: string) => read(text).rows.map((row) => row.cells)

test.each([
  ['plain', 'a,b\n1,2\n', [['1', '2']]],
  ['without a last line end', 'a,b\n1,2', [['1', '2']]],
  ['of Windows, with a byte order mark', '\ufeffa,b\r\n1,2\r\n', [['1', '2']]],
  ['of an old Mac', 'a,b\r1,2\r', [['1', '2']]],
  ['commas and quotes in quotes', 'a,b\n"x, ""y""",2\n', [['x, "y"', '2']]],
  ['line ends in quotes', 'a,b\n"x\r\ny",2\n', [['x\r\ny', '2']]],
  [
    'empty cells',
    'a,b,c\n,,\n"",x,\n',
    [
      ['', '', ''],
      ['', 'x', ''],
    ],
  ],
  [
    'empty lines between',
    'a,b\n\n1,2\n\n\n3,4\n',
    [
      ['1', '2'],
      ['3', '4'],
    ],
  ],
  ['other scripts', 'a,b\nplage été,海\n', [['plage été', '海']]],
])('%s', (_, text, expected) => {
  expect(read(text).head[0]).toBe('a')
  expect(cells(text)).toEqual(expected)
})

test('every row knows its line, quoted line ends and empty lines counted', () => {
  expect(read('a,b\n"x\ny\nz",2\n\n3,4\n').rows.map((row) => row.line)).toEqual([2, 6])
})

test('what is written by the rules is read again, for any cells', () => {
  const seed = 20261124
  let state = seed
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const alphabet = ['a', 'ü', '"', ',', '\n', '\r\n', ' ', "'", ';']
  for (let round = 0; round < 200; round++) {
    const rows = Array.from({ length: 1 + random(4) }, () =>
      Array.from({ length: 3 }, () =>
        Array.from({ length: random(6) }, () => alphabet[random(alphabet.length)]).join(''),
      ),
    )
    const text = rows.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')).join('\n')
    expect(cells(`x,y,z\n${text}`), `seed ${seed}, round ${round}`).toEqual(rows)
  }
})

test.each([
  ['nothing at all', '', 'is empty'],
  ['a cell too few', 'a,b\n1,2\n3\n', 'Line 3 of jobs.csv has 1 cells'],
  ['a cell too many', 'a,b\n1,2,3\n', 'Line 2 of jobs.csv has 3 cells'],
  ['a quote that is never closed', 'a,b\n1,2\n"3,4\n5,6\n', 'Line 3 of jobs.csv opens a quote'],
  ['a quote in the middle', 'a,b\nx"y",2\n', 'Line 2 of jobs.csv has a quote inside'],
  ['text after a quote', 'a,b\n"x"y,2\n', 'Line 2 of jobs.csv goes on after'],
])('refuses %s', (_, text, message) => {
  expect(() => read(text)).toThrow(message)
})

test('refuses what is no UTF-8', () => {
  expect(() => parseCsv(Buffer.from('a,b\n\xfcber,2\n', 'latin1'), 'jobs.csv')).toThrow('UTF-8')
})
