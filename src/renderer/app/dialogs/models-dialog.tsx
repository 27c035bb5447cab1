/** The models Inlay knows of, and where more come from. */
import { Tabs } from '@base-ui/react/tabs'
import { CircleAlert } from 'lucide-react'
import { useStore } from 'zustand'
import { type ModelsTab, showTab } from '../../editor/models.ts'
import { HubModels } from '../../panels/models/hub-models.tsx'
import { InstalledModels } from '../../panels/models/installed-models.tsx'
import { DialogFrame } from '../../ui/dialog-frame.tsx'
import { useContextOf } from '../../ui/editor-context.ts'
import type { DialogProps } from './dialogs.tsx'

export function ModelsDialog({ onClose }: DialogProps) {
  const ctx = useContextOf()
  const { modelsStore } = ctx.editor
  const error = useStore(modelsStore, (state) => state.error)
  const tab = useStore(modelsStore, (state) => state.tab)
  return (
    <DialogFrame title="Models" width={680} onClose={onClose}>
      <Tabs.Root className="models" value={tab} onValueChange={(next: ModelsTab) => showTab(ctx, next)}>
        <Tabs.List className="tabs" aria-label="Models">
          <Tabs.Tab className="tab" value="installed">
            On this computer
          </Tabs.Tab>
          <Tabs.Tab className="tab" value="hub">
            From a hub
          </Tabs.Tab>
        </Tabs.List>
        <div role="alert">
          {error !== null && (
            <p className="models-error">
              <CircleAlert size={16} strokeWidth={1.5} aria-hidden="true" />
              {error}
            </p>
          )}
        </div>
        <Tabs.Panel className="tab-panel" value="installed">
          <InstalledModels />
        </Tabs.Panel>
        <Tabs.Panel className="tab-panel" value="hub">
          <HubModels />
        </Tabs.Panel>
      </Tabs.Root>
    </DialogFrame>
  )
}
