/** Choosing tools, and what the keys do to brushes and colours. */

import type { ActionContext } from './action-context.ts'
import type { Bindings } from './actions.ts'
import { stepSize } from './brush-steps.ts'
import { isBrushTool, setBrush, type ToolId } from './editor-state.ts'

function choose(tool: ToolId) {
  return {
    enabled: ({ editor }: ActionContext) => editor.document !== null,
    checked: ({ editor }: ActionContext) => editor.store.getState().tool === tool,
    perform: ({ editor }: ActionContext) => editor.store.setState({ tool }),
  }
}

const withBrush = ({ editor }: ActionContext) =>
  editor.document !== null && isBrushTool(editor.store.getState().tool)

function resize(direction: 1 | -1) {
  return ({ editor }: ActionContext) => {
    const { tool, brushes } = editor.store.getState()
    if (isBrushTool(tool)) setBrush(editor.store, tool, { size: stepSize(brushes[tool].size, direction) })
  }
}

function harden(by: number) {
  return ({ editor }: ActionContext) => {
    const { tool, brushes } = editor.store.getState()
    if (!isBrushTool(tool)) return
    const hardness = Math.round((brushes[tool].hardness + by) * 4) / 4
    setBrush(editor.store, tool, { hardness: Math.min(1, Math.max(0, hardness)) })
  }
}

export const TOOL_ACTIONS: Bindings<'tool'> = {
  'tool.move': choose('move'),
  'tool.rectangle-select': choose('rectangle-select'),
  'tool.lasso': choose('lasso'),
  'tool.crop': choose('crop'),
  'tool.brush': choose('brush'),
  'tool.eraser': choose('eraser'),
  'tool.mask-brush': choose('mask-brush'),
  'tool.eyedropper': choose('eyedropper'),
  'tool.hand': choose('hand'),
  'tool.zoom': choose('zoom'),
  'tool.brush-smaller': { enabled: withBrush, perform: resize(-1) },
  'tool.brush-larger': { enabled: withBrush, perform: resize(1) },
  'tool.brush-softer': { enabled: withBrush, perform: harden(-0.25) },
  'tool.brush-harder': { enabled: withBrush, perform: harden(0.25) },
  'tool.swap-colours': {
    enabled: () => true,
    perform: ({ editor }) =>
      editor.store.setState(({ foreground, background }) => ({
        foreground: background,
        background: foreground,
      })),
  },
  'tool.default-colours': {
    enabled: () => true,
    perform: ({ editor }) =>
      editor.store.setState({ foreground: { r: 0, g: 0, b: 0 }, background: { r: 1, g: 1, b: 1 } }),
  },
}
