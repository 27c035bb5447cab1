/**
 * Branded identifiers: strings that cannot be mixed up by accident.
 *
 * Invariant: every id here is short, printable ASCII and safe in a file name, a URL and a SQL parameter; whoever reads
 * one from outside parses it with the schema of the same name. Ids are random (made by the process that creates the
 * thing); hashes are computed and name their content.
 */
import { z } from 'zod'

const ID = /^[A-Za-z0-9_-]{1,64}$/

/** Layers are kept in an object by id, so a name every object has ("constructor") is no id. */
export const LayerId = z
  .string()
  .regex(ID)
  .refine((id) => !(id in {}))
  .brand<'LayerId'>()
export type LayerId = z.infer<typeof LayerId>

export const CommandId = z.string().regex(ID).brand<'CommandId'>()
export type CommandId = z.infer<typeof CommandId>

/** One open project in one project host; new at every open. */
export const SessionId = z.string().regex(ID).brand<'SessionId'>()
export type SessionId = z.infer<typeof SessionId>

/** A result that waits for the person's yes: the outcome of Remove or of a generation. */
export const CandidateId = z.string().regex(ID).brand<'CandidateId'>()
export type CandidateId = z.infer<typeof CandidateId>

/** Stands for a file that the shell granted; the renderer never sees a path in the Electron window. */
export const FileToken = z.string().regex(ID).brand<'FileToken'>()
export type FileToken = z.infer<typeof FileToken>

/** Lower-case hexadecimal SHA-256 over a tile's format id byte and its pixels (see `engine/imaging/tile-codec`). */
export const TileHash = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .brand<'TileHash'>()
export type TileHash = z.infer<typeof TileHash>

/** Lower-case hexadecimal SHA-256 of a stored block of bytes (an ICC profile, an imported file). */
export const BlobHash = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .brand<'BlobHash'>()
export type BlobHash = z.infer<typeof BlobHash>
