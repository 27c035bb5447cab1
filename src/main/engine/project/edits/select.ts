/**
 * Making and changing the selection.
 *
 * Invariant: a selection lies inside the canvas; one that holds no pixel is no selection. No layer is touched.
 */
import { intersect } from '../../../../shared/geometry.ts'
import type { IntentOf } from '../../../../shared/intents.ts'
import { composeRect } from '../../imaging/composite.ts'
import { combineSources, type MaskSource, rectSource } from '../../imaging/mask-source.ts'
import { writeMaskTiles } from '../../imaging/mask-tiles.ts'
import { lassoSource } from '../../imaging/selection-lasso.ts'
import { alphaSource, changeSource, featherSource } from '../../imaging/selection-raster.ts'
import type { Edit, EditWork } from './context.ts'
import { bare, contentBounds, isolated } from './isolate.ts'
import { layerOf } from './layers.ts'
import { canvasRect, selectionSource } from './limits.ts'
import { selectionChange } from './tile-changes.ts'

type Select = IntentOf<'select'>

const SHAPE_LABEL: Readonly<Record<Select['shape']['kind'], string>> = {
  rect: 'Rectangle selection',
  lasso: 'Lasso selection',
  all: 'Select all',
  none: 'Deselect',
  layer: 'Select what the layer covers',
}

const COMBINE_LABEL = {
  add: 'Add to selection',
  subtract: 'Subtract from selection',
  intersect: 'Intersect selection',
} as const

const SHAPE_ORIGIN: Readonly<Record<Select['shape']['kind'], string>> = {
  rect: 'rectangle-select',
  lasso: 'lasso',
  all: 'select',
  none: 'select',
  layer: 'select',
}

export async function select(work: EditWork, { shape, combine, feather }: Select): Promise<Edit> {
  const label =
    combine === 'replace' || shape.kind === 'none' ? SHAPE_LABEL[shape.kind] : COMBINE_LABEL[combine]
  const origin = SHAPE_ORIGIN[shape.kind]
  if (shape.kind === 'none') return { label, origin, changes: selectionChange(work.document, null) }
  const canvas = canvasRect(work.document)
  const softened = featherSource(shapeSource(work, shape), feather, canvas)
  const before = selectionSource(work.document, work.tiles) ?? rectSource({ x: 0, y: 0, width: 0, height: 0 })
  return writeSelection(work, label, origin, combineSources(before, softened, combine))
}

function shapeSource(
  { document, tiles }: EditWork,
  shape: Exclude<Select['shape'], { kind: 'none' }>,
): MaskSource {
  const canvas = canvasRect(document)
  switch (shape.kind) {
    case 'all':
      return rectSource(canvas)
    case 'rect':
      return rectSource(intersect(shape.rect, canvas))
    case 'lasso':
      return lassoSource(shape.points, canvas)
    case 'layer': {
      const alone = isolated(document, [bare(layerOf(document, shape.layer))])
      const bounds = intersect(contentBounds(document, shape.layer), canvas)
      return alphaSource(bounds, (rect) => composeRect(alone, tiles, rect))
    }
  }
}

const CHANGE_LABEL: Readonly<Record<IntentOf<'modify-selection'>['change'], string>> = {
  invert: 'Invert selection',
  grow: 'Grow selection',
  shrink: 'Shrink selection',
  feather: 'Feather selection',
  'fill-holes': 'Fill holes in selection',
}

/** Where nothing is selected, inverting selects all and the other changes do nothing. */
export async function modifySelection(
  work: EditWork,
  { change, amount }: IntentOf<'modify-selection'>,
): Promise<Edit | null> {
  const canvas = canvasRect(work.document)
  const before = selectionSource(work.document, work.tiles)
  if (!before && change !== 'invert') return null
  const after = before ? await changeSource(before, change, amount, canvas, work.pace) : rectSource(canvas)
  return writeSelection(work, CHANGE_LABEL[change], 'select', after)
}

async function writeSelection(
  { document, tiles, pace }: EditWork,
  label: string,
  origin: string,
  source: MaskSource,
): Promise<Edit> {
  return {
    label,
    origin,
    changes: selectionChange(document, await writeMaskTiles(source, tiles, pace)),
  }
}
