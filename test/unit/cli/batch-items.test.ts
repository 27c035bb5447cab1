/** What a folder or a table says is to be done. */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { itemsOfFolder } from '../../../src/main/cli/batch/folder-items.ts'
import type { BatchItem } from '../../../src/main/cli/batch/item.ts'
import { itemsOfShard, parseShard } from '../../../src/main/cli/batch/shard.ts'
import { itemsOfTable } from '../../../src/main/cli/batch/table-items.ts'
import type { Given } from '../../../src/main/cli/generation/options.ts'
import { RECIPES } from '../../../src/main/cli/generation/recipes.ts'
import { InlayError } from '../../../src/shared/errors.ts'
import { temporaryFolder } from '../../support/project-folder.ts'

const settings = (command: string, output?: string, common: Given = {}) => ({
  recipes: RECIPES,
  recipe: RECIPES.find(({ name }) => name === command)!,
  common,
  output,
})

function filled(...names: readonly string[]): string {
  const folder = temporaryFolder()
  for (const name of names) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), '')
  }
  return folder
}

/** Input, mask and output by their last names, or the error's code. */
function shortly({ job }: BatchItem): readonly (string | null)[] {
  if (job instanceof InlayError) return [job.code]
  const base = (file: string | null | undefined) => (file ? path.basename(file) : null)
  return [base(job.input), base(job.given.mask), base(job.output)]
}

function table(text: string): string {
  const file = path.join(temporaryFolder(), 'jobs.csv')
  writeFileSync(file, text)
  return file
}

test('masks beside the pictures belong to the longest name and are no pictures themselves', async () => {
  const folder = filled(
    'beach.jpg',
    'beach-mask.png',
    'beach-2.jpg',
    'beach-2_Mask.png',
    'beach-mask-b.png',
    'notes.txt',
    '.hidden.png',
    'mask shop.png',
    'mask shop mask.png',
    'lone.webp',
  )
  const items = await itemsOfFolder(folder, { ...settings('remove', '/results'), masks: null })
  expect(items.map(shortly)).toEqual([
    ['beach-2.jpg', 'beach-2_Mask.png', 'beach-2.png'].map((name) => name),
    ['beach.jpg', 'beach-mask-b.png', 'beach-b.png'],
    ['beach.jpg', 'beach-mask.png', 'beach.png'],
    ['file.missing'],
    ['mask shop.png', 'mask shop mask.png', 'mask shop.png'],
  ])
})

test('masks of a folder of their own', async () => {
  const folder = filled(
    'in/a.jpg',
    'in/ab.jpg',
    'in/a-mask.png',
    'masks/a-1.png',
    'masks/ab.png',
    'masks/zz.png',
  )
  const masks = path.join(folder, 'masks')
  const items = await itemsOfFolder(path.join(folder, 'in'), { ...settings('inpaint', '/r'), masks })
  // There `a-mask.png` is a picture like any other.
  expect(items.map(shortly)).toEqual([
    ['file.missing'],
    ['a.jpg', 'a-1.png', 'a-1.png'],
    ['ab.jpg', 'ab.png', 'ab.png'],
  ])
})

test('a command that needs no mask takes each picture once', async () => {
  const folder = filled('a.jpg', 'b.jpg', 'b-mask.png')
  const items = await itemsOfFolder(folder, { ...settings('img2img', '/r'), masks: null })
  expect(items.map(shortly)).toEqual([
    ['a.jpg', null, 'a.png'],
    ['b.jpg', 'b-mask.png', 'b.png'],
  ])
  const unmasked = await itemsOfFolder(folder, { ...settings('outpaint', '/r'), masks: null })
  expect(unmasked.map(shortly)).toEqual([
    ['a.jpg', null, 'a.png'],
    ['b.jpg', null, 'b.png'],
  ])
})

test('two pictures of one name would write to one place: the second fails', async () => {
  const folder = filled('a.jpg', 'a.png')
  const items = await itemsOfFolder(folder, { ...settings('img2img', '/r'), masks: null })
  expect(items.map(shortly)).toEqual([['a.jpg', null, 'a.png'], ['usage']])
})

test('a folder of results is no folder of pictures', async () => {
  const folder = filled('a.jpg')
  const refused = (given: Parameters<typeof itemsOfFolder>) =>
    expect(itemsOfFolder(...given)).rejects.toMatchObject({ code: 'usage' })
  await refused([folder, { ...settings('img2img', `${folder}/.`), masks: null }])
  await refused([folder, { ...settings('img2img'), masks: null }])
  await refused([folder, { ...settings('txt2img', '/r'), masks: null }])
  await refused([filled('a.txt'), { ...settings('img2img', '/r'), masks: null }])
  await expect(
    itemsOfFolder(path.join(folder, 'nope'), { ...settings('img2img', '/r'), masks: null }),
  ).rejects.toMatchObject({ code: 'file.missing' })
})

