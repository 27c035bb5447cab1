/**
 * A model of our own recipe as a folder: a manifest, the autoencoder, and, once trained, the asymmetric decoder and the denoiser.
 *
 * Invariant: what comes out is whole and what the manifest says: every part has been opened as any checkpoint is, and its
 * digest is the one that was written down with it. A part that the manifest does not name is not there (null).
 */
import path from 'node:path'
import { z } from 'zod'
import { InlayError } from '../../../../shared/errors.ts'
import type { Architecture, Component } from './checkpoint.ts'
import { componentDigest } from './component-digest.ts'
import { readJson } from './json.ts'
import { openCheckpoint } from './open.ts'

const Part = z.object({
  /** A file or folder below the manifest's. */
  path: z.string().regex(/^[\w-]+(\/[\w.-]+)*$/),
  /** Of the component, whatever layout it lies in. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
})

export const BuiltInManifest = z.object({
  version: z.literal(1),
  name: z.string().min(1).max(200),
  licence: z.string().min(1).max(200),
  latents: z.object({
    channels: z.number().int().min(1),
    downsampling: z.literal(8),
    /** Of each channel over the photographs that the denoiser was trained on; its configuration has the same. */
    mean: z.array(z.number()).optional(),
    std: z.array(z.number().positive()).optional(),
  }),
  /** What the application begins with. */
  defaults: z.object({
    decoder: z.enum(['plain', 'asymmetric']),
    steps: z.number().int().min(1).max(200),
    candidates: z.number().int().min(1).max(8),
    /** What Remove fills with until a person chooses: whatever was found the better of the two. */
    fill: z.enum(['patch-fill', 'built-in']),
  }),
  parts: z.object({
    autoencoder: Part,
    asymmetricDecoder: Part.optional(),
    denoiser: Part.optional(),
  }),
})
export type BuiltInManifest = z.infer<typeof BuiltInManifest>

export interface BuiltInModel {
  readonly manifest: BuiltInManifest
  /** Encoder and plain decoder. */
  readonly autoencoder: Component
  readonly asymmetricDecoder: Component | null
  readonly denoiser: Component | null
}

const MANIFEST = 'manifest.json'

/**
 * @param dataFolder where digests are remembered
 * @throws InlayError `file.missing`, `model.unreadable`, `model.unsupported`, `model.incomplete`
 */
export async function openBuiltIn(folder: string, dataFolder: string): Promise<BuiltInModel> {
  const file = path.join(folder, MANIFEST)
  const read = BuiltInManifest.safeParse(await readJson(file))
  if (!read.success) {
    const [issue] = read.error.issues
    throw new InlayError(
      'model.unreadable',
      `${file} is not the manifest of such a model: ${issue?.path.join('.')}: ${issue?.message}.`,
    )
  }
  const { parts } = read.data
  const open = async (part: z.infer<typeof Part> | undefined, architecture: Architecture) =>
    part === undefined ? null : openPart(path.join(folder, part.path), part.digest, architecture, dataFolder)
  return {
    manifest: read.data,
    autoencoder: (await open(parts.autoencoder, 'tiny-autoencoder'))!,
    asymmetricDecoder: await open(parts.asymmetricDecoder, 'small-asymmetric-decoder'),
    denoiser: await open(parts.denoiser, 'latent-denoiser'),
  }
}

async function openPart(
  place: string,
  digest: string,
  architecture: Architecture,
  dataFolder: string,
): Promise<Component> {
  const { components, missing } = await openCheckpoint(place)
  const [component] = components
  if (component?.architecture !== architecture || missing.length > 0)
    throw new InlayError('model.unreadable', `${place} is no whole ${architecture}. Get the model again.`)
  if ((await componentDigest(component as Component, dataFolder)) !== digest)
    throw new InlayError(
      'model.unreadable',
      `${place} is not what the manifest beside it was written for. Get the model again.`,
    )
  return component as Component
}
