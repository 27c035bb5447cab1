/** What would be fetched, to be agreed to, and then how far it is. */
import { Progress } from '@base-ui/react/progress'
import { ExternalLink } from 'lucide-react'
import { useState } from 'react'
import { type DownloadPlan, licenceName } from '../../../shared/model-download.ts'
import { bytesInWords, exactBytes, timeLeftInWords } from '../../editor/model-words.ts'
import { cancelDownload, type DownloadState, startDownload } from '../../editor/models.ts'
import { Button } from '../../ui/buttons.tsx'
import { CheckInput } from '../../ui/check-input.tsx'
import { useContextOf } from '../../ui/editor-context.ts'

export function Plan({ plan }: { readonly plan: DownloadPlan }) {
  const ctx = useContextOf()
  const [accepted, setAccepted] = useState(false)
  const { request, files, bytes, have, free, licence, gated, notices } = plan
  const missing = bytes - have
  const room = missing <= free
  return (
    <section className="plan" aria-label={`Download of ${request.repo}`}>
      <h3>{request.repo}</h3>
      <p className="number">
        <strong>{exactBytes(bytes)}</strong> ({bytesInWords(bytes)}) in {files.length} files
        {missing === 0 ? ', all here already' : have > 0 && `, ${exactBytes(have)} of them here already`}
      </p>
      <p className={room ? 'quiet number' : 'models-error number'}>
        {bytesInWords(free)} are free on the disk they go to
        {room ? '.' : `; make room for ${bytesInWords(missing - free)} more.`}
      </p>
      {notices.map((notice) => (
        <p key={notice} className="quiet">
          {notice}
        </p>
      ))}
      <details className="plan-files">
        <summary>All files</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys */}
        <ul tabIndex={0} aria-label="All files">
          {files.map((file) => (
            <li key={file.path} className="number">
              <span>{file.path}</span>
              <span className="quiet">{exactBytes(file.bytes)}</span>
            </li>
          ))}
        </ul>
      </details>
      <p>
        Licence: <strong>{licenceName(licence)}</strong>
        {licence.link !== null && (
          <>
            {' '}
            <a href={licence.link} target="_blank" rel="noreferrer">
              read it
              <ExternalLink size={12} strokeWidth={1.5} aria-hidden="true" />
            </a>
          </>
        )}
      </p>
      {gated && (
        <p className="quiet">
          The hub lets in only who has accepted the licence on the model’s page there, with their token.
        </p>
      )}
      <CheckInput
        label={
          licence.id === null && licence.name === null
            ? 'I know under which terms I may use this model'
            : 'I have read the licence and accept it'
        }
        checked={accepted}
        onChange={setAccepted}
      />
      <div className="models-add">
        <Button kind="primary" disabled={!accepted || !room} onClick={() => void startDownload(ctx)}>
          {missing === 0
            ? 'Put it on the list'
            : have > 0
              ? `Fetch the other ${bytesInWords(missing)}`
              : `Fetch ${bytesInWords(bytes)}`}
        </Button>
        <Button onClick={() => cancelDownload(ctx)}>Back</Button>
      </div>
    </section>
  )
}

type Working = Extract<DownloadState, { phase: 'working' }>

export function Download({ download }: { readonly download: Working }) {
  const ctx = useContextOf()
  const { plan, bytes } = download
  const percent = plan.bytes === 0 ? 100 : Math.floor((bytes / plan.bytes) * 100)
  return (
    <section className="plan" aria-label={`Download of ${plan.request.repo}`}>
      <Progress.Root value={percent}>
        <div className="progress-head">
          <Progress.Label>{plan.request.repo}</Progress.Label>
          <span className="number">{percent} %</span>
        </div>
        <Progress.Track className="progress">
          <Progress.Indicator className="progress-bar" />
        </Progress.Track>
      </Progress.Root>
      <p className="quiet number">
        {bytes < plan.bytes ? arrived(download) : 'Checking what has arrived'}. It goes on when this window is
        closed.
      </p>
      <div className="models-add">
        <Button onClick={() => cancelDownload(ctx)}>Cancel</Button>
        <span className="quiet">What has arrived is kept and can be resumed.</span>
      </div>
    </section>
  )
}

function arrived({ plan, bytes, secondsLeft }: Working): string {
  const share = `${bytesInWords(bytes)} of ${bytesInWords(plan.bytes)}`
  return secondsLeft === null ? share : `${share}, ${timeLeftInWords(secondsLeft)}`
}
