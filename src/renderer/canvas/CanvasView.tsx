/**
 * The canvas in the page: the picture (WebGL) with the overlay (Konva) above it, and the events of both.
 *
 * Invariant: React mounts and sizes; everything that moves is drawn by the `CanvasController` of the open project.
 */
import { useEffect, useRef, useState } from 'react'
import type { DocumentClient } from '../editor/document-client.ts'
import type { CanvasHandle, Editor } from '../editor/editor.ts'
import { CanvasController } from './canvas-controller.ts'
import { openPicture } from './canvas-open-picture.ts'
import { Overlay } from './Overlay.tsx'

interface Props {
  readonly editor: Editor
  readonly onHandle: (handle: CanvasHandle | null) => void
}

export function CanvasView({ editor, onHandle }: Props): React.JSX.Element {
  const { document } = editor
  if (!document) return <div className="canvas-view" />
  return <OpenCanvas key={document.session} editor={editor} client={document} onHandle={onHandle} />
}

function OpenCanvas({
  editor,
  client,
  onHandle,
}: Props & { readonly client: DocumentClient }): React.JSX.Element {
  const root = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const [controller, setController] = useState<CanvasController | null>(null)
  const size = useSize(root)
  const latest = useRef({ editor, onHandle })
  latest.current = { editor, onHandle }

  useEffect(() => {
    const { editor, onHandle } = latest.current
    const made = new CanvasController(editor, client, root.current!, (redraw) =>
      openPicture(canvas.current!, editor, client, redraw),
    )
    setController(made)
    onHandle(made.view)
    return () => {
      latest.current.onHandle(null)
      made.dispose()
      setController(null)
    }
  }, [client])

  useEffect(() => {
    if (controller && size) controller.resize(size.width, size.height, size.pixelRatio)
  }, [controller, size])

  return (
    <div
      ref={root}
      className="canvas-view"
      style={LAYOUT.root}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the picture is worked on with keys too.
      tabIndex={0}
      role="application"
      aria-label="Picture"
      data-testid="canvas"
    >
      <canvas ref={canvas} style={LAYOUT.fill} />
      <div style={LAYOUT.fill}>
        {controller && size && <Overlay source={controller} width={size.width} height={size.height} />}
      </div>
    </div>
  )
}

const LAYOUT = {
  root: {
    position: 'relative',
    width: '100%',
    height: '100%',
    minWidth: 0,
    minHeight: 0,
    overflow: 'hidden',
    outline: 'none',
    touchAction: 'none',
    userSelect: 'none',
  },
  fill: { position: 'absolute', inset: 0, width: '100%', height: '100%' },
} as const

interface Measured {
  readonly width: number
  readonly height: number
  readonly pixelRatio: number
}

/** The element's size, kept up to date, also when the window moves to a screen with other pixels. */
function useSize(element: React.RefObject<HTMLElement | null>): Measured | null {
  const [size, setSize] = useState<Measured | null>(null)
  useEffect(() => {
    const measure = () => {
      const { clientWidth: width, clientHeight: height } = element.current!
      setSize((before) =>
        before?.width === width && before.height === height && before.pixelRatio === devicePixelRatio
          ? before
          : { width, height, pixelRatio: devicePixelRatio },
      )
    }
    const observer = new ResizeObserver(measure)
    observer.observe(element.current!)
    let density = matchMedia(`(resolution: ${devicePixelRatio}dppx)`)
    const onDensity = () => {
      density.removeEventListener('change', onDensity)
      density = matchMedia(`(resolution: ${devicePixelRatio}dppx)`)
      density.addEventListener('change', onDensity)
      measure()
    }
    density.addEventListener('change', onDensity)
    measure()
    return () => {
      observer.disconnect()
      density.removeEventListener('change', onDensity)
    }
  }, [element])
  return size
}
