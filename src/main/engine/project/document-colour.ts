/**
 * What the document's own numbers look like: as sRGB colours, and as a table for the view.
 *
 * Invariant: one transform for each profile and session, made when first needed; a damaged profile fails every time in the
 * same way.
 */
import type { BlobHash } from '../../../shared/ids.ts'
import type { RgbColour } from '../../../shared/intents.ts'
import { toByte } from '../../../shared/pixels.ts'
import { type ColourTransform, createColourTransform, LUT_SIDE } from '../imaging/colour-profile-transform.ts'
import type { ProjectSession } from './project-session.ts'

export class DocumentColour {
  readonly #session: ProjectSession
  readonly #transforms = new Map<BlobHash | null, Promise<ColourTransform>>()

  constructor(session: ProjectSession) {
    this.#session = session
  }

  /** The document's numbers, 0..1, as an sRGB colour. */
  async toSrgb(colour: RgbColour): Promise<RgbColour> {
    const transform = await this.#current()
    return transform.isIdentity ? colour : unpack(transform.toSrgb(pack(colour)))
  }

  /**
   * 33 x 33 x 33 RGB bytes from a profile's numbers to sRGB, blue fastest; null when they are sRGB's already.
   * @throws InlayError `project.damaged` when the project has no such profile
   */
  async displayLut(profile: BlobHash): Promise<Uint8Array | null> {
    const transform = await this.#transform(profile)
    return transform.isIdentity ? null : blueFastest(transform.displayLut())
  }

  async close(): Promise<void> {
    for (const transform of this.#transforms.values())
      await transform.then(
        (made) => made.close(),
        () => {},
      )
    this.#transforms.clear()
  }

  #current(): Promise<ColourTransform> {
    return this.#transform(this.#session.document.profile.hash)
  }

  #transform(hash: BlobHash | null): Promise<ColourTransform> {
    let transform = this.#transforms.get(hash)
    if (!transform) {
      transform = createColourTransform(hash ? this.#session.blob(hash) : null)
      this.#transforms.set(hash, transform)
    }
    return transform
  }
}

/** The transform's table has red fastest; exchanging the outer axes makes it blue. */
function blueFastest(table: Uint8Array): Uint8Array {
  const out = new Uint8Array(table.length)
  for (let r = 0, to = 0; r < LUT_SIDE; r++)
    for (let g = 0; g < LUT_SIDE; g++)
      for (let b = 0; b < LUT_SIDE; b++, to += 3) {
        const from = ((b * LUT_SIDE + g) * LUT_SIDE + r) * 3
        out.set(table.subarray(from, from + 3), to)
      }
  return out
}

function pack({ r, g, b }: RgbColour): Uint8Array {
  return Uint8Array.of(toByte(r), toByte(g), toByte(b))
}

function unpack(bytes: Uint8Array): RgbColour {
  return { r: bytes[0]! / 255, g: bytes[1]! / 255, b: bytes[2]! / 255 }
}
