/** The project service's calls that read pixels and colours. */
import { copyPicture, pickColour, thumbnailPng } from '../engine/index.ts'
import type { ProjectImplementer, ProjectParts } from './project-services.ts'
import { tileAnswer } from './tile-answer.ts'

export function pixelCalls(os: ProjectImplementer, { projects }: ProjectParts) {
  return {
    tiles: os.tiles.handler(
      async ({ input, context }) =>
        new Blob([await tileAnswer(projects.get(input.session, context.port), input.hashes, input.level)]),
    ),
    thumbnail: os.thumbnail.handler(async ({ input, context }) => {
      const { session, mips, ended } = projects.get(input.session, context.port)
      return pngBlob(await thumbnailPng(session.document, mips, input.of, input.size, ended))
    }),
    historyThumbnail: os.historyThumbnail.handler(({ input, context }) => {
      const png = projects.get(input.session, context.port).session.thumbnail(input.command)
      return png && pngBlob(png)
    }),
    pick: os.pick.handler(async ({ input, context }) => {
      const { session, colour } = projects.get(input.session, context.port)
      const picked = pickColour(session.document, session.tiles, input.x, input.y, input.size)
      return picked && colour.toSrgb({ r: picked.r, g: picked.g, b: picked.b })
    }),
    copy: os.copy.handler(async ({ input, context, signal }) => {
      const { session } = projects.get(input.session, context.port)
      const { png, x, y } = await copyPicture(session, input.source, signal)
      return { png: pngBlob(png), x, y }
    }),
    displayLut: os.displayLut.handler(async ({ input, context }) => {
      const table = await projects.get(input.session, context.port).colour.displayLut(input.profile)
      return table && new Blob([table as Uint8Array<ArrayBuffer>])
    }),
  }
}

function pngBlob(png: Uint8Array): Blob {
  return new Blob([png as Uint8Array<ArrayBuffer>], { type: 'image/png' })
}
