/** The words, for models that take them. */
import type { GenerationRequest } from '../../../shared/generation.ts'
import { TextArea } from '../../ui/text-area.tsx'
import type { SetRequest } from './set-request.ts'

const PROMPTS: Readonly<Record<GenerationRequest['task'], string>> = {
  inpaint: 'What shall be there; empty fills as the surroundings suggest',
  'image-to-image': 'What the picture shall show',
  'text-to-image': 'What the picture shall show',
  instruct: 'What shall be done: “make it winter”',
  diffedit: 'What shall be there instead',
}

interface PromptsProps {
  readonly request: GenerationRequest
  readonly set: SetRequest
}

export function Prompts({ request, set }: PromptsProps) {
  return (
    <>
      {request.task === 'diffedit' && (
        <TextArea
          label="What is there now"
          value={request.source}
          placeholder="What shall be replaced"
          onChange={(source) => set({ source })}
        />
      )}
      <TextArea
        label="Prompt"
        value={request.prompt}
        placeholder={PROMPTS[request.task]}
        onChange={(prompt) => set({ prompt })}
      />
      <TextArea
        label="Negative prompt"
        value={request.negative}
        placeholder="What shall not be there"
        onChange={(negative) => set({ negative })}
      />
    </>
  )
}
