/** The areas of the window that F6 goes round: each marked `data-region`. */

const FOCUSABLE = 'button:not(:disabled):not([tabindex="-1"]), input:not(:disabled), [tabindex="0"]'

/** Puts the focus into the next area: on what is chosen there, or on its first control. */
export function nextRegion(): void {
  const regions = [...document.querySelectorAll<HTMLElement>('[data-region]')].filter(
    (region) => region.offsetParent !== null,
  )
  const at = regions.findIndex((region) => region.contains(document.activeElement))
  for (let i = 1; i <= regions.length; i++) {
    const region = regions[(at + i + regions.length) % regions.length]
    const target =
      region?.querySelector<HTMLElement>(
        '[aria-pressed=true]:not(:disabled), [role=treeitem][tabindex="0"]',
      ) ??
      region?.querySelector<HTMLElement>(FOCUSABLE) ??
      (region?.tabIndex === 0 ? region : null)
    if (!target) continue
    target.focus({ focusVisible: true } as FocusOptions)
    return
  }
}
