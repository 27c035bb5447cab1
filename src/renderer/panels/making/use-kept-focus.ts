/**
 * Where the focus goes when the controls that had it are gone: for those who came by keys to what the panel asks next.
 * Those who point keep it where it is: there the space bar moves the picture.
 */
import { type RefObject, useEffect, useRef } from 'react'

export function useKeptFocus(): RefObject<HTMLButtonElement | null> {
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    const lost = document.activeElement === null || document.activeElement === document.body
    if (lost && document.documentElement.dataset['focusBy'] === 'keys')
      button.current?.focus({ focusVisible: true } as FocusOptions)
  }, [])
  return button
}
