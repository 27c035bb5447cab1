/** A list to choose one from, in groups. */
import { Select } from '@base-ui/react/select'
import { Check, ChevronDown } from 'lucide-react'
import { Fragment } from 'react'
import { usePopupHost } from './popup-host.tsx'

export interface Choice<T extends string> {
  readonly value: T
  readonly label: string
}

interface SelectInputProps<T extends string> {
  readonly label: string
  readonly value: T
  readonly groups: readonly (readonly Choice<T>[])[]
  readonly disabled?: boolean | undefined
  readonly width?: number
  onChange(value: T): void
  /** The choice under the pointer or the arrow keys; null when the list closes without one. */
  onConsider?(value: T | null): void
}

export function SelectInput<T extends string>(props: SelectInputProps<T>) {
  const { label, value, groups, disabled, width, onChange, onConsider } = props
  const host = usePopupHost()
  return (
    <Select.Root
      value={value}
      items={groups.flat()}
      disabled={disabled}
      modal={false}
      onValueChange={(next) => next !== null && onChange(next as T)}
      onOpenChange={(open) => !open && onConsider?.(null)}
    >
      <Select.Trigger className="select-trigger" aria-label={label} style={width ? { width } : undefined}>
        <Select.Value />
        <Select.Icon>
          <ChevronDown size={12} aria-hidden="true" />
        </Select.Icon>
      </Select.Trigger>
      <Select.Portal container={host}>
        <Select.Positioner
          className="positioner"
          positionMethod="fixed"
          sideOffset={4}
          alignItemWithTrigger={false}
        >
          <Select.Popup className="popup" data-own-keys="">
            <Select.List className="select-list">
              {groups.map((group, i) => (
                <Fragment key={group[0]?.value}>
                  {i > 0 && <Select.Separator className="menu-line" />}
                  {group.map((choice) => (
                    <Select.Item
                      key={choice.value}
                      value={choice.value}
                      className="menu-item"
                      onFocus={() => onConsider?.(choice.value)}
                    >
                      <span className="menu-mark">
                        <Select.ItemIndicator>
                          <Check size={12} aria-hidden="true" />
                        </Select.ItemIndicator>
                      </span>
                      <Select.ItemText>{choice.label}</Select.ItemText>
                    </Select.Item>
                  ))}
                </Fragment>
              ))}
            </Select.List>
          </Select.Popup>
        </Select.Positioner>
      </Select.Portal>
    </Select.Root>
  )
}
