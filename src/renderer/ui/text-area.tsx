/** Words of more than a line: grows with what is written, up to a few lines. */
import { useId } from 'react'

interface TextAreaProps {
  readonly label: string
  readonly value: string
  readonly placeholder?: string
  readonly disabled?: boolean
  onChange(value: string): void
}

export function TextArea({ label, value, placeholder, disabled, onChange }: TextAreaProps) {
  const id = useId()
  return (
    <div className="text-area-field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      <textarea
        id={id}
        className="text-box text-area"
        rows={2}
        value={value}
        placeholder={placeholder}
        disabled={disabled}
        maxLength={100_000}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    </div>
  )
}
