import type { TraceStore } from '../../pipeline/trace-store/trace-store.ts'
import type { SignalSettings } from '../../schemas/signal-settings.ts'

/** What one user has said, in a signal or in the telemetry itself; its id names what it is about. */
export interface UserSignal {
  readonly userId: string
  readonly id: string
}
/** What a signal is about: a trace, or where that is '' a session. */
export interface Subject {
  readonly TraceId: string
  readonly SessionId: string
}
/** What a user said in the telemetry of a trace, and when. */
export interface ToldUserSignal extends UserSignal {
  readonly traceId: string
  readonly at: string
}

const HOUR_MS = 3_600_000

/**
 * Of what users say, the first `userMaxSignals` in each window count, by the time of arrival; a window is a fixed stretch
 * of time, so that the same signals count however often a run is assembled.
 */
const PLACES = `
SELECT Signal, TraceId, SessionId, row_number() OVER (
    PARTITION BY UserId, intDiv(toUnixTimestamp64Milli(First), {windowMs: Int64}) ORDER BY First, Signal
  ) AS Place
FROM (
  SELECT UserId, Signal, any(TraceId) AS TraceId, any(SessionId) AS SessionId, min(At) AS First
  FROM neosigma_user_signals WHERE UserId IN {users: Array(String)} GROUP BY UserId, Signal
)`
const WITHIN_SQL = `SELECT Signal FROM (${PLACES})
WHERE Place <= {most: UInt32} AND Signal IN {signals: Array(String)}`
const DISPLACED_SQL = `SELECT DISTINCT TraceId, SessionId FROM (${PLACES})
WHERE Place > {most: UInt32} AND Place <= {most: UInt32} + {more: UInt32}`

/** Ids of those of the signals that are beyond the limit of their user. */
export const readOverLimit = async (
  store: TraceStore,
  said: readonly UserSignal[],
  settings: SignalSettings,
): Promise<ReadonlySet<string>> => {
  const bounded = boundedOf(said, settings)
  if (bounded.length === 0) return new Set()
  const ids = [...new Set(bounded.map(({ id }) => id))]
  const rows = await store.query<{ readonly Signal: string }>(WITHIN_SQL, {
    ...parametersOf(bounded, settings),
    signals: ids,
  })
  const within = new Set(rows.map(({ Signal }) => Signal))
  return new Set(ids.filter((id) => !within.has(id)))
}

/**
 * What signals are about that may have counted until these ones came. Signals of one time may be stored in another order than
 * that of their places, so a run may have heard one that is beyond the limit now.
 */
export const readDisplaced = async (
  store: TraceStore,
  come: readonly UserSignal[],
  settings: SignalSettings,
): Promise<readonly Subject[]> => {
  const bounded = boundedOf(come, settings)
  if (bounded.length === 0) return []
  return store.query<Subject>(DISPLACED_SQL, {
    ...parametersOf(bounded, settings),
    more: bounded.length,
  })
}

const boundedOf = (
  said: readonly UserSignal[],
  { trustedUsers }: SignalSettings,
): readonly UserSignal[] => {
  const trusted = new Set(trustedUsers)
  return said.filter(({ userId }) => !trusted.has(userId))
}

const parametersOf = (
  said: readonly UserSignal[],
  { userMaxSignals, userWindowHours }: SignalSettings,
) => ({
  users: [...new Set(said.map(({ userId }) => userId))],
  most: userMaxSignals,
  windowMs: Math.round(userWindowHours * HOUR_MS),
})

/** Enters what users say in the telemetry, where the store's own view does not see it; answers what is new of it. */
export const noteUserSignals = async (
  store: TraceStore,
  said: readonly ToldUserSignal[],
): Promise<readonly UserSignal[]> => {
  if (said.length === 0) return []
  const rows = await store.query<{ readonly Signal: string }>(
    'SELECT Signal FROM neosigma_user_signals WHERE UserId IN {users: Array(String)} AND Signal IN {signals: Array(String)}',
    { users: said.map(({ userId }) => userId), signals: said.map(({ id }) => id) },
  )
  const known = new Set(rows.map(({ Signal }) => Signal))
  const come = said.filter(({ id }) => !known.has(id))
  await store.insert(
    'neosigma_user_signals',
    come.map(({ userId, id, traceId, at }) => ({
      UserId: userId,
      Signal: id,
      TraceId: traceId,
      SessionId: '',
      At: at.slice(0, 23),
    })),
  )
  return come
}
