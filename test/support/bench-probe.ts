/**
 * What is measured inside the page: when frames were drawn, what they showed, and which pointer events they answered.
 *
 * Invariant: the page's own code is not changed, only listened to. A frame counts as drawn once the GPU has finished it: one
 * pixel is read back, which waits for it. Times are milliseconds since the epoch, comparable with `Date.now()` elsewhere on
 * the machine.
 */

export interface DrawnFrame {
  readonly time: number
  /** Samples of the frame's middle row and middle column: r, g, b, a each. */
  readonly samples: readonly number[]
}

export interface Probe {
  /** Keeps a record of what each frame shows from now on. */
  watch(on: boolean): void
  frames(): readonly DrawnFrame[]
  /** From pointer event to frame, in milliseconds, since it was last asked. */
  latencies(): number[]
  /** Milliseconds since the last frame, if nothing is being fetched; 0 otherwise. */
  idleFor(): number
  /** Looks at a point of the page from now on: `changed` tells when it shows something else. */
  lookAt(x: number, y: number): void
  /** Resolves with the milliseconds from the next key press after `lookAt` to the frame in which that point changes. */
  changed(): Promise<number>
}

declare global {
  interface Window {
    probe: Probe
  }
}

/** Runs in the page before its own code; uses nothing from outside itself. */
export function installProbe(): void {
  const every = 16
  let gl: WebGL2RenderingContext | null = null
  let draws = 0
  let fetching = 0
  let lastDraw = performance.now()
  let watching = true
  let frames: DrawnFrame[] = []
  let pending: number[] = []
  let latencies: number[] = []
  let change: Promise<number> = Promise.resolve(0)
  let waiting: { x: number; y: number; before: string; pressed: number; done(ms: number): void } | null = null

  const getContext = HTMLCanvasElement.prototype.getContext
  HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, ...args: unknown[]) {
    const context = Reflect.apply(getContext, this, args)
    if (args[0] === 'webgl2' && context) gl = context
    return context
  } as typeof getContext

  const drawArrays = WebGL2RenderingContext.prototype.drawArrays
  WebGL2RenderingContext.prototype.drawArrays = function (...args) {
    draws++
    return drawArrays.apply(this, args)
  }

  const pageFetch = window.fetch
  window.fetch = async (...args) => {
    fetching++
    try {
      return await pageFetch(...args)
    } finally {
      fetching--
    }
  }

  function read(x: number, y: number, width: number, height: number): Uint8Array {
    const pixels = new Uint8Array(width * height * 4)
    if (!gl) return pixels
    const before = gl.getParameter(gl.FRAMEBUFFER_BINDING)
    gl.bindFramebuffer(gl.FRAMEBUFFER, null)
    gl.pixelStorei(gl.PACK_ALIGNMENT, 1)
    gl.readPixels(x, y, width, height, gl.RGBA, gl.UNSIGNED_BYTE, pixels)
    gl.bindFramebuffer(gl.FRAMEBUFFER, before)
    return pixels
  }

  function pixelAt(x: number, y: number): string {
    const canvas = gl?.canvas as HTMLCanvasElement
    const box = canvas.getBoundingClientRect()
    const ratio = canvas.width / box.width
    return read(
      Math.floor((x - box.left) * ratio),
      canvas.height - 1 - Math.floor((y - box.top) * ratio),
      1,
      1,
    ).join()
  }

  function samples(): number[] {
    const { width, height } = gl?.canvas ?? { width: 0, height: 0 }
    const found: number[] = []
    for (const line of [read(0, height >> 1, width, 1), read(width >> 1, 0, 1, height)])
      for (let i = 0; i < line.length; i += 4 * every) found.push(...line.subarray(i, i + 4))
    return found
  }

  function drawn(): void {
    const shown = watching ? samples() : []
    if (!watching) read(0, 0, 1, 1)
    const now = performance.now()
    lastDraw = now
    if (watching) frames.push({ time: performance.timeOrigin + now, samples: shown })
    for (const time of pending) latencies.push(now - time)
    pending = []
    if (!waiting || waiting.pressed === 0 || pixelAt(waiting.x, waiting.y) === waiting.before) return
    waiting.done(performance.now() - waiting.pressed)
    waiting = null
  }

  const request = window.requestAnimationFrame.bind(window)
  window.requestAnimationFrame = (callback) =>
    request((time) => {
      const before = draws
      callback(time)
      if (draws !== before) drawn()
    })

  addEventListener('pointermove', (event) => event.buttons === 1 && pending.push(event.timeStamp), true)
  addEventListener(
    'keydown',
    (event) => {
      if (waiting && event.key !== 'Control' && event.key !== 'Shift') waiting.pressed ||= event.timeStamp
    },
    true,
  )

  window.probe = {
    watch(on) {
      watching = on
      frames = []
    },
    frames: () => frames,
    latencies() {
      const found = latencies
      latencies = []
      return found
    },
    idleFor: () => (gl && fetching === 0 ? performance.now() - lastDraw : 0),
    lookAt(x, y) {
      change = new Promise((done, fail) => {
        setTimeout(() => fail(new Error('the picture did not change there')), 30_000)
        waiting = { x, y, before: pixelAt(x, y), pressed: 0, done }
      })
    },
    changed: () => change,
  }
}
