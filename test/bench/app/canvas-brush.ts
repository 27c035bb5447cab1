/** The least a brush can be: round dabs on a 2D canvas, drawn in the next frame, waited for as the probe waits. */
export const CANVAS_BRUSH = `<!doctype html>
<style>body { margin: 0 } canvas { display: block }</style>
<canvas></canvas>
<script>
  const canvas = document.querySelector('canvas')
  canvas.width = innerWidth
  canvas.height = innerHeight
  const context = canvas.getContext('2d')
  context.fillStyle = '#4488cc'
  context.fillRect(0, 0, canvas.width, canvas.height)
  const size = Number(new URL(location).searchParams.get('size'))
  window.latencies = []
  let pending = []
  let last = null
  let asked = false
  function draw() {
    asked = false
    context.fillStyle = '#c33'
    for (const { x, y } of pending) {
      const from = last ?? { x, y }
      const steps = Math.max(1, Math.ceil(Math.hypot(x - from.x, y - from.y) / Math.max(1, size / 10)))
      for (let i = 1; i <= steps; i++) {
        context.beginPath()
        context.arc(from.x + ((x - from.x) * i) / steps, from.y + ((y - from.y) * i) / steps, size / 2, 0, 7)
        context.fill()
      }
      last = { x, y }
    }
    context.getImageData(0, 0, 1, 1)
    const now = performance.now()
    for (const { time } of pending) latencies.push(now - time)
    pending = []
  }
  addEventListener('pointermove', (event) => {
    if (event.buttons !== 1) return
    pending.push({ x: event.clientX, y: event.clientY, time: event.timeStamp })
    if (!asked) requestAnimationFrame(draw)
    asked = true
  })
</script>`
