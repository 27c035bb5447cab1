/** Where a graph's files lie, on this platform and on Windows, and what it carries because it lies on another drive. */
import { truncateSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { carriedBytes, placeBelow, placesOf } from '../../../src/main/engine/models/onnx/external-data.ts'
import { readSafetensors } from '../../../src/main/engine/models/safetensors.ts'
import { temporaryFolder } from '../../support/project-folder.ts'
import { writeSafetensors } from '../../support/safetensors-file.ts'

const tensor = (file: string, length = 8) =>
  ({ file, length, type: 'F32', shape: [length / 4], offset: 0 }) as const

test('one folder holds all files, and no deeper one does', () => {
  const folder = (...files: readonly string[]) =>
    placesOf(
      files.map((file) => tensor(file)),
      path.posix,
    ).folder
  expect(folder()).toBe(null)
  expect(folder('/models/a.safetensors')).toBe('/models')
  expect(folder('/models/a', '/models/b')).toBe('/models')
  expect(folder('/models/sd/unet/a', '/models/sd/unet/b', '/models/sd/vae/c')).toBe('/models/sd')
  expect(folder('/models/a', '/models/loras/b')).toBe('/models')
  expect(folder('/home/a', '/media/b')).toBe('/')
  // Names that begin alike, or with dots, are folders of their own.
  expect(folder('/models/sd/a', '/models/sd2/b')).toBe('/models')
  expect(folder('/models/a', '/models/..b/c')).toBe('/models')
  expect(placeBelow('/', '/media/x y/b', path.posix)).toBe('media/x y/b')
})

test('on Windows places have forward slashes, and what lies on the lesser drive is carried', () => {
  const files = ['C:\\models\\sd\\a.safetensors', 'c:\\loras\\b.safetensors']
  const { folder, carried } = placesOf(
    files.map((file) => tensor(file)),
    path.win32,
  )
  expect([folder?.toLowerCase(), carried.size]).toEqual(['c:\\', 0])
  expect(files.map((file) => placeBelow(folder!, file, path.win32))).toEqual([
    'models/sd/a.safetensors',
    'loras/b.safetensors',
  ])
  const lora = 'D:\\loras\\b.safetensors'
  const two = placesOf([tensor(lora), tensor(files[0]!, 80), tensor(lora)], path.win32)
  expect(two).toEqual({ folder: 'C:\\models\\sd', carried: new Set([lora]) })
  expect(() => placesOf([tensor(lora, 2 ** 31), tensor(files[0]!, 2 ** 32)], path.win32)).toThrow(
    /one drive: move D:\\loras\\b\.safetensors/,
  )
})

test('what is carried is what the file holds, or an error', async () => {
  const file = path.join(temporaryFolder(), 'a.safetensors')
  writeSafetensors(file, { first: { shape: [1], values: [1] }, second: { shape: [2], values: [2, 3] } })
  const { tensors } = await readSafetensors(file)
  const second = tensors.get('second')!
  expect([...new Float32Array(carriedBytes(second).buffer)]).toEqual([2, 3])
  truncateSync(file, second.offset + 4)
  expect(() => carriedBytes(second)).toThrow(expect.objectContaining({ code: 'model.unreadable' }))
})
