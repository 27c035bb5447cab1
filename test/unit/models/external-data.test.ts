/** Where a graph's files lie, on this platform and on Windows. */
import path from 'node:path'
import { expect, test } from 'vitest'
import { commonFolder, placeBelow } from '../../../src/main/engine/models/onnx/external-data.ts'

test('one folder holds all files, and no deeper one does', () => {
  const folder = (...files: readonly string[]) => commonFolder(files, path.posix)
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

test('on Windows places have forward slashes, and two drives are refused with what to do', () => {
  const files = ['C:\\models\\sd\\a.safetensors', 'C:\\loras\\b.safetensors']
  const folder = commonFolder(files, path.win32)
  expect(folder).toBe('C:\\')
  expect(files.map((file) => placeBelow(folder!, file, path.win32))).toEqual([
    'models/sd/a.safetensors',
    'loras/b.safetensors',
  ])
  expect(() => commonFolder([files[0]!, 'D:\\loras\\b.safetensors'], path.win32)).toThrow(
    /one drive: move D:\\loras to the drive of C:\\models\\sd/,
  )
})
