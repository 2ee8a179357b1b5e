import type { TraceStore } from '../../pipeline/trace-store/trace-store.ts'
import type { Signal } from '../../schemas/signal.ts'
import { type SignalRow, storeTime } from '../../schemas/tables.ts'

export const signalRow = (signal: Signal): SignalRow => ({
  Id: signal.id,
  TraceId: signal.traceId ?? '',
  SpanId: signal.spanId ?? '',
  SessionId: signal.sessionId ?? '',
  Agent: signal.agent ?? '',
  Name: signal.name,
  Type: signal.type,
  Value: signal.value,
  Label: signal.label,
  Explanation: signal.explanation,
  Source: signal.source,
  ScorerVersion: signal.version,
  UserId: signal.userId,
  At: storeTime(Date.parse(signal.at)),
})

/**
 * Stores signals. One that names a trace makes it due by itself; one that names only a session makes every run of the
 * session due. A run that is assembled in between asks again after it is stored (`assembleGroup`).
 */
export const storeSignals = async (
  store: TraceStore,
  rows: readonly SignalRow[],
  token?: string,
): Promise<void> => {
  await store.insert('neosigma_signals', rows, token)
  const sessions = [
    ...new Set(rows.flatMap(({ TraceId, SessionId }) => (TraceId === '' ? [SessionId] : []))),
  ]
  if (sessions.length === 0) return
  const runs = await store.query<{ readonly TraceId: string; readonly At: string }>(
    `SELECT DISTINCT TraceId, toString(now64(6)) AS At FROM neosigma_runs
WHERE SessionId IN {sessions: Array(String)}`,
    { sessions },
  )
  await store.insert('neosigma_trace_activity', runs)
}
