/** `inlay models get`: a model from a hub, by its name. What would be fetched is shown first, to the byte. */
import readline from 'node:readline/promises'
import type { Command } from 'commander'
import { InlayError } from '../../../shared/errors.ts'
import { type DownloadPlan, HubRequest, licenceName, parseHubName } from '../../../shared/model-download.ts'
import { TimeLeft } from '../../../shared/time-left.ts'
import {
  discardDownload,
  downloadModel,
  hubAccess,
  ModelRegistry,
  planDownload,
  unfinishedDownloads,
} from '../../engine/index.ts'
import { defaultDataFolder } from '../../hosts/data-folder.ts'
import { interrupted } from '../interrupt.ts'
import { formatBytes, type OutputOptions, printNotices, printResult } from '../output.ts'

interface GetOptions extends OutputOptions {
  readonly revision?: string
  readonly variant?: string
  readonly file?: string
  readonly acceptLicence?: boolean
  readonly yes?: boolean
  readonly offline?: boolean
  readonly dryRun?: boolean
  readonly discard?: boolean
}

export function addModelsGet(models: Command): void {
  models
    .command('get')
    .summary('fetch a model from a hub by its name, and put it on the list')
    .description(
      'Shows the files, their exact size and the licence, asks, and fetches them with their checksums checked. A download\n' +
        'that breaks off is taken up again by the same command. The hub is huggingface.co, or what INLAY_HUB says; a token\n' +
        'is taken from INLAY_HUB_TOKEN or HF_TOKEN. INLAY_OFFLINE=1 keeps Inlay off the network for good.',
    )
    .argument('<name>', 'owner/name, or the address of its page')
    .option('--revision <name>', 'a branch, a tag or a commit; the main branch where not given')
    .option('--variant <fp16>', 'half-precision weights where there are any: half the bytes')
    .option('--file <path>', 'one .safetensors file of several')
    .option('--accept-licence', 'you have read the licence and accept it')
    .option('--yes', 'fetch without asking')
    .option('--dry-run', 'show what would be fetched, and stop')
    .option('--discard', 'throw away what a download that broke off has left')
    .option('--offline', 'ask nothing of any server')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Examples:
  inlay models get stabilityai/stable-diffusion-2-inpainting --variant fp16
  inlay models get owner/name --accept-licence --yes --json`,
    )
    .action(get)
}

async function get(name: string, options: GetOptions): Promise<void> {
  const request = requestOf(name, options)
  const data = defaultDataFolder()
  if (options.discard) return discard(request, data, options)
  const stored = await hubAccess(data)
  const access = { ...stored, offline: stored.offline || options.offline === true }
  const planned = await planDownload(request, access, data, { signal: interrupted })
  const { plan } = planned
  printNotices(options, plan.notices)
  if (options.dryRun) return printResult(options, plan, describe(plan))
  if (!options.json)
    process.stdout.write(
      describe(plan)
        .map((line) => `${line}\n`)
        .join(''),
    )
  await agree(plan, options)
  const line = progressLine(plan.bytes, options)
  try {
    const { folder, name: own } = await downloadModel(planned, access, data, {
      signal: interrupted,
      onProgress: line.update,
    })
    line.end()
    const model = await new ModelRegistry(data).add(folder, own)
    printNotices(options, model.summary?.notices ?? [])
    printResult(options, model, [`Added ${model.name}: ${model.path}`])
  } catch (error) {
    line.end()
    if (!(error instanceof InlayError) || error.code !== 'cancelled') throw error
    throw new InlayError(
      'cancelled',
      'Cancelled. What has arrived is kept; the same command goes on with it.',
    )
  }
}

function requestOf(name: string, { revision, variant, file }: GetOptions): HubRequest {
  const named = parseHubName(name)
  if (!named) throw new InlayError('usage', `"${name}" is no name of a model; a hub writes them owner/name.`)
  const parsed = HubRequest.safeParse({
    ...named,
    revision: revision ?? named.revision,
    variant: variant ?? null,
    file: file ?? null,
  })
  if (parsed.success) return parsed.data
  const option = parsed.error.issues[0]?.path[0]
  throw new InlayError('usage', `--${String(option)} makes no sense; see inlay models get --help.`)
}

async function discard({ repo }: HubRequest, data: string, options: OutputOptions): Promise<void> {
  const left = (await unfinishedDownloads(data)).filter(({ request }) => request.repo === repo)
  for (const { key } of left) await discardDownload(data, key)
  const bytes = left.reduce((sum, { have }) => sum + have, 0)
  printResult(options, { discarded: left.length, bytes }, [
    left.length === 0 ? `Nothing of ${repo} was left.` : `Threw away ${formatBytes(bytes)} of ${repo}.`,
  ])
}

function describe(plan: DownloadPlan): readonly string[] {
  const width = Math.max(...plan.files.map(({ bytes }) => String(bytes).length))
  const { licence, request } = plan
  return [
    `${request.repo} at ${request.revision}`,
    ...plan.files.map(({ path, bytes }) => `  ${String(bytes).padStart(width)}  ${path}`),
    `${plan.files.length} files, ${plan.bytes} bytes (${formatBytes(plan.bytes)})${plan.have > 0 ? `, of them ${plan.have} here already` : ''}`,
    `${formatBytes(plan.free)} are free on this disk.`,
    `Licence: ${licenceName(licence)}${licence.link === null ? '' : `, ${licence.link}`}`,
    ...(plan.gated
      ? ['The hub lets in only who has accepted the licence on its page, with their token.']
      : []),
  ]
}

/** Asks what was not said by an option. @throws InlayError `usage` where nobody can be asked, `cancelled` */
async function agree(plan: DownloadPlan, options: GetOptions): Promise<void> {
  const questions = [
    ...(options.acceptLicence ? [] : [`Do you accept the licence (${licenceName(plan.licence)})?`]),
    ...(options.yes ? [] : [`Fetch ${formatBytes(plan.bytes - plan.have)}?`]),
  ]
  if (questions.length === 0) return
  if (!process.stdin.isTTY || !process.stderr.isTTY || options.json)
    throw new InlayError(
      'usage',
      `Nothing was fetched: read the licence (${plan.licence.link ?? licenceName(plan.licence)}) and say --accept-licence --yes.`,
    )
  const ask = readline.createInterface({ input: process.stdin, output: process.stderr })
  const stop = new AbortController()
  ask.on('SIGINT', () => stop.abort())
  ask.on('close', () => stop.abort())
  try {
    for (const question of questions) {
      const answer = await ask.question(`${question} [y/N] `, { signal: stop.signal }).catch(() => '')
      if (!/^(y|yes)$/i.test(answer.trim())) throw new InlayError('cancelled', 'Nothing was fetched.')
    }
  } finally {
    ask.close()
  }
}

/** One line on a terminal that says how far it is and how long it takes; nothing elsewhere. */
function progressLine(
  total: number,
  options: OutputOptions,
): { update(bytes: number, file: string): void; end(): void } {
  const stream = process.stderr
  if (options.json || !stream.isTTY) return { update() {}, end() {} }
  const left = new TimeLeft(total)
  let now = { bytes: 0, file: '' }
  // By the clock and not by what arrives, so that the last before a silence is shown too.
  const showing = setInterval(() => {
    const { bytes, file } = now
    if (file === '') return
    const seconds = left.after(bytes, performance.now())
    const time = seconds === null ? '' : `, ${formatSeconds(seconds)} left`
    const percent = total === 0 ? 100 : Math.floor((bytes / total) * 100)
    const text = `${percent} %  ${formatBytes(bytes)} of ${formatBytes(total)}${time}  ${file}`
    stream.write(`\r\u001b[K${text.slice(0, (stream.columns || 80) - 1)}`)
  }, 200)
  return {
    update(bytes, file) {
      now = { bytes, file }
    },
    end() {
      clearInterval(showing)
      if (now.file !== '') stream.write('\r\u001b[K')
    },
  }
}

function formatSeconds(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  const minutes = Math.ceil(seconds / 60)
  return minutes < 90 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`
}
