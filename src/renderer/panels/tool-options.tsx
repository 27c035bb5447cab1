/** What the tool in hand can be told, in one line above the canvas. */

import { Popover } from '@base-ui/react/popover'
import { SlidersHorizontal, Square, SquaresIntersect, SquaresSubtract, SquaresUnite } from 'lucide-react'
import { actionById } from '../../shared/actions.ts'
import type { Brush } from '../../shared/stroke.ts'
import { changeSettings } from '../editor/actions-view.ts'
import { MAX_SIZE, MIN_SIZE } from '../editor/brush-steps.ts'
import { type BrushTool, type EditorState, isBrushTool, setBrush } from '../editor/editor-state.ts'
import { ACTION_ICONS } from '../ui/action-icons.ts'
import { ActionButton, plain } from '../ui/buttons.tsx'
import { CheckInput, Segments } from '../ui/check-input.tsx'
import { ColourSwatch } from '../ui/colour-swatch.tsx'
import { useContextOf, useEditorState } from '../ui/editor-context.ts'
import { NumberInput, PercentInput } from '../ui/number-input.tsx'
import { SelectInput } from '../ui/select-input.tsx'
import { BareSlider } from '../ui/slider-input.tsx'

export function ToolOptions() {
  const tool = useEditorState((state) => state.tool)
  const { label } = actionById[`tool.${tool}`]
  const Icon = ACTION_ICONS[`tool.${tool}`]
  return (
    <div className="tool-options" role="toolbar" aria-label={`${label} options`}>
      <span className="tool-name">
        {Icon && <Icon size={16} strokeWidth={1.5} aria-hidden="true" />}
        {plain(label)}
      </span>
      {isBrushTool(tool) && <BrushOptions key={tool} tool={tool} />}
      {(tool === 'rectangle-select' || tool === 'lasso') && <SelectionOptions />}
      {tool === 'move' && <MoveOptions />}
      {tool === 'crop' && (
        <span className="quiet">
          Drag a frame, then Enter crops and Escape gives up. What lies outside is kept.
        </span>
      )}
      {tool === 'eyedropper' && <EyedropperOptions />}
      {(tool === 'zoom' || tool === 'hand') && <ViewOptions />}
    </div>
  )
}

function BrushOptions({ tool }: { readonly tool: BrushTool }) {
  const { store } = useContextOf().editor
  const brush = useEditorState((state) => state.brushes[tool])
  const plane = useEditorState((state) => state.plane)
  const set = (change: Partial<Brush>) => setBrush(store, tool, change)
  const size = (value: number) => set({ size: value })
  return (
    <>
      <div className="field-row">
        <NumberInput
          label="Size"
          unit="px"
          width={64}
          value={brush.size}
          min={MIN_SIZE}
          max={MAX_SIZE}
          onChange={size}
        />
        <BareSlider
          label="Size slider"
          scale="log"
          value={brush.size}
          min={MIN_SIZE}
          max={MAX_SIZE}
          step={1}
          onChange={(value) => size(Math.max(MIN_SIZE, value))}
        />
      </div>
      <div className="field-row">
        <PercentInput label="Hardness" value={brush.hardness} onChange={(hardness) => set({ hardness })} />
        <BareSlider
          label="Hardness slider"
          value={brush.hardness}
          min={0}
          max={1}
          step={0.01}
          onChange={(hardness) => set({ hardness })}
        />
      </div>
      {tool !== 'mask-brush' && (
        <>
          <PercentInput
            label="Opacity"
            value={brush.opacity}
            min={0.01}
            onChange={(opacity) => set({ opacity })}
          />
          <PercentInput label="Flow" value={brush.flow} min={0.01} onChange={(flow) => set({ flow })} />
        </>
      )}
      <MoreBrush brush={brush} set={set} />
      {tool === 'mask-brush' && <OverlayOptions />}
      {tool !== 'mask-brush' && plane === 'mask' && <span className="badge">Painting on the mask</span>}
    </>
  )
}

