import type { Contender, Figures } from './kafka-to-clickhouse.ts'

interface Section {
  readonly spans: number
  readonly spanBytes: number
  readonly figures: ReadonlyMap<Contender, readonly Figures[]>
}

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
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

/** A table of what each contender needed: least / median / greatest of its runs, and the ratio of medians to the writer's. */
export const sectionOf = ({ spans, spanBytes, figures }: Section): string => {
  const perCpuSecond = (all: readonly Figures[]) => all.map((one) => spans / one.cpuSeconds)
  const totalOf = (all: readonly Figures[]) =>
    all.map((one) => ((one.cpuSeconds + one.storeCpuSeconds) * PER_MILLION) / spans)
  const writer = figures.get('writer') ?? []
  const rows = [...figures].map(([contender, all]) => {
    const ratio = (of: (all: readonly Figures[]) => readonly number[]): string =>
      (medianOf(of(writer)) / medianOf(of(all))).toFixed(2)
    const worst = all.map(({ stored, different }) => `${spans - different} / ${stored - different}`)
    return [
      NAMES[contender],
      spread(all.map((one) => one.spansPerSecond)),
      spread(perCpuSecond(all)),
      ratio(perCpuSecond),
      spread(
        all.map((one) => (one.cpuSeconds * PER_MILLION) / spans),
        1,
      ),
      spread(
        all.map((one) => (one.storeCpuSeconds * PER_MILLION) / spans),
        1,
      ),
      spread(totalOf(all), 1),
      ratio(totalOf),
      spread(all.map((one) => one.peakMb)),
      [...new Set(worst)].join(', '),
    ].join(' | ')
  })
  const runs = Math.max(...[...figures.values()].map((all) => all.length))
  return [
    `## Kafka → ClickHouse, ${spans} spans of ${spanBytes} B, one trace of ten a record, ${runs} runs each, in turn`,
    '',
    '| | spans/s | spans per CPU s of the process | writer ÷ it | its CPU s per million | ClickHouse’s | both | writer ÷ it | peak RSS, MB | missing / doubled |',
    '|---|---|---|---|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${row} |`),
    '',
    'least / **median** / greatest. Each side writes into its own tables: the exporter makes its schema, NeoSigma’s has replacing engines and three views. CPU is counted from ready to the last span stored; ClickHouse’s holds its merges until then.',
  ].join('\n')
}
