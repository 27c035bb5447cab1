/** `inlay inspect`: what a project or a picture is, without changing it. */
import { statSync } from 'node:fs'
import type { Command } from 'commander'
import { type Document, type Layer, subtreeOf } from '../../../shared/document/model.ts'
import { openImage, ProjectSession } from '../../engine/index.ts'
import { formatBytes, type OutputOptions, printResult } from '../output.ts'
import { isProjectFile } from '../places.ts'

export function addInspect(program: Command): void {
  program
    .command('inspect')
    .summary('say what a project or picture holds')
    .argument('<file>', 'an .inlay project or a picture')
    .option('--json', 'print the result as JSON')
    .action(async (file: string, options: OutputOptions) =>
      (await isProjectFile(file)) ? inspectProject(file, options) : inspectImage(file, options),
    )
}

function inspectProject(file: string, options: OutputOptions): void {
  const session = ProjectSession.open(file, { readOnly: true })
  try {
    const { document, history } = session
    const { canvas, profile } = document
    const bytes = statSync(file).size
    const stack = layersTopFirst(document)
    const value = {
      kind: 'project',
      name: session.name,
      canvas,
      profile: profile.name,
      layers: stack.map(({ layer, depth }) => ({
        kind: layer.kind,
        name: layer.name,
        depth,
        visible: layer.visible,
        locked: layer.locked,
        opacity: layer.opacity,
        blendMode: layer.blendMode,
        mask: layer.mask !== null,
      })),
      selection: document.selection?.bounds ?? null,
      historyEntries: history.entries.length,
      original: session.original()?.name ?? null,
      bytes,
      notices: session.notices,
    }
    printResult(options, value, [
      `${file}: project, ${canvas.width} × ${canvas.height}, ${profile.name}, ${formatBytes(bytes)}`,
      `History: ${history.entries.length} entries. Original: ${value.original ?? 'none'}.`,
      'Layers, top first:',
      ...stack.map(({ layer, depth }) => `  ${'  '.repeat(depth)}${describe(layer)}`),
      ...session.notices.map((notice) => `Note: ${notice}`),
    ])
  } finally {
    session.close()
  }
}

async function inspectImage(file: string, options: OutputOptions): Promise<void> {
  const image = await openImage(file)
  const { width, height, format, profileName, notices } = image
  const tags = (['exif', 'xmp', 'iptc'] as const).filter((key) => image.metadata[key])
  const bytes = statSync(file).size
  printResult(
    options,
    { kind: 'image', width, height, format, profile: profileName, metadata: tags, bytes, notices },
    [
      `${file}: ${format}, ${width} × ${height}, ${profileName}, ${formatBytes(bytes)}`,
      `Metadata: ${tags.length > 0 ? tags.join(', ') : 'none'}.`,
      ...notices.map((notice) => `Note: ${notice}`),
    ],
  )
}

function layersTopFirst(document: Document): { readonly layer: Layer; readonly depth: number }[] {
  const list = (ids: Document['root'], depth: number): { layer: Layer; depth: number }[] =>
    [...ids].reverse().flatMap((id) => {
      const layer = subtreeOf(document, id)[0]
      if (!layer) return []
      return [{ layer, depth }, ...(layer.kind === 'group' ? list(layer.children, depth + 1) : [])]
    })
  return list(document.root, 0)
}

function describe(layer: Layer): string {
  const parts = [
    layer.kind === 'group' ? 'group' : 'layer',
    `${Math.round(layer.opacity * 100)} %`,
    layer.blendMode,
    ...(layer.mask ? ['mask'] : []),
    ...(layer.visible ? [] : ['hidden']),
    ...(layer.locked ? ['locked'] : []),
  ]
  return `${layer.name} (${parts.join(', ')})`
}
