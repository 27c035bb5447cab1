/** Before the end-to-end tests: the page they visit is built from the sources as they are. */
import { ensureBuilt } from '../../scripts/ensure-built.mjs'

export default function buildPage(): void {
  ensureBuilt('page')
}
