/**
 * Draws what lies over the picture, with a plain 2D context in CSS pixels.
 *
 * Invariant: nothing here keeps state; a frame is drawn whole from its data. Lines are drawn twice, dark below light, so
 * that they can be seen on any picture, and lie on the grid of device pixels.
 */
import type { Preview } from '../editor/in-hand-state.ts'
import type { Area, OverlayShape } from '../tools/overlay-shape.ts'
import type { Spot } from '../tools/tool.ts'
import { type Placement, toScreen } from './canvas-view.ts'

export interface Paper {
  readonly context: CanvasRenderingContext2D
  readonly width: number
  readonly height: number
  readonly pixelRatio: number
  readonly place: Placement
}

const LIGHT = 'rgba(255, 255, 255, 0.95)'
const DARK = 'rgba(0, 0, 0, 0.75)'
const DASH = 4

export function drawShape(paper: Paper, shape: OverlayShape, phase: number): void {
  switch (shape.kind) {
    case 'area':
      return drawArea(paper, shape.area, shape.style, phase)
    case 'path':
      return drawPath(paper, shape.points, shape.closed, phase)
    case 'shade':
      return drawShade(paper, shape.area)
    case 'thirds':
      return drawThirds(paper, shape.area)
    case 'handle':
      return drawHandle(paper, toScreen(paper.place, shape.at))
    case 'label':
      return drawLabel(paper, toScreen(paper.place, shape.at), shape.text)
    case 'colour-ring':
      return drawColourRing(paper, toScreen(paper.place, shape.at), shape.colour, shape.before)
  }
}

/** The middle of the device pixel a line's place falls in: there a line one pixel wide is sharp. */
function crisp(value: number, { pixelRatio }: Paper): number {
  return (Math.floor(value * pixelRatio) + 0.5) / pixelRatio
}

function screenArea(paper: Paper, area: Area): Area {
  const from = toScreen(paper.place, area)
  const to = toScreen(paper.place, { x: area.x + area.width, y: area.y + area.height })
  const x = crisp(from.x, paper)
  const y = crisp(from.y, paper)
  return { x, y, width: crisp(to.x, paper) - x, height: crisp(to.y, paper) - y }
}

/** A small picture over its part of the document, cut by an outline in CSS pixels. */
export function drawPreview(paper: Paper, { picture, at }: Preview, inside: Path2D | null): void {
  const { context, place } = paper
  const from = toScreen(place, at)
  context.save()
  if (inside) context.clip(inside, 'evenodd')
  context.imageSmoothingQuality = 'high'
  context.drawImage(picture, from.x, from.y, at.width * place.scale, at.height * place.scale)
  context.restore()
}

type AreaStyle = Extract<OverlayShape, { kind: 'area' }>['style']

function drawArea(paper: Paper, area: Area, style: AreaStyle, phase: number): void {
  const { x, y, width, height } = screenArea(paper, area)
  const outline = new Path2D()
  outline.rect(x, y, width, height)
  if (style === 'ants') return drawAnts(paper.context, outline, phase)
  if (style === 'dashed') return drawDashed(paper.context, outline)
  const { context } = paper
  context.lineWidth = style === 'frame' ? 3 : 2.5
  context.strokeStyle = 'rgba(0, 0, 0, 0.45)'
  context.stroke(outline)
  context.lineWidth = 1
  context.strokeStyle = LIGHT
  context.stroke(outline)
}

/** A quiet border that stands still: long dashes, so that nobody takes it for the selection. */
function drawDashed(context: CanvasRenderingContext2D, path: Path2D): void {
  context.setLineDash([3 * DASH, 2 * DASH])
  context.lineWidth = 2.5
  context.strokeStyle = 'rgba(0, 0, 0, 0.4)'
  context.stroke(path)
  context.lineWidth = 1
  context.strokeStyle = 'rgba(255, 255, 255, 0.85)'
  context.stroke(path)
  context.setLineDash([])
}

