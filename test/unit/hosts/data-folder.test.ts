import { afterEach, expect, it, vi } from 'vitest'
import { dataFolder } from '../../../src/main/engine/project/drafts.ts'
import { defaultDataFolder } from '../../../src/main/hosts/data-folder.ts'

afterEach(() => vi.unstubAllEnvs())

// Two functions, because a shell may not load the engine; they have to name the same place.
it.each([
  { INLAY_DATA: '/somewhere' },
  { INLAY_DATA: '', XDG_DATA_HOME: '/data' },
  { INLAY_DATA: '', XDG_DATA_HOME: 'relative' },
  { INLAY_DATA: '', XDG_DATA_HOME: '' },
])('shells and engine keep drafts in one place: %o', (environment) => {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
  expect(defaultDataFolder()).toBe(dataFolder())
})
