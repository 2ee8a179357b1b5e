// Kafka → ClickHouse by NeoSigma's writer and by a Collector, side by side on the same broker, records and server, in turn;
// then SQLite → chDB in one process. `npm run bench -- pipeline [--spans N] [--runs N] [--large-spans N]`
import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { collectorBinary } from '../../deploy/collector/build-collector.ts'
import { SIZES, type SpanSize } from './pipeline/gen-ai-spans.ts'
import { type Contender, type Figures, openStage } from './pipeline/kafka-to-clickhouse.ts'
import { sectionOf } from './pipeline/results-table.ts'

const { values } = parseArgs({
  options: {
    spans: { type: 'string', default: '300000' },
    'large-spans': { type: 'string', default: '30000' },
    runs: { type: 'string', default: '5' },
    /** Of the small spans; default: all. */
    contenders: { type: 'string', default: 'writer,fast,persistent,safe' },
  },
})
const runs = Number(values.runs)
const RESULTS = join(import.meta.dirname, 'results')
const otelcol = await collectorBinary({ given: process.env['OTELCOL_BIN'] ?? null })

const [cpu] = cpus()
const sections: string[] = [
  '# Pipeline benchmark',
  `\`npm run bench -- pipeline --spans ${values.spans} --large-spans ${values['large-spans']} --runs ${runs}\``,
  `${cpus().length} × ${cpu?.model ?? 'unknown CPU'}, Node ${process.version}; load average ${loadavg()
    .map((load) => load.toFixed(0))
    .join(
      ' ',
    )} at the start: everything of a run, and whatever else the machine did, shares these processors. CPU seconds are the figures to compare; spans a second depend on the load.`,
]
/** Written after each round: what was measured is there, however the rest ends. */
const write = (last: string): void => {
  mkdirSync(RESULTS, { recursive: true })
  writeFileSync(join(RESULTS, 'pipeline.md'), `${[...sections, last].join('\n\n')}\n`)
}
const keep = (section: string): void => {
  write(section)
  sections.push(section)
  process.stdout.write(`${section}\n\n`)
}

const contest = async (
  size: SpanSize,
  spans: number,
  contenders: readonly Contender[],
): Promise<void> => {
  const stage = await openStage({ spans, textLength: SIZES[size], otelcol })
  const figures = new Map<Contender, Figures[]>(contenders.map((contender) => [contender, []]))
  try {
    for (let run = 0; run < runs; run += 1) {
      for (const contender of contenders) {
        const outcome = await stage.run(contender)
        figures.get(contender)?.push(outcome)
        process.stderr.write(`${size} ${contender} ${JSON.stringify(outcome)}\n`)
      }
      write(sectionOf({ spans, spanBytes: stage.spanBytes, figures }))
    }
  } finally {
    await stage.close()
  }
  keep(sectionOf({ spans, spanBytes: stage.spanBytes, figures }))
}

const embedded = async (size: SpanSize, spans: number): Promise<void> => {
  const script = join(import.meta.dirname, 'ingest-throughput.ts')
  const lines: string[] = []
  for (let run = 0; run < runs; run += 1) {
    const { stdout } = await promisify(execFile)(process.execPath, [
      script,
      String(spans),
      String(SIZES[size]),
    ])
    lines.push(stdout.trim().replaceAll('\n', '; '))
  }
  const list = lines.map((line) => `- ${line}`).join('\n')
  keep(`## SQLite → chDB in one process, spans of ${size}\n\n${list}`)
}

if (otelcol === null) process.stderr.write('*** NOT RUN: the Collector: no Go and no OTELCOL_BIN\n')
const ALL: readonly Contender[] = ['writer', 'fast', 'persistent', 'safe']
const chosen = ALL.filter((contender) => values.contenders.split(',').includes(contender))
await contest('1.2 kB', Number(values.spans), otelcol === null ? ['writer'] : chosen)
await contest(
  '10 kB',
  Number(values['large-spans']),
  otelcol === null ? ['writer'] : ['writer', 'fast'],
)
await embedded('1.2 kB', Math.min(Number(values.spans), 100_000))
await embedded('10 kB', Math.min(Number(values['large-spans']), 20_000))
