import type { RoleContext } from '../../pipeline/service-runtime/role.ts'
import type { TraceStore } from '../../pipeline/trace-store/trace-store.ts'
import { sha256 } from '../../schemas/canonical-json.ts'
import type { Signal } from '../../schemas/signal.ts'
import { type SignalRow, storeTime } from '../../schemas/tables.ts'
import { placedId, signalTypeOf } from '../signals/raw-signal.ts'
import { isPersonal } from '../signals/run-scores.ts'
import { readDisplaced, type Subject } from './user-limit.ts'

/** A signal with the time at which it came into the log; without it the time at which it was given stands for it. */
export interface ReceivedSignal extends SignalRow {
  readonly ReceivedAt?: string
}

const NAME_CHARS = 200
const TEXT_CHARS = 10_000
/** What the store can hold. */
const LATEST_MS = Date.UTC(2200, 0)

export const signalRow = (signal: Signal, receivedAtMs: number): ReceivedSignal => ({
  ReceivedAt: storeTime(receivedAtMs),
  Id: nameOf(signal.id),
  TraceId: signal.traceId ?? '',
  SpanId: (signal.spanId ?? '').toWellFormed(),
  SessionId: (signal.sessionId ?? '').toWellFormed(),
  Agent: (signal.agent ?? '').toWellFormed(),
  Name: nameOf(signal.name),
  Type: signal.type,
  Value: signal.value,
  Label: signal.label === null ? null : nameOf(signal.label),
  Explanation: signal.explanation?.slice(0, TEXT_CHARS).toWellFormed() ?? null,
  Source: nameOf(signal.source),
  ScorerVersion: signal.version === null ? null : nameOf(signal.version),
  UserId: signal.userId === null ? null : nameOf(signal.userId),
  At: storeTime(Math.min(Math.max(Date.parse(signal.at), 0), LATEST_MS)),
})

/** Names are compared: a long one is not cut but replaced by its beginning and its digest. */
const nameOf = (text: string): string => {
  const name = text.toWellFormed()
  return name.length <= NAME_CHARS ? name : `${name.slice(0, 100).toWellFormed()}…${sha256(name)}`
}

/**
 * Stores signals. One that names a trace makes it due by itself; one that names only a session makes every run of the
 * session due, and one that takes the place of another under the limit of its user makes that one's run due. A run that
 * is assembled in between looks for signals again after it is stored (`assembleGroup`).
 */
export const storeSignals = async (
  { store, configuration }: Pick<RoleContext, 'store' | 'configuration'>,
  rows: readonly ReceivedSignal[],
  token?: string,
): Promise<void> => {
  await store.insert('neosigma_signals', rows, token)
  const said = rows.flatMap((row) => {
    const type = signalTypeOf(row.Type)
    return row.UserId !== null && (type === null || isPersonal(type))
      ? [{ userId: row.UserId, id: placedId(row) }]
      : []
  })
  await makeSubjectsDue(store, [
    ...rows.filter(({ TraceId }) => TraceId === ''),
    ...(await readDisplaced(store, said, configuration.signals)),
  ])
}

/** Makes due what signals are about. */
export const makeSubjectsDue = async (
  store: TraceStore,
  subjects: readonly Subject[],
): Promise<void> => {
  const traces = new Set(subjects.flatMap(({ TraceId }) => (TraceId === '' ? [] : [TraceId])))
  const sessions = new Set(
    subjects.flatMap(({ TraceId, SessionId }) => (TraceId === '' ? [SessionId] : [])),
  )
  const runs =
    sessions.size === 0
      ? []
      : await store.query<{ readonly TraceId: string }>(
          'SELECT DISTINCT TraceId FROM neosigma_runs WHERE SessionId IN {sessions: Array(String)}',
          { sessions: [...sessions] },
        )
  await makeDue(store, [...traces, ...runs.map(({ TraceId }) => TraceId)])
}

/** Enters an activity of traces, by the store's clock as all are. */
export const makeDue = async (store: TraceStore, traceIds: readonly string[]): Promise<void> => {
  if (traceIds.length === 0) return
  const entries = await store.query<{ readonly TraceId: string; readonly At: string }>(
    'SELECT arrayJoin({ids: Array(String)}) AS TraceId, toString(now64(6)) AS At',
    { ids: traceIds },
  )
  await store.insert('neosigma_trace_activity', entries)
}
