/** Buttons: by hand, and by action. */
import type { ComponentProps, ReactNode, Ref } from 'react'
import { type ActionId, actionById } from '../../shared/actions.ts'
import { ariaShortcut, describe } from '../editor/shortcuts.ts'
import { ACTION_ICONS, type IconType } from './action-icons.ts'
import { useAction, useContextOf } from './editor-context.ts'
import { WithTip } from './tooltip.tsx'

interface ButtonProps extends ComponentProps<'button'> {
  readonly kind?: 'primary' | 'quiet' | undefined
  readonly size?: 'large' | undefined
}

export function Button({ kind, size, className, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      className={`button ${className ?? ''}`}
      data-kind={kind}
      data-size={size}
      {...rest}
    />
  )
}

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'type' | 'children'> {
  readonly icon: IconType
  readonly label: string
  readonly keys?: string | undefined
  readonly hint?: string | undefined
  readonly iconSize?: number
  readonly tipSide?: 'top' | 'right' | undefined
  readonly ref?: Ref<HTMLButtonElement>
}

/** A button that shows an icon only; its label is its name and its tooltip. */
export function IconButton({
  icon: Icon,
  label,
  keys,
  hint,
  iconSize = 16,
  tipSide,
  className,
  ...rest
}: IconButtonProps) {
  return (
    <WithTip tip={{ label, keys, hint, side: tipSide }}>
      <button type="button" className={`icon-button ${className ?? ''}`} aria-label={label} {...rest}>
        <Icon size={iconSize} strokeWidth={1.5} aria-hidden="true" />
      </button>
    </WithTip>
  )
}

/** A button for an action: icon, tooltip with the shortcut, enabled and pressed as the action says. */
export function ActionIconButton({
  id,
  icon,
  label,
  ...rest
}: { readonly id: ActionId; readonly icon?: IconType; readonly label?: string } & Pick<
  IconButtonProps,
  'className' | 'tabIndex' | 'tipSide'
>) {
  const state = useAction(id)
  const { mac } = useContextOf().page
  const action = actionById[id]
  const shown = icon ?? ACTION_ICONS[id]
  if (!shown) throw new Error(`${id} has no icon`)
  return (
    <IconButton
      {...rest}
      icon={shown}
      label={label ?? plain(action.label)}
      keys={action.shortcut && describe(action.shortcut, mac)}
      hint={action.hint}
      aria-keyshortcuts={action.shortcut && ariaShortcut(action.shortcut, mac)}
      aria-pressed={state.checked}
      disabled={!state.enabled}
      onClick={state.run}
    />
  )
}

export function ActionButton({
  id,
  children,
  ...rest
}: { readonly id: ActionId; readonly children?: ReactNode } & Omit<ButtonProps, 'onClick' | 'id'>) {
  const state = useAction(id)
  return (
    <Button {...rest} disabled={!state.enabled} onClick={state.run}>
      {children ?? plain(actionById[id].label)}
    </Button>
  )
}

/** A label outside menus: without the dots that promise a dialog. */
export function plain(label: string): string {
  return label.replace(/…$/, '')
}

export function Keys({ of }: { readonly of: string }) {
  const { mac } = useContextOf().page
  return <kbd className="kbd">{describe(of, mac)}</kbd>
}
