import type { RunScore } from '../../schemas/agent-run.ts'
import { SIGNAL_TYPES, type SignalType } from '../../schemas/signal.ts'
import type { SignalRow } from '../../schemas/tables.ts'
import { METRICS, type Metric, metricOf } from './metric-table.ts'
import { unitValue } from './unit-value.ts'

/** A judgement as it arrived, from the signals topic or from an evaluation event in the trace. */
export interface RawSignal {
  readonly id: string
  readonly name: string
  /** null where the event does not say: the metric's own type, else automated. */
  readonly type: SignalType | null
  readonly value: number | null
  readonly label: string | null
  readonly explanation: string | null
  readonly source: string
  readonly version: string | null
  readonly spanId: string | null
  readonly userId: string | null
  /** When it was given; any text form that sorts by time. */
  readonly at: string
}

/** A stored signal as a raw one. */
export const rawSignalOf = (row: SignalRow): RawSignal => ({
  id: row.Id,
  name: row.Name,
  type: signalTypeOf(row.Type),
  value: row.Value,
  label: row.Label,
  explanation: row.Explanation,
  source: row.Source,
  version: row.ScorerVersion,
  spanId: row.SpanId === '' ? null : row.SpanId,
  userId: row.UserId,
  at: row.At,
})

/** A text as a signal type, or null. */
export const signalTypeOf = (text: string | null): SignalType | null =>
  SIGNAL_TYPES.find((type) => type === text?.toLowerCase()) ?? null

/**
 * The scores of a run, in a fixed order. One who judges again corrects himself: of the same metric, source, user and
 * span only the newest counts; different users or scorers stand side by side.
 */
export const runScores = (
  signals: readonly RawSignal[],
  metrics: Readonly<Record<string, Metric>> = METRICS,
): readonly RunScore[] =>
  latestOfEach(signals).map((signal) => {
    const metric = metricOf(signal.name, metrics)
    return {
      name: signal.name,
      source: signal.source,
      type: signal.type ?? metric?.type ?? 'automated',
      value: unitValue(signal, metric),
      weight: metric?.weight ?? 1,
      version: signal.version,
      explanation: signal.explanation,
    }
  })

const latestOfEach = (signals: readonly RawSignal[]): readonly RawSignal[] => {
  const latest = new Map<string, RawSignal>()
  for (const signal of signals) {
    const key = judgeOf(signal)
    const known = latest.get(key)
    if (known === undefined || compare(orderOf(known), orderOf(signal)) < 0) latest.set(key, signal)
  }
  return [...latest].sort(([a], [b]) => compare(a, b)).map(([, signal]) => signal)
}

const judgeOf = ({ name, source, userId, spanId }: RawSignal): string =>
  JSON.stringify([name, source, userId, spanId])

const orderOf = ({ at, id, value, label, version, explanation }: RawSignal): string =>
  JSON.stringify([at, id, value, label, version, explanation])

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
