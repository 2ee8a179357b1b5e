import type { TraceStore } from '../../pipeline/trace-store/trace-store.ts'
import type { SignalRow } from '../../schemas/tables.ts'

/** Signals by what they are about. */
export interface StoredSignals {
  readonly ofTrace: ReadonlyMap<string, readonly SignalRow[]>
  readonly ofSession: ReadonlyMap<string, readonly SignalRow[]>
}

const COLUMNS = `Id, TraceId, SpanId, SessionId, Agent, Name, Type, Value, Label, Explanation, Source,
  ScorerVersion, UserId, toString(At) AS At`

/** Signals about traces, and those about whole sessions, which name no trace. What has expired has no effect. */
export const readSignals = async (
  store: TraceStore,
  traceIds: readonly string[],
  sessionIds: readonly string[],
): Promise<StoredSignals> => {
  const ofTrace = await store.query<SignalRow>(
    `SELECT ${COLUMNS} FROM neosigma_signals FINAL
WHERE TraceId IN {ids: Array(String)} AND Expired = 0`,
    { ids: traceIds },
  )
  const ofSession =
    sessionIds.length === 0
      ? []
      : await store.query<SignalRow>(
          `SELECT ${COLUMNS} FROM neosigma_signals FINAL
WHERE TraceId = '' AND SessionId IN {ids: Array(String)} AND Expired = 0`,
          { ids: sessionIds },
        )
  return {
    ofTrace: Map.groupBy(ofTrace, ({ TraceId }) => TraceId),
    ofSession: Map.groupBy(ofSession, ({ SessionId }) => SessionId),
  }
}

export interface SignalSubject {
  readonly traceId: string
  readonly identity: { readonly agent: string; readonly sessionId: string | null }
}

/** The signals about one run: its own, and its session's unless they name another agent. */
export const signalsOf = (
  { ofTrace, ofSession }: StoredSignals,
  { traceId, identity }: SignalSubject,
): readonly SignalRow[] => [
  ...(ofTrace.get(traceId) ?? []),
  ...(identity.sessionId === null ? [] : (ofSession.get(identity.sessionId) ?? [])).filter(
    ({ Agent }) => Agent === '' || Agent === identity.agent,
  ),
]
