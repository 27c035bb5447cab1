/**
 * Errors that cross a process border or reach a person.
 *
 * Invariant: an `InlayError` has a code from the closed list below and a message of one sentence that names the thing
 * that is wrong and what to do next. Anything else that is thrown is a bug: it is logged and reported as `internal`.
 * Codes are part of the command line's `--json` output, so a released code is never renamed.
 */

/** Every error code. The comment gives the command line's exit status: 2 usage, 3 input, 4 project, 5 system, 6 cancelled, 7 model. */
export const ERROR_EXIT = {
  /** An option or argument that makes no sense. */
  usage: 2,
  /** The file is not a picture we can decode, is truncated or is damaged. */
  'image.unreadable': 3,
  /** The picture's width, height or pixel count is beyond what Inlay opens. */
  'image.too-large': 3,
  /** The picture or option names a format we cannot write. */
  'image.unsupported': 3,
  /** The mask is empty, or of another size than the picture. */
  'mask.empty': 3,
  'mask.size': 3,
  /** The hole leaves nothing to fill it from. */
  'fill.no-source': 3,
  /** The file is not an Inlay project. */
  'project.foreign': 4,
  /** The project was written by a newer Inlay. */
  'project.newer': 4,
  /** The project file is damaged. */
  'project.damaged': 4,
  /** Another process has the project open for writing. */
  'project.read-only': 4,
  /** A command that does not fit the document (a layer that is gone, a locked layer…). */
  'document.conflict': 4,
  /** A file or folder that is not there, or may not be read or written. */
  'file.missing': 5,
  'file.denied': 5,
  'file.exists': 5,
  /** The disk is full. */
  'disk.full': 5,
  /** A server that cannot be reached, or the offline mode. */
  'network.failed': 5,
  'network.offline': 5,
  /** The hub wants a token, the licence is not accepted, or there is nothing of that name. */
  'download.refused': 5,
  /** What arrived has another size or SHA-256 than was announced. */
  'download.damaged': 5,
  /** The same model is being downloaded by another window or process. */
  'download.busy': 5,
  /** A host process died or missed its deadline; the work can be tried again. */
  'host.lost': 5,
  /** No model at all, truncated, or with a header, keys or shapes that cannot be right. */
  'model.unreadable': 7,
  /** A kind of model or file that Inlay does not open: a pickle, an unknown architecture. */
  'model.unsupported': 7,
  /** A model of which parts are not there. */
  'model.incomplete': 7,
  /** No installed model has this name. */
  'model.unknown': 7,
  /** The person cancelled. Shown as silence. */
  cancelled: 6,
  /** A bug of ours. */
  internal: 1,
} as const

export type ErrorCode = keyof typeof ERROR_EXIT

export class InlayError extends Error {
  override readonly name = 'InlayError'
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}

/** What travels over a wire or into `--json`: the code and the sentence, never a stack. */
export interface WireError {
  readonly code: ErrorCode
  readonly message: string
}

/** Turns anything thrown into its wire form; what is no `InlayError` becomes `internal`. */
export function toWireError(error: unknown): WireError {
  if (error instanceof InlayError) return { code: error.code, message: error.message }
  const message = error instanceof Error ? error.message : String(error)
  return { code: 'internal', message: `Something went wrong inside Inlay: ${message}` }
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERROR_EXIT, value)
}

/** Throws `cancelled` when the signal has fired: called between the steps of any long work. */
export function throwIfCancelled(signal: { readonly aborted: boolean } | undefined): void {
  if (signal?.aborted) throw new InlayError('cancelled', 'The work was cancelled.')
}
