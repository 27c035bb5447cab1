/** Adds models to a list as a process of its own: data folder, then the places. With `hold`, keeps the lock until it is killed. */
import path from 'node:path'
import { alone } from '../../src/main/engine/models/registry/lock.ts'
import { ModelRegistry } from '../../src/main/engine/models/registry/registry.ts'

const [mode, data, ...places] = process.argv.slice(2)
if (!data) throw new Error('no data folder')
if (mode === 'hold')
  await alone(path.join(data, 'models.json.lock'), async () => {
    process.stdout.write('held\n')
    await new Promise((resolve) => setTimeout(resolve, 60_000))
  })
else for (const place of places) await new ModelRegistry(data).add(place)
