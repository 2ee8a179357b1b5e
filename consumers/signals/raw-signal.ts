import { SIGNAL_TYPES, type SignalType } from '../../schemas/signal.ts'
import type { SignalRow } from '../../schemas/tables.ts'

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

/** Ids are unique within what a signal is about. */
export const placedId = ({
  TraceId,
  SessionId,
  Id,
}: Pick<SignalRow, 'TraceId' | 'SessionId' | 'Id'>): string => `${TraceId}/${SessionId}/${Id}`

/** A stored signal as a raw one. */
export const rawSignalOf = (row: SignalRow): RawSignal => ({
  id: placedId(row),
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
