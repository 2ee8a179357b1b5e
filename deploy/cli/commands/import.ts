import { type Command, InvalidArgumentError, Option } from 'commander'
import { systemClock } from '../../../pipeline/service-runtime/clock.ts'
import { awaitRanking, type RankingProgress } from '../../import/await-ranking.ts'
import { type Imported, importOtlpJson, importTauBench } from '../../import/import-file.ts'
import { apiClient } from '../api-client.ts'
import { type CommonOptions, load, newCommand } from '../cli.ts'
import type { FoundSystem } from '../find-system.ts'
import { print } from '../output.ts'
import { openProgress, type Progress } from '../progress.ts'
import { withReceiver } from '../with-receiver.ts'

interface ImportOptions extends CommonOptions {
  readonly format: 'tau-bench' | 'otlp-json'
  readonly agent: string
  readonly taskType?: string
  readonly start?: number
  readonly spacing: number
  readonly wait: boolean
  readonly json?: true
}

export const importCommand = (): Command =>
  newCommand('import', 'Send recorded runs through the receiver; importing twice changes nothing', [
    'neosigma import trials.json --format tau-bench --agent airline --task-type booking',
    'neosigma import traces.jsonl --format otlp-json',
  ])
    .argument('<file>', 'a file of runs')
    .addOption(
      new Option('--format <format>', 'what the file holds')
        .choices(['tau-bench', 'otlp-json'])
        .makeOptionMandatory(),
    )
    .option('--agent <name>', 'tau-bench: agent of the runs', 'tau-bench')
    .option('--task-type <name>', 'tau-bench: task type of the runs')
    .option(
      '--start <time>',
      'tau-bench: time of the first run, ISO 8601 (default: the last run ends now)',
      isoTime,
    )
    .option(
      '--spacing <duration>',
      'tau-bench: time between runs: 500ms, 30s, 1m, 2h; a bare number is milliseconds',
      duration,
      60_000,
    )
    .option('--no-wait', 'return when the file is sent, not when its runs are assembled and ranked')
    .option('--json', 'one JSON object of what was done on standard output')
    .action(async (file: string, options: ImportOptions) => {
      const loaded = load(options)
      const progress = openProgress()
      try {
        const done = await withReceiver(loaded, { whole: options.wait }, (system) =>
          importFile(file, options, {
            system,
            progress,
            reclusterMs: loaded.configuration.miner.reclusterMs,
          }),
        )
        progress.stop()
        await print(summary(done, options))
      } finally {
        progress.stop()
      }
    })

interface ImportWork {
  readonly system: FoundSystem
  readonly progress: Progress
  readonly reclusterMs: number
}

const importFile = async (
  file: string,
  options: ImportOptions,
  { system, progress, reclusterMs }: ImportWork,
): Promise<Imported> => {
  const api = apiClient(system.url)
  const services = {
    receiverUrl: system.receiverUrl,
    api,
    clock: systemClock,
    onProgress: (done: number, total: number | null) => progress.update('sending', done, total),
  }
  const imported =
    options.format === 'otlp-json'
      ? await importOtlpJson(file, services)
      : await importTauBench(
          file,
          {
            agent: options.agent,
            taskType: options.taskType ?? null,
            startMs: options.start ?? null,
            spacingMs: options.spacing,
          },
          services,
        )
  if (options.wait)
    await awaitRanking(imported.traceIds, {
      api,
      clock: systemClock,
      reclusterMs,
      onProgress: showRanking(progress),
    })
  return imported
}

/** The total of a stage is what was left when it began. */
const showRanking = (progress: Progress): ((now: RankingProgress) => void) => {
  const totals = new Map<string, number>()
  return ({ stage, left }) => {
    const total = Math.max(totals.get(stage) ?? 0, left)
    totals.set(stage, total)
    progress.update(stage, total - left, total)
  }
}

const summary = ({ traceIds, sent, skipped }: Imported, options: ImportOptions): string => {
  const runs = traceIds.length
  if (options.json) return `${JSON.stringify({ runs, sent, skipped, ranked: options.wait })}\n`
  const parts = options.format === 'tau-bench' ? 'runs' : 'requests'
  const state = options.wait ? 'assembled and ranked' : 'on their way'
  return `${runs} runs ${state}: ${sent} ${parts} sent, ${skipped} already stored.\n`
}

const isoTime = (text: string): number => {
  const ms = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(ms)) throw new InvalidArgumentError('It must be an ISO 8601 time.')
  return ms
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

const duration = (text: string): number => {
  const parts = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text)
  if (parts === null) throw new InvalidArgumentError('It must be as 500ms, 30s, 1m or 2h.')
  return Math.round(Number(parts[1]) * (UNITS[parts[2] ?? 'ms'] ?? 1))
}
