/**
 * What a person is told when a picture does not come in exactly as it is in its file.
 *
 * Invariant: one full sentence for each change, and none for a picture that comes in unchanged.
 */
import type { PictureHeader } from './image-file-header.ts'
import type { PictureBytes } from './image-file-source.ts'
import { readPngFacts } from './metadata-png.ts'

export function noticesOf(
  picture: PictureBytes,
  header: PictureHeader,
  isProfileDropped: boolean,
): readonly string[] {
  const png = header.format === 'png' ? readPngFacts(picture) : undefined
  const candidates: readonly (string | false)[] = [
    isProfileDropped && 'The colour profile in the file is damaged or of another kind, and was left out.',
    modelNotice(header, isProfileDropped),
    header.bitsPerSample > 8 &&
      `The picture has ${header.bitsPerSample} bits a channel and was reduced to 8; the file itself is unchanged.`,
    png?.hasOtherColour === true &&
      'The file describes its colours without a profile, which Inlay takes for sRGB; they may look slightly different.',
    header.isPremultiplied &&
      'The alpha channel was stored multiplied into the colours, and was separated from them.',
    png?.isAnimated === true && 'The picture is animated; only its still picture was opened.',
    header.frames > 1 && framesNotice(header),
  ]
  return candidates.filter((sentence) => sentence !== false)
}

function modelNotice({ model, blocks }: PictureHeader, isProfileDropped: boolean): string | false {
  const hasProfile = blocks.icc !== undefined && !isProfileDropped
  switch (model) {
    case 'rgb':
      return false
    case 'grey':
      return hasProfile
        ? 'The grey picture was converted to sRGB through its profile.'
        : 'The grey picture was converted to sRGB.'
    case 'cmyk':
      return hasProfile
        ? 'The CMYK picture was converted to sRGB through its profile.'
        : 'The CMYK picture has no usable profile; it was converted to sRGB through a common press profile.'
    case 'lab':
      return 'The Lab picture was converted to sRGB.'
  }
}

function framesNotice({ format, frames }: PictureHeader): string {
  const [what, unit] = format === 'tiff' ? ['has', 'pages'] : ['is animated and has', 'frames']
  return `The picture ${what} ${frames} ${unit}; only the first was opened.`
}
