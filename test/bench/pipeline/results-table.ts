import type { Contender, Figures } from './kafka-to-clickhouse.ts'
import type { KeptRun } from './kept-runs.ts'

const NAMES: Readonly<Record<Contender, string>> = {
  writer: "NeoSigma's writer",
  fast: 'Collector, queue in memory (a crash loses it)',
  persistent: 'Collector, queue on disk (a crash doubles)',
  safe: 'Collector, waiting, 500 spans a record',
}
const PER_MILLION = 1e6

/** Least, median and greatest. */
const spread = (values: readonly number[], digits = 0): string => {
  const sorted = [...values].sort((a, b) => a - b)
  const [least = 0, greatest = 0] = [sorted.at(0), sorted.at(-1)]
  return `${least.toFixed(digits)} / **${medianOf(values).toFixed(digits)}** / ${greatest.toFixed(digits)}`
}

const medianOf = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const [lower = 0, upper = 0] = [
    sorted[Math.floor((sorted.length - 1) / 2)],
    sorted[Math.floor(sorted.length / 2)],
  ]
  return (lower + upper) / 2
}

/** For each number and size of spans a table. */
export const sectionsOf = (runs: readonly KeptRun[]): readonly string[] =>
  [...Map.groupBy(runs, ({ spans, size }) => `${spans} of ${size}`).values()].map(sectionOf)

const HEAD = [
  '',
  'spans/s',
  'spans per CPU s of the process',
  'writer ÷ it',
  'its CPU s per million',
  'ClickHouse’s',
  'both',
  'writer ÷ it',
  'peak RSS, MB',
  'writer ÷ it',
  'missing / doubled',
]
const NOTE =
  'least / **median** / greatest. Each side writes into its own tables: the exporter makes its schema, NeoSigma’s has replacing engines and three views. CPU is counted from ready to the last span stored; ClickHouse’s holds its merges until then. Broker, store and process share the processors.'

/** What each contender needed: least / median / greatest of its runs, and the ratio of medians to the writer's. */
const sectionOf = (runs: readonly KeptRun[]): string => {
  const { spans = 0, spanBytes = 0 } = runs.at(0) ?? {}
  const figures = Map.groupBy(runs, ({ contender }) => contender)
  const counts = [...new Set([...figures.values()].map(({ length }) => length))].join(' or ')
  const loads = runs.map(({ load }) => load)
  const rows = [...figures].map(([contender, all]) =>
    rowOf(contender, spans, figuresOf(all), figuresOf(figures.get('writer') ?? [])),
  )
  return [
    `## Kafka → ClickHouse, ${spans} spans of ${spanBytes} B, one trace of ten a record, ${counts} runs each, in turn`,
    '',
    `| ${HEAD.join(' | ')} |`,
    `|${'---|'.repeat(HEAD.length)}`,
    ...rows.map((row) => `| ${row} |`),
    '',
    `${NOTE} Load average before a run: ${spread(loads, 1)}.${loopOf(figures.get('writer') ?? [])}`,
  ].join('\n')
}

/** How long the writer's event loop was kept from its turn. */
const loopOf = (runs: readonly KeptRun[]): string => {
  const delays = figuresOf(runs).flatMap(({ loopDelayMs }) => loopDelayMs ?? [])
  if (delays.length === 0) return ''
  const [p50, p99, max] = (['p50', 'p99', 'max'] as const).map((name) =>
    spread(delays.map((one) => one[name])),
  )
  return ` Delay of the writer’s event loop in ms: median ${p50}, p99 ${p99}, greatest ${max}.`
}

const figuresOf = (runs: readonly KeptRun[]): readonly Figures[] =>
  runs.map(({ figures }) => figures)

type Figure = (one: Figures) => number

const rowOf = (
  contender: Contender,
  spans: number,
  all: readonly Figures[],
  writer: readonly Figures[],
): string => {
  const perMillion = (seconds: number): number => (seconds * PER_MILLION) / spans
  const perCpuSecond: Figure = ({ cpuSeconds }) => spans / cpuSeconds
  const both: Figure = ({ cpuSeconds, storeCpuSeconds }) => perMillion(cpuSeconds + storeCpuSeconds)
  const peak: Figure = ({ peakMb }) => peakMb
  const ratio = (of: Figure): string =>
    (medianOf(writer.map(of)) / medianOf(all.map(of))).toFixed(2)
  const worst = all.map(({ stored, different }) => `${spans - different} / ${stored - different}`)
  return [
    NAMES[contender],
    spread(all.map(({ spansPerSecond }) => spansPerSecond)),
    spread(all.map(perCpuSecond)),
    ratio(perCpuSecond),
    spread(
      all.map(({ cpuSeconds }) => perMillion(cpuSeconds)),
      1,
    ),
    spread(
      all.map(({ storeCpuSeconds }) => perMillion(storeCpuSeconds)),
      1,
    ),
    spread(all.map(both), 1),
    ratio(both),
    spread(all.map(peak)),
    ratio(peak),
    [...new Set(worst)].join(', '),
  ].join(' | ')
}
