/**
 * Whether a packaged application has what it needs where it needs it, and nothing of another platform.
 *
 * Invariant: reads the archive's own index (a JSON text behind four 32-bit lengths) and the folder beside it; runs nothing.
 */
import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join, relative } from 'node:path'

const WANTED = [
  'package.json',
  'out/main/main.js',
  'out/main/project-host.js',
  'out/main/inference-host.js',
  'out/main/parent-watch-worker.js',
  'out/main/imaging-worker.js',
  'out/main/patch-fill-worker.js',
  'out/preload/preload.cjs',
  'out/renderer/index.html',
]
const NATIVE = /\.(node|so(\.[\d.]+)?|dylib|dll)$/
const BESIDE = [
  'LICENSE',
  'THIRD-PARTY-NOTICES.txt',
  'assets/samples/desert-hike.jpg',
  'assets/clip-tokenizer/vocab.json.gz',
  'models/built-in/manifest.json',
  'models/built-in/ATTRIBUTION.tsv',
  'models/built-in/decoder/decoder.safetensors',
  'models/built-in/denoiser/denoiser.safetensors',
  'models/built-in/taef2/LICENSE',
  'models/built-in/taef2/taef2_decoder.safetensors',
]

/**
 * @param resources the folder with app.asar in it
 * @returns problems (sentences; empty when all is well) and a summary
 */
export function checkPackage(resources, platform = process.platform, arch = process.arch) {
  const problems = []
  const archive = join(resources, 'app.asar')
  if (!existsSync(archive)) return { problems: [`There is no ${archive}.`], summary: '' }
  const files = readArchive(archive)
  const names = [...files.keys()]
  for (const name of WANTED) if (!files.has(name)) problems.push(`${name} is missing in the archive.`)
  for (const name of BESIDE) if (!existsSync(join(resources, name))) problems.push(`${name} is missing.`)

  const natives = names.filter((name) => NATIVE.test(name))
  for (const name of natives) {
    if (!files.get(name).unpacked)
      problems.push(`${name} lies inside the archive, where it cannot be loaded.`)
    else if (!existsSync(join(resources, 'app.asar.unpacked', name)))
      problems.push(`${name} was not unpacked.`)
  }
  for (const [module, pattern] of Object.entries(nativesOf(platform, arch)))
    if (!natives.some((name) => name.includes(`node_modules/${module}`) && pattern.test(name)))
      problems.push(`The native part of ${module} for ${platform}-${arch} is missing.`)
  for (const name of natives)
    if (isForeign(name, platform, arch)) problems.push(`${name} belongs to another platform.`)
  for (const name of names)
    if (
      /^(src|test|scripts|models)\/|node_modules\/(node-linux|electron|vite|typescript|react)(-\w+)?\//.test(
        name,
      )
    )
      problems.push(`${name} does not belong into the package.`)

  for (const [file, module] of modulesAskedFor(archive, files))
    if (!names.some((name) => name.startsWith(`node_modules/${module}/`)))
      problems.push(`${file} needs ${module}, which is not in the package.`)

  const unpacked = sizeOf(join(resources, 'app.asar.unpacked'))
  const summary =
    `app.asar ${megabytes(statSync(archive).size)} with ${names.length} files, ` +
    `${natives.length} native files ${megabytes(unpacked)} beside it`
  return { problems: problems.slice(0, 40), summary }
}

function nativesOf(platform, arch) {
  return {
    'better-sqlite3': new RegExp(`prebuilds/${platform}-${arch}\\.node$`),
    'onnxruntime-node': new RegExp(`${platform}/${arch}/onnxruntime_binding\\.node$`),
    '@img': new RegExp(`sharp-${platform}-${arch}.*\\.node$`),
  }
}

/** By the platform and processor that a path names, where it names any. */
function isForeign(name, platform, arch) {
  const words = name.toLowerCase().split(/[/._-]/)
  const systems = ['darwin', 'linux', 'win32', 'linuxmusl', 'freebsd'].filter((word) => words.includes(word))
  const processors = ['x64', 'arm64', 'ia32', 'arm'].filter((word) => words.includes(word))
  return (
    (systems.length > 0 && !systems.includes(platform)) ||
    (processors.length > 0 && !processors.includes(arch))
  )
}

/** What the bundles of the main process import by name and do not have from Node or Electron. */
function modulesAskedFor(archive, files) {
  const found = []
  const start = dataStart(archive)
  for (const [name, { size, offset, unpacked }] of files) {
    if (!/^out\/main\/.*\.js$/.test(name) || unpacked || offset === undefined) continue
    const text = readBytes(archive, start + offset, size).toString('utf8')
    for (const [, specifier] of text.matchAll(/^import (?:[^'"]*? from )?["']([^'"]+)["']/gm)) {
      if (/^[./]/.test(specifier) || isBuiltin(specifier) || specifier === 'electron') continue
      found.push([
        name,
        specifier
          .split('/')
          .slice(0, specifier.startsWith('@') ? 2 : 1)
          .join('/'),
      ])
    }
  }
  return found
}

/** File contents follow the index; the second length is the index's with its own lengths. */
function dataStart(archive) {
  return 8 + readBytes(archive, 4, 4).readUInt32LE(0)
}

function readBytes(file, position, length) {
  const handle = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(length)
    readSync(handle, bytes, 0, length, position)
    return bytes
  } finally {
    closeSync(handle)
  }
}

function readArchive(file) {
  const json = readBytes(file, 16, readBytes(file, 12, 4).readUInt32LE(0))
  const found = new Map()
  const visit = (node, path) => {
    for (const [name, entry] of Object.entries(node.files ?? {})) {
      const here = path ? `${path}/${name}` : name
      if (entry.files) {
        visit(entry, here)
        continue
      }
      const offset = entry.offset === undefined ? undefined : Number(entry.offset)
      found.set(here, { size: entry.size ?? 0, offset, unpacked: entry.unpacked === true })
    }
  }
  visit(JSON.parse(json.toString('utf8')), '')
  return found
}

function sizeOf(folder) {
  if (!existsSync(folder)) return 0
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

/** The folder with app.asar in it, under electron-builder's output. */
export function resourcesIn(output) {
  const archive = readdirSync(output, { recursive: true, withFileTypes: true }).find(
    (entry) => entry.name === 'app.asar',
  )
  return archive ? relative(process.cwd(), archive.parentPath) || '.' : null
}
