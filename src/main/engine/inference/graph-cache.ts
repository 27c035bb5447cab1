/**
 * Graphs by what they compute.
 *
 * Invariant: one network in one part, precision and set of adapters has one graph (one object), wherever its file lies, so
 * two checkpoints with the same VAE share it. A file that changed is another network, and another application builds its
 * graphs anew. Weights are read only to tell apart two networks that look the same from outside.
 */
import { open, stat } from 'node:fs/promises'
import {
  type BuiltGraph,
  type Component,
  type ComponentGraphOptions,
  componentDigest,
  componentGraph,
  componentStamp,
  graphKey,
  type Part,
  type StoredTensor,
} from '../models/index.ts'

export interface Wanted extends ComponentGraphOptions {
  readonly part: Part
}

interface Entry {
  readonly component: Component
  readonly stamp: string
  /** Names all that the graph depends on but the network. */
  readonly recipe: string
  readonly graph: BuiltGraph
}

export class GraphCache {
  private readonly version: string
  private readonly dataFolder: string
  private readonly entries = new Map<string, Entry>()

  /** @param version of the application @param dataFolder where the digests of networks are remembered */
  constructor(version: string, dataFolder: string) {
    this.version = version
    this.dataFolder = dataFolder
  }

  /** @throws InlayError as `componentGraph` does, or `file.missing` */
  async get(component: Component, wanted: Wanted): Promise<BuiltGraph> {
    const stamp = await componentStamp(component)
    const recipe = await this.recipeOf(wanted)
    const key = `${stamp} ${recipe}`
    const twin = this.entries.has(key) ? undefined : await this.twinOf(component, stamp, recipe)
    let entry = this.entries.get(key) ?? twin
    if (!entry) {
      const graph = componentGraph(component, wanted.part, wanted)
      entry = { component, stamp, recipe, graph }
    }
    this.entries.set(key, entry)
    return entry.graph
  }

  has(graph: BuiltGraph): boolean {
    return [...this.entries.values()].some((entry) => entry.graph === graph)
  }

  private async recipeOf({ part, precision = 'float32', loras = [], ...others }: Wanted): Promise<string> {
    const adapters: [string, number][] = []
    for (const { lora, weight } of loras) {
      const { size, mtimeMs } = await stat(lora.file)
      adapters.push([`${lora.file} ${size} ${mtimeMs}`, weight])
    }
    const variant = `${part} ${JSON.stringify(Object.entries(others).sort())}`
    return graphKey({ component: '', part: variant, precision, loras: adapters, version: this.version })
  }

  /** What holds the same network in another file; entries whose own file has changed are dropped on the way. */
  private async twinOf(component: Component, stamp: string, recipe: string): Promise<Entry | undefined> {
    for (const entry of new Set(this.entries.values())) {
      if (entry.recipe !== recipe || entry.stamp === stamp) continue
      if ((await componentStamp(entry.component).catch(() => null)) !== entry.stamp) this.drop(entry)
      else if (
        outline(entry.component) === outline(component) &&
        (await this.same(entry.component, component))
      )
        return entry
    }
    return undefined
  }

  private async same(a: Component, b: Component): Promise<boolean> {
    if (await differAtOnce(a, b)) return false
    return (await componentDigest(a, this.dataFolder)) === (await componentDigest(b, this.dataFolder))
  }

  private drop(dropped: Entry): void {
    for (const [key, entry] of this.entries) if (entry === dropped) this.entries.delete(key)
  }
}

function outline({ architecture, tensors }: Component): string {
  const bytes = [...tensors.values()].reduce((sum, { length }) => sum + length, 0)
  return `${architecture} ${tensors.size} ${bytes}`
}

const SAMPLES = 16
const SAMPLE_BYTES = 512

/** Whether a look at some tensors tells two networks apart, as it does two that were trained apart. */
async function differAtOnce(a: Component, b: Component): Promise<boolean> {
  const names = [...a.tensors.keys()].filter((name) => b.tensors.has(name))
  const step = Math.max(1, Math.floor(names.length / SAMPLES))
  for (let i = 0; i < names.length; i += step) {
    const [one, other] = [a.tensors.get(names[i]!)!, b.tensors.get(names[i]!)!]
    if (one.type !== other.type || !(await startOf(one)).equals(await startOf(other))) return true
  }
  return false
}

async function startOf({ file, offset, length }: StoredTensor): Promise<Buffer> {
  const handle = await open(file)
  try {
    const bytes = Buffer.alloc(Math.min(SAMPLE_BYTES, length))
    await handle.read(bytes, 0, bytes.length, offset)
    return bytes
  } finally {
    await handle.close()
  }
}
