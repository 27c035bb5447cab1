/**
 * The threads of one fill, marching in step.
 *
 * Invariant: every thread runs the same program and meets the others after each phase, so a phase sees all that the
 * phases before it wrote. Which thread takes which task is left to chance and must not matter: tasks write apart.
 * Once the stop word is set every thread leaves by `Stopped` at its next task or meeting.
 */
const ARRIVED = 0
const MEETING = 1
const NEXT_TASK = 2
const STOP = 3
/** Progress in thousandths; read by the thread that asked. */
const PROGRESS = 4
/** How long a thread sleeps before it looks at the stop word again. */
const NAP_MS = 20

/** Thrown to leave the program when the fill was cancelled, or another thread failed. */
export class Stopped extends Error {
  override readonly name = 'Stopped'
}

export class Team {
  readonly #control: Int32Array
  readonly #size: number
  readonly #rank: number

  constructor(control: Int32Array, size: number, rank: number) {
    this.#control = control
    this.#size = size
    this.#rank = rank
  }

  /** Runs `task(0)` to `task(count - 1)`, each on one thread, and returns when all are done. */
  share(count: number, task: (index: number) => void): void {
    for (
      let i = Atomics.add(this.#control, NEXT_TASK, 1);
      i < count;
      i = Atomics.add(this.#control, NEXT_TASK, 1)
    ) {
      this.#check()
      task(i)
    }
    this.#meet()
  }

  /** Runs `task` on one thread while the others wait. */
  lead(task: () => void): void {
    if (this.#rank === 0) task()
    this.#meet()
  }

  /** @param fraction of the work that is done, 0 to 1 */
  progress(fraction: number): void {
    if (this.#rank === 0) Atomics.store(this.#control, PROGRESS, Math.round(fraction * 1000))
  }

  #check(): void {
    if (Atomics.load(this.#control, STOP) !== 0) throw new Stopped()
  }

  #meet(): void {
    const meeting = Atomics.load(this.#control, MEETING)
    if (Atomics.add(this.#control, ARRIVED, 1) === this.#size - 1) {
      Atomics.store(this.#control, ARRIVED, 0)
      Atomics.store(this.#control, NEXT_TASK, 0)
      Atomics.add(this.#control, MEETING, 1)
      Atomics.notify(this.#control, MEETING)
    } else {
      while (Atomics.load(this.#control, MEETING) === meeting) {
        Atomics.wait(this.#control, MEETING, meeting, NAP_MS)
        this.#check()
      }
    }
    this.#check()
  }
}

/** Tells every thread of a team to leave. */
export function stopTeam(control: Int32Array): void {
  Atomics.store(control, STOP, 1)
  Atomics.notify(control, MEETING)
}

/** The fraction last reported, 0 to 1. */
export function teamProgress(control: Int32Array): number {
  return Atomics.load(control, PROGRESS) / 1000
}
