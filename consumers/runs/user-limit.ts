import type { TraceStore } from '../../pipeline/trace-store/trace-store.ts'
import type { SignalSettings } from '../../schemas/signal-settings.ts'
import type { RawSignal } from '../signals/raw-signal.ts'

/** What one user has said, in a signal or in the telemetry itself. */
export type UserSignal = RawSignal & { readonly userId: string }

const HOUR_MS = 3_600_000

/**
 * Of what users say, the first `userMaxSignals` in each window count, by the time of arrival; a window is a fixed stretch
 * of time, so that the same signals count however often a run is assembled.
 */
const WITHIN_SQL = `
SELECT Signal FROM (
  SELECT UserId, Signal, min(At) AS First FROM neosigma_user_signals WHERE UserId IN {users: Array(String)}
  GROUP BY UserId, Signal ORDER BY First, Signal
  LIMIT {most: UInt32} BY UserId, intDiv(toUnixTimestamp64Milli(First), {windowMs: Int64})
) WHERE Signal IN {signals: Array(String)}`

/** Ids of those of the signals that are beyond the limit of their user. */
export const readOverLimit = async (
  store: TraceStore,
  said: readonly UserSignal[],
  { userMaxSignals, userWindowHours, trustedUsers }: SignalSettings,
): Promise<ReadonlySet<string>> => {
  const trusted = new Set(trustedUsers)
  const bounded = said.filter(({ userId }) => !trusted.has(userId))
  if (bounded.length === 0) return new Set()
  const ids = [...new Set(bounded.map(({ id }) => id))]
  const rows = await store.query<{ readonly Signal: string }>(WITHIN_SQL, {
    users: [...new Set(bounded.map(({ userId }) => userId))],
    signals: ids,
    most: userMaxSignals,
    windowMs: Math.round(userWindowHours * HOUR_MS),
  })
  const within = new Set(rows.map(({ Signal }) => Signal))
  return new Set(ids.filter((id) => !within.has(id)))
}

/** Enters what users say in the telemetry, where the store's own view does not see it. The same again changes nothing. */
export const noteUserSignals = (store: TraceStore, said: readonly UserSignal[]): Promise<void> =>
  store.insert(
    'neosigma_user_signals',
    said.map(({ userId, id, at }) => ({ UserId: userId, Signal: id, At: at.slice(0, 23) })),
  )
