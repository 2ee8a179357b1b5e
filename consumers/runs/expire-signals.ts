import type { RoleContext } from '../../pipeline/service-runtime/role.ts'
import type { SignalRow } from '../../schemas/tables.ts'

const MOST_EXPIRED = 10_000
const HOUR_MS = 3_600_000
const LONGEST_PAUSE_MS = 600_000
const SHORTEST_PAUSE_MS = 1000

/** A run may come so late that its signals have expired; who counts on that gives a longer retention. */
const WAITING = `FROM neosigma_signals FINAL WHERE Expired = 0
  AND StoredAt > fromUnixTimestamp64Milli({since: Int64}) AND StoredAt <= fromUnixTimestamp64Milli({until: Int64})`
const EXPIRED_SQL = `
SELECT Id, TraceId, SpanId, SessionId, Agent, Name, Type, Value, Label, Explanation, Source, ScorerVersion, UserId,
  toString(At) AS At, toString(ReceivedAt) AS ReceivedAt
${WAITING}
  AND if(TraceId != '',
    TraceId NOT IN (SELECT TraceId FROM neosigma_runs WHERE TraceId IN (SELECT TraceId ${WAITING})),
    SessionId NOT IN (SELECT assumeNotNull(SessionId) FROM neosigma_runs
      WHERE SessionId IN (SELECT SessionId ${WAITING} AND TraceId = '')))
LIMIT ${MOST_EXPIRED}`

interface WaitingRow extends SignalRow {
  readonly ReceivedAt: string
}

export interface ExpirySweeps {
  /** Marks what has waited for too long; answers how many. */
  sweep(): Promise<number>
  /** How long to wait until the next one. */
  readonly pauseMs: number
}

/**
 * Signals whose run has not come within the retention are marked as expired: kept, counted, told of, and of no effect.
 * What was looked at once is not looked at again by this instance.
 */
export const expirySweeps = ({
  store,
  configuration,
  metrics,
  logger,
}: RoleContext): ExpirySweeps => {
  const retentionMs = Math.round(configuration.signals.retentionHours * HOUR_MS)
  let since = '0'
  return {
    pauseMs: Math.min(Math.max(retentionMs / 4, SHORTEST_PAUSE_MS), LONGEST_PAUSE_MS),
    sweep: async () => {
      const [now] = await store.query<{ readonly until: string }>(
        'SELECT toUnixTimestamp64Milli(now64(3)) - {retention: Int64} AS until',
        { retention: retentionMs },
      )
      const until = now?.until ?? since
      const rows = await store.query<WaitingRow>(EXPIRED_SQL, { since, until })
      await store.insert(
        'neosigma_signals',
        rows.map((row) => ({ ...row, Expired: 1 })),
      )
      if (rows.length < MOST_EXPIRED) since = until
      if (rows.length > 0) {
        metrics.count('neosigma.runs.signals.expired', rows.length)
        logger.warn(
          { signals: rows.length, first: rows[0]?.Id.slice(0, 200) },
          'signals have expired: their runs never came',
        )
      }
      return rows.length
    },
  }
}
