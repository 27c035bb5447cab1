/**
 * Every action of the editor: the one list that menus (native and in the page), toolbar, command palette and shortcuts read.
 *
 * Invariant: pure data. What an action does and when it is enabled is bound in `renderer/editor/actions.ts`, which must
 * cover every id here or not compile. A shortcut is written with `Mod` for Ctrl (Command on a Mac) and with the key's
 * produced character or name: "Mod+Shift+Z", "[", "Delete". Single letters choose tools and work without a modifier.
 */

interface ActionEntry {
  readonly label: string
  readonly menu: MenuName | null
  readonly shortcut?: string
  /** Further shortcuts that do the same and are not shown. */
  readonly alternatives?: readonly string[]
  /** Starts a new block in its menu. */
  readonly separated?: boolean
  /** One sentence for the tooltip and the palette, where the label does not say it all. */
  readonly hint?: string
}

export const MENUS = ['File', 'Edit', 'Image', 'Layer', 'Select', 'View', 'Tools', 'Help'] as const
export type MenuName = (typeof MENUS)[number]

const list = {
  'file.new': { menu: 'File', label: 'New…', shortcut: 'Mod+Alt+N' },
  'file.open': { menu: 'File', label: 'Open…', shortcut: 'Mod+O' },
  'file.open-sample': { menu: 'File', label: 'Open sample photograph' },
  'file.place': { menu: 'File', label: 'Place as layer…', hint: 'Puts another picture on a new layer.' },
  'file.save-as': {
    menu: 'File',
    label: 'Save as…',
    shortcut: 'Mod+Shift+S',
    alternatives: ['Mod+S'],
    separated: true,
  },
  'file.save-copy': { menu: 'File', label: 'Save a copy…', shortcut: 'Mod+Alt+S' },
  'file.export': { menu: 'File', label: 'Export…', shortcut: 'Mod+Shift+E', alternatives: ['Mod+E'] },
  'file.models': {
    menu: 'File',
    label: 'Models…',
    separated: true,
    hint: 'The checkpoints Inlay knows of: add, look into, fetch from a hub.',
  },
  'file.close': { menu: 'File', label: 'Close', shortcut: 'Mod+Alt+W', separated: true },

  'edit.undo': { menu: 'Edit', label: 'Undo', shortcut: 'Mod+Z' },
  'edit.redo': { menu: 'Edit', label: 'Redo', shortcut: 'Mod+Shift+Z', alternatives: ['Mod+Y'] },
  'edit.cut': { menu: 'Edit', label: 'Cut', shortcut: 'Mod+X', separated: true },
  'edit.copy': { menu: 'Edit', label: 'Copy', shortcut: 'Mod+C' },
  'edit.copy-merged': { menu: 'Edit', label: 'Copy merged', shortcut: 'Mod+Shift+C' },
  'edit.paste': { menu: 'Edit', label: 'Paste', shortcut: 'Mod+V' },
  'edit.clear': { menu: 'Edit', label: 'Clear', shortcut: 'Delete', alternatives: ['Backspace'] },
  'edit.fill': {
    menu: 'Edit',
    label: 'Fill with colour',
    shortcut: 'Alt+Delete',
    alternatives: ['Alt+Backspace'],
  },
  'edit.remove': {
    menu: 'Edit',
    label: 'Remove',
    shortcut: 'Shift+Delete',
    alternatives: ['Shift+Backspace'],
    separated: true,
    hint: 'Fills the painted mask from its surroundings.',
  },
  'edit.fill-built-in': {
    menu: 'Edit',
    label: 'Fill with the built-in model',
    hint: 'Fills the painted mask with the small model that comes with Inlay.',
  },
  'edit.generate': {
    menu: 'Edit',
    label: 'Generate',
    shortcut: 'Mod+Enter',
    hint: 'Makes what Generate is set to, in the painted mask.',
  },
  'edit.compare': {
    menu: 'Edit',
    label: 'Compare decoders…',
    hint: 'The chosen candidate as each decoder makes it, beside what was there.',
  },

  'image.crop': { menu: 'Image', label: 'Crop to selection' },
  'image.canvas-size': { menu: 'Image', label: 'Canvas size…', shortcut: 'Mod+Alt+C' },
  'image.flatten': { menu: 'Image', label: 'Flatten', separated: true },

  'layer.new': { menu: 'Layer', label: 'New layer', shortcut: 'Mod+Shift+N' },
  'layer.group': {
    menu: 'Layer',
    label: 'Group',
    shortcut: 'Mod+G',
    hint: 'Puts the layer into a new group.',
  },
  'layer.ungroup': { menu: 'Layer', label: 'Ungroup', shortcut: 'Mod+Shift+G' },
  'layer.duplicate': { menu: 'Layer', label: 'Duplicate', shortcut: 'Mod+Alt+J' },
  'layer.via-copy': { menu: 'Layer', label: 'Layer via copy', shortcut: 'Mod+J' },
  'layer.via-cut': { menu: 'Layer', label: 'Layer via cut', shortcut: 'Mod+Shift+J' },
  'layer.delete': { menu: 'Layer', label: 'Delete layer' },
  'layer.rename': { menu: 'Layer', label: 'Rename', shortcut: 'F2' },
  'layer.toggle-visible': { menu: 'Layer', label: 'Show or hide', separated: true },
  'layer.toggle-lock': { menu: 'Layer', label: 'Lock or unlock', shortcut: 'Mod+/' },
  'layer.raise': { menu: 'Layer', label: 'Move up', shortcut: 'Mod+]' },
  'layer.lower': { menu: 'Layer', label: 'Move down', shortcut: 'Mod+[' },
  'layer.add-mask': {
    menu: 'Layer',
    label: 'Add mask',
    separated: true,
    hint: 'From the selection, or all shown.',
  },
  'layer.edit-mask': { menu: 'Layer', label: 'Paint on the mask', hint: 'Switches between pixels and mask.' },
  'layer.toggle-mask': { menu: 'Layer', label: 'Enable or disable mask' },
  'layer.invert-mask': { menu: 'Layer', label: 'Invert mask' },
  'layer.apply-mask': { menu: 'Layer', label: 'Apply mask' },
  'layer.delete-mask': { menu: 'Layer', label: 'Delete mask' },
  'layer.generate-again': {
    menu: 'Layer',
    label: 'Generate again…',
    separated: true,
    hint: 'Fills Remove or Generate with what the layer was made with.',
  },
  'layer.merge-down': { menu: 'Layer', label: 'Merge down', separated: true, shortcut: 'Mod+Alt+E' },

  'select.all': { menu: 'Select', label: 'All', shortcut: 'Mod+A' },
  'select.none': { menu: 'Select', label: 'Deselect', shortcut: 'Mod+D' },
  'select.invert': { menu: 'Select', label: 'Invert', shortcut: 'Mod+Shift+I' },
  'select.layer': { menu: 'Select', label: 'What the layer covers' },
  'select.grow': { menu: 'Select', label: 'Grow…', separated: true },
  'select.shrink': { menu: 'Select', label: 'Shrink…' },
  'select.feather': { menu: 'Select', label: 'Feather…', shortcut: 'Shift+F6' },
  'select.fill-holes': { menu: 'Select', label: 'Fill holes' },

  'view.zoom-in': { menu: 'View', label: 'Zoom in', shortcut: 'Mod+=', alternatives: ['Mod++'] },
  'view.zoom-out': { menu: 'View', label: 'Zoom out', shortcut: 'Mod+-' },
  'view.fit': { menu: 'View', label: 'Fit in window', shortcut: 'Mod+0' },
  'view.actual-size': { menu: 'View', label: '100 %', shortcut: 'Mod+1' },
  'view.mask-overlay': { menu: 'View', label: 'Show mask overlay', separated: true, shortcut: '\\' },
  'view.panels': { menu: 'View', label: 'Show panels', shortcut: 'Tab' },
  'view.theme-dark': { menu: 'View', label: 'Dark', separated: true },
  'view.theme-light': { menu: 'View', label: 'Light' },
  'view.theme-system': { menu: 'View', label: 'As the system' },

  'tool.move': { menu: 'Tools', label: 'Move', shortcut: 'V' },
  'tool.rectangle-select': { menu: 'Tools', label: 'Rectangle selection', shortcut: 'M' },
  'tool.lasso': { menu: 'Tools', label: 'Lasso', shortcut: 'L' },
  'tool.crop': { menu: 'Tools', label: 'Crop', shortcut: 'C' },
  'tool.brush': { menu: 'Tools', label: 'Brush', shortcut: 'B', separated: true },
  'tool.eraser': { menu: 'Tools', label: 'Eraser', shortcut: 'E' },
  'tool.mask-brush': {
    menu: 'Tools',
    label: 'Mask brush',
    shortcut: 'Q',
    hint: 'Paints what Remove or Generate shall fill; Alt erases.',
  },
  'tool.eyedropper': { menu: 'Tools', label: 'Eyedropper', shortcut: 'I' },
  'tool.hand': {
    menu: 'Tools',
    label: 'Hand',
    shortcut: 'H',
    separated: true,
    hint: 'Or hold the space bar.',
  },
  'tool.zoom': { menu: 'Tools', label: 'Zoom', shortcut: 'Z' },
  'tool.brush-smaller': { menu: 'Tools', label: 'Smaller brush', shortcut: '[', separated: true },
  'tool.brush-larger': { menu: 'Tools', label: 'Larger brush', shortcut: ']' },
  'tool.brush-softer': { menu: 'Tools', label: 'Softer brush', shortcut: '{' },
  'tool.brush-harder': { menu: 'Tools', label: 'Harder brush', shortcut: '}' },
  'tool.swap-colours': { menu: 'Tools', label: 'Swap colours', shortcut: 'X' },
  'tool.default-colours': { menu: 'Tools', label: 'Default colours', shortcut: 'D' },

  'help.palette': { menu: 'Help', label: 'Find an action…', shortcut: 'Mod+K' },
  'help.shortcuts': { menu: 'Help', label: 'Keyboard shortcuts', shortcut: '?' },
  'help.about': { menu: 'Help', label: 'About Inlay' },
} as const satisfies Record<string, ActionEntry>

export type ActionId = keyof typeof list
export type Action = ActionEntry & { readonly id: ActionId }

/** All actions in menu order. */
export const ACTIONS: readonly Action[] = Object.entries(list).map(([id, entry]) => ({
  id: id as ActionId,
  ...(entry as ActionEntry),
}))

export const actionById: Readonly<Record<ActionId, Action>> = Object.fromEntries(
  ACTIONS.map((action) => [action.id, action]),
) as Record<ActionId, Action>
