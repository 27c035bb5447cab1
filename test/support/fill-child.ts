/** Fills one hole and says so: what is left running afterwards shows in whether this process ends. */
import { patchFill } from '../../src/main/engine/imaging/patch-fill/patch-fill.ts'

const hole = new Uint8Array(400).fill(1, 190, 200)
await patchFill({ width: 20, height: 20, rgb: new Uint8Array(1200).fill(9), hole, seed: 0 })
console.log('filled')
