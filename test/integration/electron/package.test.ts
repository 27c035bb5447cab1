import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { ensureBuilt } from '../../../scripts/ensure-built.mjs'
import { checkPackage } from '../../../scripts/package-check.mjs'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

describe('what is built for Electron', () => {
  beforeAll(() => ensureBuilt('app'), 120_000)

  it('runs: hosts, threads, preload and page find each other in the flat bundle', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'inlay-test-built-'))
    const target = path.join(folder, 'out.png')
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [
        path.join(ROOT, 'test/support/run-built-app.ts'),
        pathToFileURL(path.join(ROOT, 'out/main/main.js')).href,
        target,
      ],
      { cwd: ROOT, encoding: 'utf8', timeout: 60_000 },
    )
    expect(status, stderr).toBe(0)
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toEqual({
      name: 'desert-hike',
      labels: ['Import', expect.any(String), 'Remove'],
      bytes: expect.any(Number),
      page: 200,
    })
    const before = sharp(path.join(ROOT, 'assets/samples/desert-hike.jpg'))
    const { width, height } = await before.metadata()
    expect(await sharp(target).metadata()).toMatchObject({ width, height })
    expect(existsSync(path.join(ROOT, 'out/preload/preload.cjs'))).toBe(true)
    await rm(folder, { recursive: true, force: true })
  }, 90_000)

  it('is packaged with what it needs, and nothing else', async () => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [path.join(ROOT, 'scripts/package.mjs')], {
      cwd: ROOT,
      encoding: 'utf8',
    })
    expect(status, stderr).toBe(0)
    expect(stdout).toMatch(
      /^Packaged.*app\.asar [\d.]+ MB with \d+ files, \d+ native files [\d.]+ MB beside it\.$/m,
    )
  }, 300_000)
})

describe('the check of a package', () => {
  it('finds what is missing, foreign, packed in or too much', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'inlay-test-layout-'))
    const unpacked = 'node_modules/better-sqlite3/prebuilds/linux-x64.node'
    await writeArchive(path.join(folder, 'app.asar'), [
      'package.json',
      'out/main/main.js',
      'src/main/cli/main.ts',
      'node_modules/better-sqlite3/prebuilds/win32-x64.node',
      unpacked,
    ])
    await mkdir(path.dirname(path.join(folder, 'app.asar.unpacked', unpacked)), { recursive: true })
    await writeFile(path.join(folder, 'app.asar.unpacked', unpacked), 'x')
    await cp(path.join(ROOT, 'LICENSE'), path.join(folder, 'LICENSE'))
    const { problems } = checkPackage(folder, 'linux', 'x64')
    for (const part of [
      'out/main/project-host.js is missing in the archive.',
      'THIRD-PARTY-NOTICES.txt is missing.',
      'node_modules/better-sqlite3/prebuilds/win32-x64.node lies inside the archive, where it cannot be loaded.',
      'node_modules/better-sqlite3/prebuilds/win32-x64.node belongs to another platform.',
      'The native part of onnxruntime-node for linux-x64 is missing.',
      'src/main/cli/main.ts does not belong into the package.',
      'out/main/main.js needs @left/behind, which is not in the package.',
    ])
      expect(problems).toContain(part)
    expect(problems.filter((each) => /linux-x64\.node|main\.js is missing|needs better/.test(each))).toEqual(
      [],
    )
    await rm(folder, { recursive: true, force: true })
    expect(checkPackage(folder).problems).toHaveLength(1)
  })
})

/** A bundle that imports something of Node's, something of Electron's, something that is there and something that is not. */
const BUNDLE = `import path from "node:path"
import { app } from "electron";
import Database from "better-sqlite3";
import { gone } from "@left/behind/sub";
import "./chunk.js"
`

/** An archive whose every file holds the same bundle; names that contain `linux-x64` are marked as unpacked. */
async function writeArchive(file: string, names: readonly string[]): Promise<void> {
  interface Node {
    files?: Record<string, Node>
    size?: number
    offset?: string
    unpacked?: boolean
  }
  const root: Node = { files: {} }
  for (const name of names) {
    const parts = name.split('/')
    const folder = parts.slice(0, -1).reduce<Node>((node, part) => {
      node.files ??= {}
      node.files[part] ??= { files: {} }
      return node.files[part]
    }, root)
    folder.files ??= {}
    folder.files[parts.at(-1) ?? ''] = {
      size: BUNDLE.length,
      ...(name.includes('linux-x64') ? { unpacked: true } : { offset: '0' }),
    }
  }
  const json = Buffer.from(JSON.stringify(root))
  const lengths = Buffer.alloc(16)
  lengths.writeUInt32LE(8 + json.length, 4)
  lengths.writeUInt32LE(json.length, 12)
  await writeFile(file, Buffer.concat([lengths, json, Buffer.from(BUNDLE)]))
}
