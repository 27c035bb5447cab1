/**
 * What every action does, and when: the one table that menus, toolbar, palette, shortcuts and the native menu read.
 *
 * Invariant: every id of `shared/actions.ts` is bound here exactly once, or this file does not compile. `enabled` and
 * `checked` are cheap and pure; `perform` never throws: what goes wrong becomes a notice.
 */
import { ACTIONS, type ActionId } from '../../shared/actions.ts'
import { type ActionContext, attempt } from './action-context.ts'
import { EDIT_ACTIONS } from './actions-edit.ts'
import { FILE_ACTIONS } from './actions-file.ts'
import { LAYER_ACTIONS } from './actions-layer.ts'
import { SELECT_ACTIONS } from './actions-select.ts'
import { TOOL_ACTIONS } from './actions-tool.ts'
import { VIEW_ACTIONS } from './actions-view.ts'

export interface Binding {
  enabled(ctx: ActionContext): boolean
  /** For what is on or off, or one of several. */
  checked?(ctx: ActionContext): boolean
  perform(ctx: ActionContext): unknown
}

/** The bindings of one family: every action whose id begins with it. */
export type Bindings<Family extends string> = Readonly<
  Record<Extract<ActionId, `${Family}.${string}`>, Binding>
>

export const BINDINGS: Readonly<Record<ActionId, Binding>> = {
  ...FILE_ACTIONS,
  ...EDIT_ACTIONS,
  ...LAYER_ACTIONS,
  ...SELECT_ACTIONS,
  ...VIEW_ACTIONS,
  ...TOOL_ACTIONS,
}

export function isEnabled(ctx: ActionContext, id: ActionId): boolean {
  return BINDINGS[id].enabled(ctx)
}

export function isChecked(ctx: ActionContext, id: ActionId): boolean | undefined {
  return BINDINGS[id].checked?.(ctx)
}

/** Runs an action when it is enabled. @returns whether it was. */
export function run(ctx: ActionContext, id: ActionId): boolean {
  if (!isEnabled(ctx, id)) return false
  void attempt(ctx, () => BINDINGS[id].perform(ctx))
  return true
}

/** What the native menu is told. */
export function menuState(ctx: ActionContext): { enabled: ActionId[]; checked: ActionId[] } {
  const ids = ACTIONS.map((action) => action.id)
  return {
    enabled: ids.filter((id) => isEnabled(ctx, id)),
    checked: ids.filter((id) => isChecked(ctx, id) === true),
  }
}
