import type { TraceStore } from './trace-store.ts'

export interface Retention {
  /** Spans and logs, with what is known of their traces. */
  readonly telemetryDays: number
  /** Runs, signals and members of clusters; null: they stay. */
  readonly runsDays: number | null
}

/** From which time on a table's rows are kept: their arrival by the store's clock, whatever they say of themselves. */
const TELEMETRY = [
  ['otel_traces', 'IngestedAt'],
  ['otel_logs', 'IngestedAt'],
  ['otel_traces_trace_id_ts', 'IngestedAt'],
  ['neosigma_trace_index', 'IngestedAt'],
] as const
const RUNS = [
  ['neosigma_runs', 'toDateTime(AssembledThrough)'],
  ['neosigma_run_times', 'toDateTime(AssembledThrough)'],
  ['neosigma_signals', 'IngestedAt'],
  ['neosigma_cluster_members', 'IngestedAt'],
] as const

interface TableRow {
  readonly name: string
  /** As the engine writes it; '' where there is none. */
  readonly ttl: string
}

/**
 * Has the tables keep their rows for so long; answers which ones it changed. A table that does so already is left alone:
 * a change has the engine look through all parts again.
 */
export const applyRetention = async (
  store: TraceStore,
  { telemetryDays, runsDays }: Retention,
): Promise<readonly string[]> => {
  const wanted = [
    ...TELEMETRY.map(([table, from]) => ({ table, ttl: ttlOf(from, telemetryDays) })),
    ...RUNS.map(([table, from]) => ({
      table,
      ttl: runsDays === null ? '' : ttlOf(from, runsDays),
    })),
  ]
  const rows = await store.query<TableRow>(TTL_SQL, { tables: wanted.map(({ table }) => table) })
  const present = new Map(rows.map(({ name, ttl }) => [name, ttl]))
  const different = wanted.filter(({ table, ttl }) => present.get(table) !== ttl)
  for (const { table, ttl } of different)
    await store.command(
      `ALTER TABLE ${table} ${ttl === '' ? 'REMOVE TTL' : `MODIFY TTL ${ttl}`} SETTINGS alter_sync = 0`,
    )
  return different.map(({ table }) => table)
}

const TTL_SQL = `
SELECT name, extract(engine_full, ' TTL (.*) SETTINGS ') AS ttl FROM system.tables
WHERE database = currentDatabase() AND name IN {tables: Array(String)}`

/** In the engine's own spelling, so that what it says can be compared. */
const ttlOf = (from: string, days: number): string => `${from} + toIntervalDay(${days})`
