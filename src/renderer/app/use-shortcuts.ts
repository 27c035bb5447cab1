/**
 * Keys of the whole window.
 *
 * Invariant: one listener; whoever is nearer to the key (a field, an open menu, the tool in hand) comes first and says so
 * by `preventDefault` or by holding the focus in something marked `data-own-keys`.
 */
import { useEffect } from 'react'
import type { ActionContext } from '../editor/action-context.ts'
import { attempt } from '../editor/action-context.ts'
import { run } from '../editor/actions.ts'
import { pasteFrom } from '../editor/clipboard.ts'
import { dropFiles } from '../editor/files.ts'
import { applyChosen, cancelWork, discardAll, step } from '../editor/in-hand.ts'
import { actionFor, belongsToField } from '../editor/shortcuts.ts'
import { focusCameByKeys } from './focus-origin.ts'
import { nextRegion } from './regions.ts'

export function useShortcuts(ctx: ActionContext): void {
  useEffect(() => {
    const stop = new AbortController()
    const { signal } = stop
    window.addEventListener('keydown', (event) => onKey(ctx, event), { signal })
    window.addEventListener('paste', (event) => onPaste(ctx, event), { signal })
    return () => stop.abort()
  }, [ctx])
}

function onKey(ctx: ActionContext, event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return
  if (isElsewhere(event.target) || ctx.editor.store.getState().dialog !== null) return
  if (isField(event.target) && belongsToField(event)) return
  if (event.key === 'F6' && !event.shiftKey) {
    event.preventDefault()
    return nextRegion()
  }
  if (DECISIONS.has(event.key) && !isHeld(event)) return onDecision(ctx, event)
  const id = actionFor(event, ctx.page.mac)
  if (id === null) return
  // The browser answers these keys with a paste event, which may read the clipboard without asking.
  if (id === 'edit.paste') return
  if (id === 'view.panels' && !meansPanels(event)) return
  const done = run(ctx, id)
  // Keys with Ctrl would otherwise do something else entirely: save the page, open a file in its place.
  if (done || event.ctrlKey || event.metaKey) event.preventDefault()
}

const DECISIONS: ReadonlySet<string> = new Set(['Escape', 'Enter', 'ArrowLeft', 'ArrowRight'])

/** Escape, Enter and the arrows decide about what is in hand, unless the tool in hand had a use for them. */
function onDecision(ctx: ActionContext, event: KeyboardEvent): void {
  const { phase } = ctx.editor.store.getState().inHand
  const onControl =
    event.target instanceof Element &&
    event.target.closest('button, a, input, summary, [role=treeitem], [role=listbox], [role=separator]')
  if (phase === 'idle' || (event.key !== 'Escape' && onControl)) return
  setTimeout(() => {
    if (event.defaultPrevented) return
    if (event.key === 'Escape') {
      if (phase === 'working') cancelWork(ctx)
      else void discardAll(ctx)
    } else if (phase === 'choosing') {
      if (event.key === 'Enter') void applyChosen(ctx)
      else step(ctx, event.key === 'ArrowLeft' ? -1 : 1)
    }
  })
}

function isHeld({ ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): boolean {
  return ctrlKey || metaKey || altKey || shiftKey
}

/** Tab hides the panels for those who point; those who came by keyboard go on to the next control. */
function meansPanels(event: KeyboardEvent): boolean {
  const at = event.target
  const onCanvas =
    at === document.body || (at instanceof Element && at.closest('[data-region=canvas]') !== null)
  return onCanvas && document.querySelector('[data-region=canvas]') !== null && !focusCameByKeys()
}
function onPaste(ctx: ActionContext, event: ClipboardEvent): void {
  const { clipboardData } = event
  if (event.defaultPrevented || !clipboardData || isElsewhere(event.target) || isField(event.target)) return
  if (ctx.editor.store.getState().dialog !== null) return
  event.preventDefault()
  // Read before any wait: the data is gone when the event is over.
  const files = [...clipboardData.files]
  if (ctx.editor.document) void attempt(ctx, () => pasteFrom(ctx, files))
  else if (files.length > 0) void dropFiles(ctx, files.slice(0, 1))
}

function isElsewhere(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[data-own-keys]') !== null
}

function isField(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement)
    return !['range', 'checkbox', 'radio', 'button'].includes(target.type)
  return target instanceof HTMLTextAreaElement || (target instanceof HTMLElement && target.isContentEditable)
}
