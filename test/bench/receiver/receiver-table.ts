import type { SpanSize } from '../pipeline/gen-ai-spans.ts'
import { CONTENDERS, type Contender } from './contenders.ts'
import type { Protocol } from './senders.ts'
import type { Run } from './stage.ts'

const NAMES: Readonly<Record<Contender, string>> = {
  'receiver-kafka': "NeoSigma's receiver → Kafka, lz4",
  'receiver-sqlite': "NeoSigma's receiver → SQLite",
  'collector-lz4': 'Collector, gateway.yaml, lz4',
  'collector-zstd': 'Collector, gateway.yaml as it is, zstd',
}

const perCpuSecond = ({ spans, cpuSeconds }: Run): number => spans / cpuSeconds

const medianOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** Least, median and greatest. */
const spread = (values: readonly number[], digits = 0): string => {
  const [least, greatest] = [Math.min(...values), Math.max(...values)]
  return `${least.toFixed(digits)} / **${medianOf(values).toFixed(digits)}** / ${greatest.toFixed(digits)}`
}

const rowOf = (contender: Contender, own: readonly Run[], receiver: readonly Run[]): string => {
  const ratio = (of: (run: Run) => number): string =>
    (medianOf(receiver.map(of)) / medianOf(own.map(of))).toFixed(2)
  const losses = own.map(({ missing, doubled }) => `${missing} / ${doubled}`)
  return `| ${[
    NAMES[contender],
    own.length,
    spread(own.map(({ spans, seconds }) => spans / seconds)),
    spread(own.map(perCpuSecond)),
    ratio(perCpuSecond),
    spread(own.map(({ peakMb }) => peakMb)),
    ratio(({ peakMb }) => peakMb),
    spread(
      own.map(({ p50Ms }) => p50Ms),
      1,
    ),
    spread(
      own.map(({ p99Ms }) => p99Ms),
      1,
    ),
    [...new Set(losses)].join(', '),
  ].join(' | ')} |`
}

/** A table for each size of span and protocol; ratios are those of the receiver before Kafka to the line's. */
export const sectionOf = (runs: readonly Run[], size: SpanSize, protocol: Protocol): string => {
  const ours = runs.filter((run) => run.size === size && run.protocol === protocol)
  const [first] = ours
  if (first === undefined) return ''
  const of = (contender: Contender) => ours.filter((run) => run.contender === contender)
  const rows = CONTENDERS.filter((contender) => of(contender).length > 0).map((contender) =>
    rowOf(contender, of(contender), of('receiver-kafka')),
  )
  const where = protocol === 'http' ? 'OTLP/HTTP in protobuf' : 'OTLP/gRPC'
  return [
    `## ${where}, spans of ${first.spanBytes} B, ${first.spans} a run`,
    '',
    '| | runs | spans/s | spans per CPU s of the process | receiver ÷ it | peak RSS, MB | receiver ÷ it | request p50, ms | request p99, ms | missing / doubled |',
    '|---|--:|---|---|--:|---|--:|---|---|---|',
    ...rows,
  ].join('\n')
}
