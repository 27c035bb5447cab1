/** The column of tools, and the two colours below it. */

import { RotateCcw } from 'lucide-react'
import { Fragment } from 'react'
import { ACTIONS, type ActionId } from '../../shared/actions.ts'
import { TOOL_IDS } from '../editor/editor-state.ts'
import { ActionIconButton } from '../ui/buttons.tsx'
import { ColourSwatch } from '../ui/colour-swatch.tsx'
import { useContextOf, useEditorState } from '../ui/editor-context.ts'
import { Landmark } from '../ui/popup-host.tsx'

const TOOL_ACTIONS = ACTIONS.filter((action) => TOOL_IDS.some((tool) => action.id === `tool.${tool}`))

export function ToolBar() {
  const { store } = useContextOf().editor
  const foreground = useEditorState((state) => state.foreground)
  const background = useEditorState((state) => state.background)
  return (
    <Landmark as="nav" className="tool-bar" aria-label="Tools" data-region="tools">
      {TOOL_ACTIONS.map((action, i) => (
        <Fragment key={action.id}>
          {i > 0 && action.separated && <span className="tool-line" />}
          <ActionIconButton
            id={action.id as ActionId}
            label={`${action.label} tool`}
            className="tool-button"
            tipSide="right"
          />
        </Fragment>
      ))}
      <span className="tool-line" />
      <div className="colours">
        <ColourSwatch
          label="Foreground colour"
          className="foreground"
          side="right"
          colour={foreground}
          onChange={(colour) => store.setState({ foreground: colour })}
        />
        <ColourSwatch
          label="Background colour"
          className="background"
          side="right"
          colour={background}
          onChange={(colour) => store.setState({ background: colour })}
        />
      </div>
      <div className="colour-tools">
        <ActionIconButton id="tool.swap-colours" />
        <ActionIconButton id="tool.default-colours" icon={RotateCcw} />
      </div>
    </Landmark>
  )
}
