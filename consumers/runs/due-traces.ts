import type { TraceStore } from '../../pipeline/trace-store/trace-store.ts'

/** The traces that one instance assembles: those of the partitions of the signals topic that it owns. */
export interface Share {
  readonly partitions: number
  readonly owned: readonly number[]
}

/** A trace with activity that no assembly has seen. */
export interface DueTrace {
  readonly traceId: string
  /** Its newest activity, as the store writes times. */
  readonly through: string
  readonly throughMs: string
  /** Entries of the minute before, as a check against entries that become visible late. */
  readonly seen: string
  /** A run that is stored as assembled up to here was published; a later one perhaps not. */
  readonly settled: string
}

/**
 * An entry is stamped when its insert begins and visible when it ends. Entries that appear so late behind others of their
 * trace, or behind the cursor, are still found.
 */
const VISIBLE_SECONDS = 60
/** A trace that is never quiet is assembled all the same after so long. */
const LONGEST_OPEN_SECONDS = 600
/** So much activity is looked at together: after a long absence one goes through it in steps. */
const STEP_SECONDS = 3600

/**
 * One row per trace with entries since the cursor: `open` are times that no assembly has seen. The cursor's minute is read
 * again, so that the entries before an assembly can be counted as they were counted then.
 */
const CANDIDATES = `
SELECT TraceId AS traceId, arrayMax(times) AS through,
  greatest(last.1, fromUnixTimestamp64Micro({cursor: Int64})) AS settled,
  arrayCount(t -> t > arrayMax(times) - INTERVAL ${VISIBLE_SECONDS} SECOND, times) AS seen,
  arrayFilter(t -> t > last.1, times) AS open,
  arrayCount(t -> t <= last.1 AND t > last.1 - INTERVAL ${VISIBLE_SECONDS} SECOND, times) > last.2 AS late,
  if(late, last.1 - INTERVAL ${VISIBLE_SECONDS} SECOND, arrayMin(open)) AS since
FROM (
  SELECT TraceId, groupArray(At) AS times FROM neosigma_trace_activity
  WHERE At > fromUnixTimestamp64Micro({cursor: Int64}) - INTERVAL ${VISIBLE_SECONDS} SECOND
    AND At <= fromUnixTimestamp64Micro({cursor: Int64}) + INTERVAL ${STEP_SECONDS} SECOND
    AND kafkaMurmurHash(TraceId) % {partitions: UInt32} IN {owned: Array(UInt32)}
  GROUP BY TraceId
) AS activity
LEFT JOIN (
  SELECT TraceId, max((Through, Seen)) AS last FROM neosigma_assemblies
  WHERE Through > fromUnixTimestamp64Micro({cursor: Int64}) - INTERVAL ${VISIBLE_SECONDS} SECOND
  GROUP BY TraceId
) AS done USING (TraceId)
WHERE notEmpty(open) OR late`

/** Traces that have been quiet for long enough, those that wait longest first. */
export const readDue = (
  store: TraceStore,
  share: Share,
  {
    cursor,
    quietMs,
    most,
  }: { readonly cursor: Cursor; readonly quietMs: number; readonly most: number },
): Promise<readonly DueTrace[]> =>
  store.query<DueTrace>(
    `SELECT traceId, through, toUnixTimestamp64Milli(through) AS throughMs, seen, settled FROM (${CANDIDATES})
WHERE through <= now64(6) - toIntervalMillisecond({quiet: UInt32})
  OR since <= now64(6) - INTERVAL ${LONGEST_OPEN_SECONDS} SECOND
ORDER BY through, traceId LIMIT {most: UInt32}`,
    { ...share, cursor: String(cursor.at), quiet: quietMs, most },
  )

export interface Cursor {
  /** Nothing before it is left to do, in microseconds of the store's clock. */
  readonly at: bigint
  /** The step that begins here ends in the past. */
  readonly isBehind: boolean
}

interface CursorRow {
  readonly at: string
  readonly behind: number
}

const cursorOf = (row: CursorRow | undefined): Cursor => ({
  at: BigInt(row?.at ?? 0),
  isBehind: row?.behind === 1,
})

const withBehind = (place: string): string =>
  `SELECT toUnixTimestamp64Micro(place) AS at, place + INTERVAL ${STEP_SECONDS} SECOND < now64(6) AS behind
FROM (SELECT ${place})`

/** The cursor moved as far as what is open allows. */
export const readCursor = async (
  store: TraceStore,
  share: Share,
  { at }: Cursor,
): Promise<Cursor> => {
  const [row] = await store.query<CursorRow>(
    withBehind(`greatest(fromUnixTimestamp64Micro({cursor: Int64}), least(
  now64(6) - INTERVAL ${VISIBLE_SECONDS} SECOND,
  fromUnixTimestamp64Micro({cursor: Int64}) + INTERVAL ${STEP_SECONDS} SECOND,
  if(count() = 0, now64(6), min(since) - toIntervalMicrosecond(1)))) AS place FROM (${CANDIDATES})`),
    { ...share, cursor: String(at) },
  )
  return cursorOf(row)
}

/** Where the partitions were left; the first activity there is where one of them never was. */
export const loadCursor = async (store: TraceStore, share: Share): Promise<Cursor> => {
  const [row] = await store.query<CursorRow>(
    withBehind(`if(
  (SELECT count() FROM (${PROGRESS})) = {expected: UInt32},
  (SELECT min(Through) FROM (${PROGRESS})),
  (SELECT if(count() = 0, now64(6), min(At)) FROM neosigma_trace_activity)
    - INTERVAL ${VISIBLE_SECONDS} SECOND) AS place`),
    { ...share, expected: share.owned.length },
  )
  return cursorOf(row)
}

const PROGRESS = `SELECT Through FROM neosigma_assembly_progress FINAL
  WHERE Partitions = {partitions: UInt32} AND Partition IN {owned: Array(UInt32)}`

export const saveCursor = (
  store: TraceStore,
  { partitions, owned }: Share,
  cursor: Cursor,
): Promise<void> => {
  const text = String(cursor.at).padStart(7, '0')
  return store.insert(
    'neosigma_assembly_progress',
    owned.map((partition) => ({
      Partitions: partitions,
      Partition: partition,
      // DateTime64 takes seconds with a fraction.
      Through: `${text.slice(0, -6)}.${text.slice(-6)}`,
    })),
  )
}
