import './node-version.mjs'

/**
 * `npm run notices`: writes out/THIRD-PARTY-NOTICES.txt, what is shipped with Inlay and under which licence.
 *
 * Invariant: read from what is installed, so it cannot go stale. Shipped are the production dependencies with all they need
 * (as modules), and the development dependencies that end up inside the page's bundle.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const TARGET = join(root, 'out', 'THIRD-PARTY-NOTICES.txt')

/** Bundled into the page by Vite. */
const BUNDLED = [
  '@base-ui/react',
  'cmdk',
  'konva',
  'lucide-react',
  'react',
  'react-dom',
  'react-konva',
  'zustand',
]
/**
 * Needed by what is shipped, and not shipped itself: a test tool among lcms-wasm's dependencies, the build-time headers of
 * better-sqlite3, and what onnxruntime-node's install script downloads with. The package's `files` leave them out too.
 */
const NOT_SHIPPED = new Set(['tape', 'node-addon-api', 'adm-zip', 'global-agent'])
/** For the command line and the loopback server, which the package does not hold. */
const NOT_IN_APP = new Set(['commander', 'ws'])

/** Packages that name their licence and do not bring its text: where it can be found in what is installed. */
const TEXT_ELSEWHERE = {
  // Apache 2.0 for its own part (sharp brings the same text), Google's BSD licence at the head of one file.
  '@bufbuild/protobuf': (folder) =>
    `${licenceText(join(root, 'node_modules', 'sharp'))}\n\n${headComment(join(folder, 'dist', 'esm', 'wire', 'varint.js'))}`,
}

const INSIDE = `SQLite, in better-sqlite3: public domain (https://www.sqlite.org/copyright.html).
Little CMS, in lcms-wasm: MIT, copyright Marti Maria Saguer (https://www.littlecms.com).
ONNX Runtime, in onnxruntime-node: MIT, copyright Microsoft Corporation; what is in it in turn is listed at
https://github.com/microsoft/onnxruntime/blob/main/ThirdPartyNotices.txt

libvips and the libraries in it (packages @img/sharp-libvips-*)

sharp uses libvips, which is free software under the GNU Lesser General Public License, version 3 or later (its text is
at https://www.gnu.org/licenses/lgpl-3.0.html). It is shipped as a shared library of its own, beside the program and
outside its archive, so that you may replace it by your own build of the same version. Its source and the recipe it was
built by are at https://github.com/libvips/libvips and https://github.com/lovell/sharp-libvips. The library contains
further free libraries (among them cairo, cgif, expat, fontconfig, freetype, fribidi, glib, harfbuzz, lcms, libarchive,
libexif, libffi, libheif, libimagequant, libnsgif, libpng, librsvg, libspng, libtiff, libwebp, libxml2, mozjpeg, pango,
pixman, proxy-libintl, aom, highway and zlib-ng) under their own licences, which that recipe lists.`

/** Weights of others that are shipped with their licence: the folder's README says what they are. */
const WEIGHTS = [{ name: 'TAEF2', license: 'MIT', folder: join(root, 'models', 'built-in', 'taef2') }]

/** Every package that is shipped, by name and version, in order. */
export function shippedPackages() {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const found = new Map()
  const visit = (name, from) => {
    const folder = folderOf(name, from)
    if (!folder || NOT_SHIPPED.has(name)) return
    const { version, author, license, licenses, dependencies, optionalDependencies, repository, homepage } =
      JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const key = `${name}@${version}`
    if (found.has(key)) return
    found.set(key, {
      name,
      version,
      license: license ?? licenses?.map((each) => each.type).join(' OR ') ?? 'unknown',
      address: homepage ?? repository?.url ?? repository ?? '',
      text:
        licenceText(folder) || (license === 'MIT' ? mitText(author) : (TEXT_ELSEWHERE[name]?.(folder) ?? '')),
    })
    for (const next of Object.keys({ ...dependencies, ...optionalDependencies })) visit(next, folder)
  }
  const own = Object.keys(manifest.dependencies).filter((name) => !NOT_IN_APP.has(name))
  for (const name of [...own, ...BUNDLED]) visit(name, root)
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name))
}

export function notices() {
  const packages = shippedPackages()
  const lines = packages.map(({ name, version, license }) => `${name} ${version}: ${license}`)
  const weights = WEIGHTS.map(({ name, license }) => `${name} (weights): ${license}`)
  const texts = packages
    .filter(({ text }) => text)
    .map(({ name, version, text }) => `${'='.repeat(100)}\n${name} ${version}\n\n${text}`)
  for (const { name, folder } of WEIGHTS)
    texts.push(`${'='.repeat(100)}\n${name} (weights)\n\n${licenceText(folder)}`)
  return [
    'Inlay contains the following software by others. Electron and Chromium bring their own licence files.\n',
    ...lines,
    ...weights,
    `\n${'='.repeat(100)}\n${INSIDE}\n`,
    ...texts,
    '',
  ].join('\n')
}

/** Where Node would find a package: beside the one that needs it, or further up; null when it is not installed. */
function folderOf(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return candidate
    if (folder === dirname(folder) || folder === root) return null
  }
}

function licenceText(folder) {
  const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying|notice)(\.|$|-)/i.test(name))
  return file ? readFileSync(join(folder, file), 'utf8').trim() : ''
}

/** The block of line comments that a source file begins with. */
function headComment(file) {
  const lines = readFileSync(file, 'utf8').split('\n')
  const end = lines.findIndex((line) => !line.startsWith('//'))
  return lines
    .slice(0, end)
    .map((line) => line.replace(/^\/\/ ?/, ''))
    .join('\n')
}

/** The MIT licence's text for a package that names the licence and does not bring it. */
function mitText(author) {
  const name = (typeof author === 'string' ? author : author?.name)?.replace(/ *<.*>/, '') ?? 'its authors'
  return readFileSync(join(root, 'LICENSE'), 'utf8')
    .replace(/^Copyright.*$/m, `Copyright (c) ${name}`)
    .trim()
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  mkdirSync(dirname(TARGET), { recursive: true })
  writeFileSync(TARGET, notices())
  console.log(`${TARGET}: ${shippedPackages().length} packages`)
}
