/** A layer mask: a circle cut out of a square. Drawn here because the icon set has none. */
export function MaskIcon({
  size = 16,
  strokeWidth = 1.5,
}: {
  size?: number | string
  strokeWidth?: number | string
}) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={strokeWidth}
      aria-hidden="true"
    >
      <rect x="3" y="4" width="18" height="16" rx="2" />
      <circle cx="12" cy="12" r="4.5" />
    </svg>
  )
}
