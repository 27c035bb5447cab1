/** Which Inlay this is, and whose work is in it. */
import { DialogFrame } from '../../ui/dialog-frame.tsx'
import { useContextOf } from '../../ui/editor-context.ts'
import type { DialogProps } from './dialogs.tsx'

/** The parts a person is most likely to look for; the full list comes with the application. */
const PARTS: readonly (readonly [string, string])[] = [
  ['libvips, through sharp', 'LGPL-3.0, Apache-2.0'],
  ['SQLite, through better-sqlite3', 'Public domain, MIT'],
  ['ONNX Runtime', 'MIT'],
  ['Little CMS, through lcms-wasm', 'MIT'],
  ['React, Konva, Base UI, zustand, cmdk', 'MIT'],
  ['Lucide icons', 'ISC'],
]

export function AboutDialog({ onClose }: DialogProps) {
  const { version } = useContextOf().page
  return (
    <DialogFrame title="About Inlay" width={420} onClose={onClose}>
      <p>
        <strong>Inlay {version}</strong>
        <br />A photo editor for retouchers: layers, brushes and masks you can trust, and edits that leave the
        rest of the picture alone.
      </p>
      <p>Free software under the MIT licence. It works with the labour of others:</p>
      <dl>
        {PARTS.map(([name, licence]) => (
          <div key={name} className="term">
            <dt>{name}</dt>
            <dd className="quiet">{licence}</dd>
          </div>
        ))}
      </dl>
      <p className="quiet">The full notices are in THIRD-PARTY-NOTICES.txt beside the application.</p>
    </DialogFrame>
  )
}
