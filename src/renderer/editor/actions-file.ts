/** Actions on files, and help. */
import { documentOf, writable } from './action-context.ts'
import type { Bindings } from './actions.ts'
import { chooseAndOpen, openSample, save } from './files.ts'
import { openModels } from './models.ts'

const always = () => true

export const FILE_ACTIONS: Bindings<'file' | 'help'> = {
  'file.new': { enabled: always, perform: ({ editor }) => editor.store.setState({ dialog: 'new' }) },
  'file.open': { enabled: always, perform: (ctx) => chooseAndOpen(ctx, 'open') },
  'file.open-sample': { enabled: always, perform: openSample },
  'file.place': {
    enabled: (ctx) => writable(ctx) !== null,
    perform: (ctx) => chooseAndOpen(ctx, 'place'),
  },
  'file.save-as': { enabled: (ctx) => writable(ctx) !== null, perform: (ctx) => save(ctx, 'save-as') },
  'file.save-copy': { enabled: (ctx) => documentOf(ctx) !== null, perform: (ctx) => save(ctx, 'save-copy') },
  'file.export': {
    enabled: (ctx) => documentOf(ctx) !== null,
    perform: ({ editor }) => editor.store.setState({ dialog: 'export' }),
  },
  'file.models': { enabled: always, perform: openModels },
  'file.close': { enabled: (ctx) => documentOf(ctx) !== null, perform: (ctx) => ctx.page.leave() },

  'help.palette': {
    enabled: always,
    perform: ({ editor }) => editor.store.setState({ dialog: 'palette' }),
  },
  'help.shortcuts': {
    enabled: always,
    perform: ({ editor }) => editor.store.setState({ dialog: 'shortcuts' }),
  },
  'help.about': { enabled: always, perform: ({ editor }) => editor.store.setState({ dialog: 'about' }) },
}
