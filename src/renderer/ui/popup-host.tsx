/**
 * Where menus and lists open: inside the landmark their control is in, so that a screen reader knows which part of the
 * window they belong to. Outside any landmark they open at the end of the page.
 */
import { type ComponentProps, createContext, type RefObject, useContext, useRef } from 'react'

const Host = createContext<RefObject<HTMLElement | null> | null>(null)

export function usePopupHost(): RefObject<HTMLElement | null> | undefined {
  return useContext(Host) ?? undefined
}

type LandmarkProps = ComponentProps<'section'> & {
  readonly as: 'header' | 'section' | 'nav' | 'aside' | 'footer'
  readonly 'data-region': string
}

/** A landmark of the window that is host to its own popups. */
export function Landmark({ as: Tag, children, ...rest }: LandmarkProps) {
  const element = useRef<HTMLElement>(null)
  return (
    <Tag ref={element} {...rest}>
      <Host.Provider value={element}>{children}</Host.Provider>
    </Tag>
  )
}
