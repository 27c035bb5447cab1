/**
 * The photographs and masks of an evaluation: `<stem>*.png` are the masks of the photograph `<stem>.<anything>`.
 *
 * Invariant: every photograph has a mask, and every mask has the size of its photograph and something to fill and to keep;
 * else one error names the file. A mask belongs to the photograph with the longest stem that its name begins with.
 */
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { InlayError } from '../../../../shared/errors.ts'
import type { Size } from '../../../../shared/geometry.ts'
import { openImage, readMask } from '../../imaging/image-file.ts'

const PHOTO = /\.(jpe?g|png|webp|tiff?|avif)$/i
/** A decode of more would need gigabytes. */
const MOST_PIXELS = 4_000_000

export interface EvaluationCase {
  readonly photo: string
  readonly mask: string
  readonly size: Size
  /** width * height * 3 bytes. */
  readonly rgb: Uint8Array
  /** width * height bytes, above 0 is hole. */
  readonly hole: Uint8Array
}

interface Pair {
  readonly photo: string
  readonly masks: readonly string[]
}

/** Which masks belong to which photograph, before anything is decoded. @throws InlayError `file.missing`, `usage` */
export async function pairUp(photos: string, masks: string): Promise<readonly Pair[]> {
  const names = (await listed(photos)).filter((name) => PHOTO.test(name))
  if (names.length === 0)
    throw new InlayError(
      'usage',
      `There are no photographs in ${photos}; name a folder of JPEG or PNG files.`,
    )
  const of = new Map(names.map((name) => [name, [] as string[]]))
  for (const mask of (await listed(masks)).filter((name) => /\.png$/i.test(name))) {
    const stems = names.filter((name) => mask.startsWith(path.parse(name).name))
    const [owner] = stems.sort((a, b) => path.parse(b).name.length - path.parse(a).name.length)
    if (owner !== undefined) of.get(owner)!.push(path.join(masks, mask))
  }
  return [...of].map(([name, own]) => {
    if (own.length === 0)
      throw new InlayError(
        'file.missing',
        `There is no mask for ${name} in ${masks}; name one ${path.parse(name).name}-1.png.`,
      )
    return { photo: path.join(photos, name), masks: own }
  })
}

/** One photograph with each of its masks. @throws InlayError of the picture's, `mask.size`, `mask.empty`, `image.too-large` */
export async function* openPair({ photo, masks }: Pair): AsyncGenerator<EvaluationCase> {
  const picture = await openImage(photo)
  const size = { width: picture.width, height: picture.height }
  if (size.width * size.height > MOST_PIXELS)
    throw new InlayError(
      'image.too-large',
      `${photo} has ${size.width} × ${size.height} pixels; evaluate on crops of at most 4 megapixels.`,
    )
  const rgba = await picture.readRgba()
  const rgb = Uint8Array.from(
    { length: size.width * size.height * 3 },
    (_, i) => rgba[4 * Math.floor(i / 3) + (i % 3)]!,
  )
  for (const mask of masks) {
    const { width, height, data: hole } = await readMask(mask)
    if (width !== size.width || height !== size.height)
      throw new InlayError(
        'mask.size',
        `The mask ${mask} has ${width} × ${height} pixels and its photograph ${size.width} × ${size.height}; give a mask of its size.`,
      )
    if (!hole.some((value) => value > 0))
      throw new InlayError(
        'mask.empty',
        `The mask ${mask} is black everywhere; make white what is to be filled.`,
      )
    if (!hole.includes(0))
      throw new InlayError('fill.no-source', `The mask ${mask} is white everywhere; leave something to keep.`)
    yield { photo, mask, size, rgb, hole }
  }
}

async function listed(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort()
  } catch (cause) {
    throw new InlayError('file.missing', `There is no folder ${folder} that can be read; check the name.`, {
      cause,
    })
  }
}
