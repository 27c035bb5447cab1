/** What passes between the caller of a fill and its worker threads. */
import type { Rect, Size } from '../../../../shared/geometry.ts'
import type { SharedMemory } from './kernel-instance.ts'

export interface WorkerJob {
  readonly memory: SharedMemory
  readonly size: Size
  /** Bounds of the hole. */
  readonly bounds: Rect
  readonly seed: number
  readonly teamSize: number
  /** 0 to teamSize - 1; 0 leads. */
  readonly rank: number
}

export interface WorkerAnswer {
  /** False when the job was stopped or failed. */
  readonly done: boolean
  /** Why it failed, when it was not stopped. */
  readonly problem?: string
}