function MoreBrush({ brush, set }: { readonly brush: Brush; set(change: Partial<Brush>): void }) {
  return (
    <Popover.Root>
      <Popover.Trigger className="button" data-kind="quiet">
        <SlidersHorizontal size={14} strokeWidth={1.5} aria-hidden="true" />
        Stroke
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner className="positioner" align="start" sideOffset={6}>
          <Popover.Popup className="popup popover" data-own-keys="">
            <Popover.Title className="popover-title">Stroke</Popover.Title>
            <div className="popover-column">
              <PercentInput
                label="Spacing"
                value={brush.spacing}
                min={0.01}
                max={2}
                onChange={(spacing) => set({ spacing })}
              />
              <PercentInput
                label="Smoothing"
                value={brush.smoothing}
                onChange={(smoothing) => set({ smoothing })}
              />
              <CheckInput
                label="Pressure changes size"
                checked={brush.pressureSize}
                onChange={(pressureSize) => set({ pressureSize })}
              />
              <CheckInput
                label="Pressure changes flow"
                checked={brush.pressureFlow}
                onChange={(pressureFlow) => set({ pressureFlow })}
              />
            </div>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}

/** How the painted mask is shown. */
function OverlayOptions() {
  const ctx = useContextOf()
  const { maskColour, maskOpacity } = useEditorState((state) => state.settings)
  return (
    <div className="field-row">
      <span className="field-label">Overlay</span>
      <ColourSwatch
        label="Overlay colour"
        colour={maskColour}
        onChange={(colour) => void changeSettings(ctx, { maskColour: colour })}
      />
      <PercentInput
        label="Overlay opacity"
        hideLabel
        value={maskOpacity}
        min={0.05}
        onChange={(opacity) => void changeSettings(ctx, { maskOpacity: opacity })}
      />
    </div>
  )
}

function SelectionOptions() {
  const { store } = useContextOf().editor
  const combine = useEditorState((state) => state.selectCombine)
  const feather = useEditorState((state) => state.selectFeather)
  return (
    <>
      <Segments
        label="How a new selection joins the old one"
        value={combine}
        choices={COMBINE}
        onChange={(selectCombine) => store.setState({ selectCombine })}
      />
      <NumberInput
        label="Feather"
        unit="px"
        value={feather}
        min={0}
        max={250}
        onChange={(selectFeather) => store.setState({ selectFeather })}
      />
      <ActionButton id="select.invert" kind="quiet" />
      <ActionButton id="select.none" kind="quiet" />
      <ActionButton id="image.crop" kind="quiet" />
    </>
  )
}

const COMBINE: readonly { value: EditorState['selectCombine']; label: string; icon: typeof Square }[] = [
  { value: 'replace', label: 'New selection', icon: Square },
  { value: 'add', label: 'Add to the selection', icon: SquaresUnite },
  { value: 'subtract', label: 'Take from the selection', icon: SquaresSubtract },
  { value: 'intersect', label: 'Keep what both cover', icon: SquaresIntersect },
]

function MoveOptions() {
  const { store } = useContextOf().editor
  const autoSelect = useEditorState((state) => state.autoSelect)
  return (
    <CheckInput
      label="Take the layer under the pointer"
      checked={autoSelect}
      onChange={(checked) => store.setState({ autoSelect: checked })}
    />
  )
}

function EyedropperOptions() {
  const { store } = useContextOf().editor
  const sampleSize = useEditorState((state) => state.sampleSize)
  return (
    <div className="field-row">
      <span className="field-label">Sample</span>
      <SelectInput
        label="Sample size"
        width={120}
        value={String(sampleSize)}
        groups={[SAMPLES]}
        onChange={(value) => store.setState({ sampleSize: Number(value) })}
      />
    </div>
  )
}

const SAMPLES = [
  { value: '1', label: 'One pixel' },
  { value: '3', label: '3 × 3 average' },
  { value: '5', label: '5 × 5 average' },
  { value: '11', label: '11 × 11 average' },
  { value: '31', label: '31 × 31 average' },
]

function ViewOptions() {
  return (
    <>
      <ActionButton id="view.fit" kind="quiet" />
      <ActionButton id="view.actual-size" kind="quiet" />
      <ActionButton id="view.zoom-in" kind="quiet" />
      <ActionButton id="view.zoom-out" kind="quiet" />
    </>
  )
}
