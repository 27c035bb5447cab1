/**
 * What the outside sees of a project: its history as a tree, and the events that keep a copy of the document in step.
 *
 * Invariant: `revision` grows by one with every event that changes the document; a watcher that misses one asks for the
 * whole state again instead of guessing.
 */
import { z } from 'zod'
import { Command } from './document/commands.ts'
import { CommandId, SessionId } from './ids.ts'

export const HistoryEntry = z
  .object({
    id: CommandId,
    /** The entry this one was made on; null for the first. Two entries with one parent are branches. */
    parent: CommandId.nullable(),
    label: z.string(),
    origin: z.string(),
    /** Milliseconds since 1970. */
    time: z.number(),
  })
  .readonly()
export type HistoryEntry = z.infer<typeof HistoryEntry>

export const History = z
  .object({
    /** Every entry ever made, in the order of making. The first is the import or the new canvas. */
    entries: z.array(HistoryEntry).readonly(),
    /** The entry the document stands at. */
    head: CommandId,
    /** Where redo would go: the child of the head that was visited last. */
    redo: CommandId.nullable(),
  })
  .readonly()
export type History = z.infer<typeof History>

/** Zoom in screen pixels per document pixel, and the document point in the middle of the view. Saved, not undoable. */
export const ViewState = z
  .object({
    zoom: z.number().min(0.001).max(256).nullable(),
    centre: z.object({ x: z.number(), y: z.number() }).nullable(),
    activeLayer: z.string().max(64).nullable(),
  })
  .readonly()
export type ViewState = z.infer<typeof ViewState>

/** What a watcher receives. `committed` and `moved` carry what takes the old document to the new one. */
export const ProjectEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('committed'),
    revision: z.int(),
    command: Command,
    entry: HistoryEntry,
    redo: CommandId.nullable(),
  }),
  /** Undo, redo or a jump: the steps in order, each to be applied forwards or backwards. */
  z.object({
    type: z.literal('moved'),
    revision: z.int(),
    head: CommandId,
    redo: CommandId.nullable(),
    steps: z.array(z.object({ command: Command, direction: z.enum(['redo', 'undo']) })),
  }),
  /** The document changed in a way that is told as a whole: read the state again. */
  z.object({ type: z.literal('reset'), revision: z.int() }),
  z.object({ type: z.literal('thumbnail'), command: CommandId }),
  z.object({ type: z.literal('renamed'), name: z.string(), draft: z.boolean() }),
  z.object({ type: z.literal('closed'), session: SessionId }),
])
export type ProjectEvent = z.infer<typeof ProjectEvent>
