// Kafka → ClickHouse by NeoSigma's writer and by three Collectors, side by side on the same broker, records and server, in
// turn. `npm run bench -- pipeline [--sizes small,large] [--spans N] [--large-spans N] [--runs N] [--contenders …]`.
// `--append` adds to the runs that are kept, `--stage FOLDER` keeps what the broker was filled with: so it may be made in pieces.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { collectorBinary } from '../../deploy/collector/build-collector.ts'
import { SIZES, type SpanSize } from './pipeline/gen-ai-spans.ts'
import { type Contender, openStage } from './pipeline/kafka-to-clickhouse.ts'
import { keepRun, keptRuns } from './pipeline/kept-runs.ts'
import { sectionsOf } from './pipeline/results-table.ts'

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: 'small,large' },
    spans: { type: 'string', default: '1000000' },
    'large-spans': { type: 'string', default: '200000' },
    runs: { type: 'string', default: '5' },
    contenders: { type: 'string', default: 'writer,fast,persistent,safe' },
    append: { type: 'boolean', default: false },
    stage: { type: 'string' },
    /** Of the results, beside those of other benchmarks. */
    name: { type: 'string', default: 'pipeline' },
  },
})
const ALL: readonly Contender[] = ['writer', 'fast', 'persistent', 'safe']
const RESULTS = join(import.meta.dirname, 'results')
const RUNS = join(RESULTS, `${values.name}.jsonl`)
const BYTES_PER_GIB = 2 ** 30

const otelcol = await collectorBinary({ given: process.env['OTELCOL_BIN'] ?? null })
if (otelcol === null) process.stderr.write('*** NOT RUN: the Collector: no Go and no OTELCOL_BIN\n')
const chosen = ALL.filter((contender) => values.contenders.split(',').includes(contender))
const contenders = otelcol === null ? chosen.filter((one) => one === 'writer') : chosen

const [cpu] = cpus()
const machine = `${cpus().length} × ${cpu?.model ?? 'unknown CPU'}, ${Math.round(totalmem() / BYTES_PER_GIB)} GiB, Node ${process.version}`
/** Written after each run: what was measured is there, however the rest ends. */
const writeTable = (): void => {
  const sections = sectionsOf(keptRuns(RUNS))
  const command =
    '`npm run bench -- pipeline`, in pieces: `-- pipeline --runs 1 --append --stage FOLDER`'
  writeFileSync(
    join(RESULTS, `${values.name}.md`),
    `${['# Pipeline benchmark', command, machine, ...sections].join('\n\n')}\n`,
  )
}

const contest = async (size: SpanSize, spans: number): Promise<void> => {
  // The waiting Collector needs large records, and tens of minutes for large spans.
  const withLargeRecords = size === '1.2 kB' && contenders.includes('safe')
  const taking = contenders.filter((contender) => contender !== 'safe' || withLargeRecords)
  const stage = await openStage({
    spans,
    textLength: SIZES[size],
    otelcol,
    withLargeRecords,
    logFolder: values.stage === undefined ? undefined : join(values.stage, size.replace(' ', '')),
  })
  try {
    for (let run = 0; run < Number(values.runs); run += 1)
      for (const contender of taking) {
        const [load = 0] = loadavg()
        const figures = await stage.run(contender)
        keepRun(RUNS, { size, spans, spanBytes: stage.spanBytes, contender, load, figures })
        process.stderr.write(`${size} ${contender} ${JSON.stringify(figures)}\n`)
        writeTable()
      }
  } finally {
    await stage.close()
  }
}

mkdirSync(RESULTS, { recursive: true })
if (!values.append) rmSync(RUNS, { force: true })
const sizes = values.sizes.split(',')
if (sizes.includes('small')) await contest('1.2 kB', Number(values.spans))
if (sizes.includes('large')) await contest('10 kB', Number(values['large-spans']))