/** Marching ants along a path; `phase` is how far they have come. */
export function drawAnts(context: CanvasRenderingContext2D, path: Path2D, phase: number): void {
  context.lineWidth = 1
  context.strokeStyle = DARK
  context.stroke(path)
  context.strokeStyle = LIGHT
  context.setLineDash([DASH, DASH])
  context.lineDashOffset = -phase
  context.stroke(path)
  context.setLineDash([])
}

function drawPath(paper: Paper, points: readonly number[], closed: boolean, phase: number): void {
  const path = new Path2D()
  for (let i = 0; i < points.length; i += 2) {
    const { x, y } = toScreen(paper.place, { x: points[i]!, y: points[i + 1]! })
    if (i === 0) path.moveTo(x, y)
    else path.lineTo(x, y)
  }
  if (closed) path.closePath()
  drawAnts(paper.context, path, phase)
}

function drawShade(paper: Paper, area: Area): void {
  const { x, y, width, height } = screenArea(paper, area)
  const outside = new Path2D()
  outside.rect(0, 0, paper.width, paper.height)
  outside.rect(x, y, width, height)
  paper.context.fillStyle = 'rgba(0, 0, 0, 0.55)'
  paper.context.fill(outside, 'evenodd')
}

function drawThirds(paper: Paper, area: Area): void {
  const { x, y, width, height } = screenArea(paper, area)
  const lines = new Path2D()
  for (const third of [1, 2]) {
    const across = crisp(x + (width * third) / 3, paper)
    const down = crisp(y + (height * third) / 3, paper)
    lines.moveTo(across, y)
    lines.lineTo(across, y + height)
    lines.moveTo(x, down)
    lines.lineTo(x + width, down)
  }
  const { context } = paper
  context.lineWidth = 2.5
  context.strokeStyle = 'rgba(0, 0, 0, 0.2)'
  context.stroke(lines)
  context.lineWidth = 1
  context.strokeStyle = 'rgba(255, 255, 255, 0.6)'
  context.stroke(lines)
}

function drawHandle(paper: Paper, { x, y }: Spot): void {
  const side = 8
  const left = crisp(x, paper) - side / 2
  const top = crisp(y, paper) - side / 2
  paper.context.fillStyle = '#fff'
  paper.context.strokeStyle = 'rgba(0, 0, 0, 0.7)'
  paper.context.lineWidth = 1
  paper.context.fillRect(left, top, side, side)
  paper.context.strokeRect(left, top, side, side)
}

/** Text in a dark pill beside a place, kept inside the window. */
function drawLabel(paper: Paper, at: Spot, text: string): void {
  const { context } = paper
  context.font = '500 11px system-ui, sans-serif'
  context.textBaseline = 'middle'
  const width = Math.ceil(context.measureText(text).width) + 14
  const height = 20
  const left = Math.round(Math.min(paper.width - width - 4, Math.max(4, at.x + 14)))
  const top = Math.round(Math.min(paper.height - height - 4, Math.max(4, at.y + 16)))
  context.fillStyle = 'rgba(20, 20, 20, 0.82)'
  context.beginPath()
  context.roundRect(left, top, width, height, 5)
  context.fill()
  context.fillStyle = '#fff'
  context.fillText(text, left + 7, top + height / 2 + 0.5)
}

/** The new colour in the upper half of a ring, the old one in the lower. */
function drawColourRing(paper: Paper, at: Spot, colour: string, before: string): void {
  const { context } = paper
  const radius = 34
  const ring = (width: number, style: string, from: number, to: number) => {
    context.beginPath()
    context.arc(at.x, at.y, radius, from, to)
    context.lineWidth = width
    context.strokeStyle = style
    context.stroke()
  }
  ring(18, 'rgba(0, 0, 0, 0.5)', 0, 2 * Math.PI)
  ring(16, '#9a9a9a', 0, 2 * Math.PI)
  ring(10, colour, Math.PI, 2 * Math.PI)
  ring(10, before, 0, Math.PI)
}
