/** Writing the picture to a file for others. */
import { Progress } from '@base-ui/react/progress'
import { useEffect, useId, useRef, useState } from 'react'
import type { ExportOptions } from '../../../shared/rpc/contract.ts'
import { report } from '../../editor/action-context.ts'
import { exportName, exportPicture } from '../../editor/files.ts'
import { Button } from '../../ui/buttons.tsx'
import { CheckInput } from '../../ui/check-input.tsx'
import { DialogFrame } from '../../ui/dialog-frame.tsx'
import { useContextOf, useDocumentState } from '../../ui/editor-context.ts'
import { SelectInput } from '../../ui/select-input.tsx'
import { SliderInput } from '../../ui/slider-input.tsx'
import type { DialogProps } from './dialogs.tsx'

const FORMATS = [
  [
    { value: 'png', label: 'PNG, lossless' },
    { value: 'tiff', label: 'TIFF, lossless' },
  ],
  [
    { value: 'jpeg', label: 'JPEG' },
    { value: 'webp', label: 'WebP' },
    { value: 'avif', label: 'AVIF' },
  ],
] as const

type Phase =
  | { readonly name: 'asking' }
  | { readonly name: 'working'; readonly fraction: number }
  | { readonly name: 'done'; readonly bytes: number; readonly file: string }

export function ExportDialog({ onClose }: DialogProps) {
  const ctx = useContextOf()
  const id = useId()
  const projectName = useDocumentState((state) => state.name)
  const [options, setOptions] = useState<ExportOptions>({ format: 'png', quality: 90, stripMetadata: false })
  const [own, setOwn] = useState(projectName)
  const [phase, setPhase] = useState<Phase>({ name: 'asking' })
  const abort = useRef<AbortController | null>(null)
  useEffect(() => () => abort.current?.abort(), [])
  const lossy = options.format !== 'png' && options.format !== 'tiff'
  const change = (part: Partial<ExportOptions>) => {
    setOptions({ ...options, ...part })
    setPhase({ name: 'asking' })
  }

  const start = async () => {
    if (phase.name === 'working' || own.trim() === '') return
    const mine = new AbortController()
    abort.current = mine
    setPhase({ name: 'working', fraction: 0 })
    try {
      const done = await exportPicture(
        ctx,
        exportName(own.trim(), options.format),
        options,
        (fraction) => setPhase({ name: 'working', fraction }),
        mine.signal,
      )
      setPhase(done ? { name: 'done', bytes: done.bytes, file: done.name } : { name: 'asking' })
    } catch (error) {
      setPhase({ name: 'asking' })
      report(ctx, error)
    }
  }
  const working = phase.name === 'working'
  return (
    <DialogFrame
      title="Export"
      width={380}
      onClose={onClose}
      onSubmit={start}
      foot={
        <>
          <Button onClick={() => (working ? abort.current?.abort() : onClose())}>
            {phase.name === 'done' ? 'Close' : 'Cancel'}
          </Button>
          <Button kind="primary" type="submit" disabled={working || own.trim() === ''}>
            {phase.name === 'done' ? 'Export again' : 'Export'}
          </Button>
        </>
      }
    >
      <div className="form">
        {!ctx.page.dialogs && (
          <>
            <label className="label" htmlFor={`${id}-name`}>
              Name
            </label>
            <input
              id={`${id}-name`}
              className="text-box"
              value={own}
              maxLength={120}
              disabled={working}
              onChange={(event) => setOwn(event.currentTarget.value)}
            />
          </>
        )}
        <span className="label">Format</span>
        <SelectInput
          label="Format"
          value={options.format}
          groups={FORMATS}
          disabled={working}
          onChange={(format) => change({ format })}
        />
        {lossy && (
          <>
            <span className="label">Quality</span>
            <SliderInput
              label="Quality"
              hideLabel
              value={options.quality}
              min={1}
              max={100}
              disabled={working}
              onChange={(quality) => change({ quality: Math.round(quality) })}
            />
          </>
        )}
        <span className="label">Metadata</span>
        <CheckInput
          label="Leave out EXIF, XMP and IPTC"
          checked={options.stripMetadata}
          disabled={working}
          onChange={(stripMetadata) => change({ stripMetadata })}
        />
      </div>
      {working && (
        <Progress.Root value={Math.round(phase.fraction * 100)} aria-label="Exporting">
          <Progress.Track className="progress">
            <Progress.Indicator className="progress-bar" />
          </Progress.Track>
        </Progress.Root>
      )}
      {phase.name === 'done' && (
        <p className="number" role="status">
          {phase.file} is {readable(phase.bytes)}.
        </p>
      )}
    </DialogFrame>
  )
}

function readable(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`
  return bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}