test('a line says what differs from the rest of the batch', async () => {
  const file = table(
    [
      'Command,Input,mask,prompt,Clip-Skip,soft-mask,output',
      ',a.jpg,a-mask.png,"sand, ""wet""",2,yes,out/a.png',
      'remove,b.jpg,/masks/b.png,,,,',
      'txt2img,,,a cat,,,cat.inlay',
    ].join('\n'),
  )
  const common = { prompt: 'sky', steps: 4, grow: 3 }
  const folder = path.dirname(file)
  const items = await itemsOfTable(file, settings('inpaint', '/results', common))
  expect(items.map(({ job }) => job)).toMatchObject([
    {
      recipe: { name: 'inpaint' },
      input: path.join(folder, 'a.jpg'),
      output: path.join(folder, 'out/a.png'),
      given: {
        mask: path.join(folder, 'a-mask.png'),
        prompt: 'sand, "wet"',
        steps: 4,
        grow: 3,
        clipSkip: 2,
        softMask: true,
      },
    },
    { recipe: { name: 'remove' }, output: '/results/b.png', given: { mask: '/masks/b.png', grow: 3 } },
    { recipe: { name: 'txt2img' }, input: null, given: { prompt: 'a cat', steps: 4 } },
  ])
  expect((items[1]!.job as { given: object }).given).not.toHaveProperty('prompt')
})

test('a line that makes no sense fails alone', async () => {
  const file = table(
    [
      'command,input,mask,prompt,steps,output',
      'remove,a.jpg,m.png,a word,,1.png',
      'inpaint,a.jpg,,x,,2.png',
      'inpaint,,m.png,x,,3.png',
      'txt2img,a.jpg,,x,,4.png',
      'bogus,a.jpg,,x,,5.png',
      'inpaint,a.jpg,m.png,x,many,6.png',
      'inpaint,a.jpg,m.png,x,5,',
      'inpaint,a.jpg,m.png,x,5,m.png',
      'inpaint,a.jpg,m.png,x,5,./8.png',
      'inpaint,b.jpg,m.png,x,5,8.png',
    ].join('\n'),
  )
  const items = await itemsOfTable(file, settings('inpaint'))
  expect(items.map(({ job }) => (job instanceof InlayError ? job.message : 'good'))).toEqual([
    'The command remove takes no prompt.',
    'The command inpaint needs a mask.',
    'The command inpaint needs an input.',
    'The command txt2img takes no input.',
    expect.stringContaining('There is no command "bogus"'),
    expect.stringContaining('--steps takes a whole number'),
    expect.stringContaining('no output'),
    expect.stringContaining('is a picture or mask of this batch'),
    'good',
    expect.stringContaining('writes to'),
  ])
})

test.each([
  ['a column that nobody knows', 'input,promt,output\na.jpg,x,b.png\n', 'column "promt"'],
  ['a column twice', 'input,output,Input\na.jpg,b.png,c.jpg\n', 'two columns input'],
  ['no line', 'input,output\n', 'no line'],
  [
    'the separator of some spreadsheets',
    'input;mask;output\na.jpg;m.png;b.png\n',
    'column "input;mask;output"',
  ],
])('refuses a table with %s', async (_, text, message) => {
  await expect(itemsOfTable(table(text), settings('inpaint'))).rejects.toThrow(message)
})

test('a table that is not there or is a folder', async () => {
  const folder = temporaryFolder()
  await expect(itemsOfTable(path.join(folder, 'x.csv'), settings('inpaint'))).rejects.toMatchObject({
    code: 'file.missing',
  })
  await expect(itemsOfTable(folder, settings('inpaint'))).rejects.toMatchObject({ code: 'file.denied' })
})

test('shards are disjoint and cover all, however many there are', () => {
  for (const length of [0, 1, 5, 16, 37])
    for (const count of [1, 2, 3, 16, 40]) {
      const all = Array.from({ length }, (_, i) => i)
      const parts = Array.from({ length: count }, (_, i) =>
        itemsOfShard(all, parseShard(`${i + 1}/${count}`)),
      )
      expect(parts.flat().sort((a, b) => a - b)).toEqual(all)
      expect(
        Math.max(...parts.map((part) => part.length)) - Math.min(...parts.map((part) => part.length)),
      ).toBeLessThan(2)
    }
})
