/**
 * The models that pictures can be made with.
 *
 * Invariant: the built-in one first, then the others by name. A model that cannot be opened, or that can do nothing, is
 * left out: the Models panel says what is wrong with it.
 */
import { BUILT_IN } from '../../shared/generation.ts'
import type { GeneratingModel } from '../../shared/rpc/contract.ts'
import type { Generator, ModelRegistry } from '../engine/index.ts'

export async function generatingModels(
  generator: Generator,
  registry: ModelRegistry,
): Promise<readonly GeneratingModel[]> {
  const models: GeneratingModel[] = []
  const add = async (name: string, label: string, place: string | null): Promise<void> => {
    const limits = await generator.limits(place).catch(() => null)
    if (!limits || limits.tasks.length === 0) return
    const { tasks, words, asymmetric, side, defaults } = limits
    models.push({ name, label, tasks, words, asymmetric, side, defaults })
  }
  await add(BUILT_IN, 'Built-in', null)
  for (const { name, path } of await registry.list()) await add(name, name, path)
  return models
}
