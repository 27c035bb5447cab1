/** How the hub is reached: whether at all, and with which token. A token goes in and is never shown. */
import { type KeyboardEvent, useId, useState } from 'react'
import { useStore } from 'zustand'
import { saveHubSettings } from '../../editor/models.ts'
import { Button } from '../../ui/buttons.tsx'
import { CheckInput } from '../../ui/check-input.tsx'
import { useContextOf } from '../../ui/editor-context.ts'

const TOKENS = {
  none: 'None. Models behind a gate want one.',
  environment: 'Taken from the environment.',
  settings: 'Kept in your settings.',
} as const

export function HubSettingsForm() {
  const ctx = useContextOf()
  const id = useId()
  const settings = useStore(ctx.editor.modelsStore, (state) => state.settings)
  const [token, setToken] = useState('')
  if (!settings) return null
  const save = async () => {
    if (token.trim() !== '' && (await saveHubSettings(ctx, { token: token.trim() }))) setToken('')
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    void save()
  }
  return (
    <section className="models-hub" aria-label="Hub">
      <h3>Hub</h3>
      <div className="form">
        <span className="label">Address</span>
        <span>{new URL(settings.address).host}</span>
        <span className="label">Network</span>
        <CheckInput
          label={
            settings.offlineFixed
              ? 'Offline mode (the environment says so)'
              : 'Offline mode: ask nothing of the hub'
          }
          checked={settings.offline}
          disabled={settings.offlineFixed}
          onChange={(offline) => void saveHubSettings(ctx, { offline })}
        />
        <label className="label" htmlFor={id}>
          Token
        </label>
        <div className="models-add">
          {settings.token === 'none' ? (
            <>
              <input
                id={id}
                type="password"
                className="text-box"
                value={token}
                autoComplete="off"
                maxLength={500}
                placeholder={TOKENS.none}
                onKeyDown={onKeyDown}
                onChange={(event) => setToken(event.currentTarget.value)}
              />
              <Button disabled={token.trim() === ''} onClick={() => void save()}>
                Keep
              </Button>
            </>
          ) : (
            <>
              <output id={id}>{TOKENS[settings.token]}</output>
              {settings.token === 'settings' && (
                <Button onClick={() => void saveHubSettings(ctx, { token: null })}>Forget it</Button>
              )}
            </>
          )}
        </div>
      </div>
    </section>
  )
}
