/** Imports a picture in a process of its own and says how much memory that took at most, in MB, as JSON. */
import { importPhoto } from '../../../src/main/engine/index.ts'

const [photo, project] = process.argv.slice(2) as [string, string]
const before = process.memoryUsage.rss() / 2 ** 20
const session = await importPhoto(photo, { project })
session.close()
console.log(JSON.stringify({ before, peak: process.resourceUsage().maxRSS / 1024 }))
