import type { TraceStore } from '../../../pipeline/trace-store/trace-store.ts'
import { QUERIES, type Query } from './queries.ts'
import { DAY_SECONDS, type Scale } from './scale.ts'

const named = (name: string): Query['ask'] => {
  const query = QUERIES.find((one) => one.name === name)
  if (query === undefined) throw new Error(`no query ${name}`)
  return query.ask
}

/** The same store, with each query under more settings. */
const under = (store: TraceStore, settings: string): TraceStore => ({
  ...store,
  query: (sql, parameters) => store.query(`${sql} SETTINGS ${settings}`, parameters),
})

const withSettings =
  (name: string, settings: string): Query['ask'] =>
  (store, scale, repetition) =>
    named(name)(under(store, settings), scale, repetition)

const COLUMNS =
  'TraceId, Agent, TaskType, Outcome, Score, StartedAt, DurationMs, ModelCalls, ToolCalls, InputTokens, OutputTokens, Dialect, Model'

/** The same questions without what is argued for. */
export const WITHOUT: readonly Query[] = [
  {
    name: 'one trace by id alone, without idx_trace_id',
    ask: withSettings('dashboard: one trace by id alone', 'use_skip_indexes = 0'),
  },
  {
    name: 'one trace with its index, without idx_trace_id',
    ask: withSettings('assembler: one trace with its index', 'use_skip_indexes = 0'),
  },
  {
    name: 'runs of 25 sessions, without idx_session',
    ask: withSettings('assembler: runs of 25 sessions', 'use_skip_indexes = 0'),
  },
  {
    name: 'spans longer than 299.99 ms of a day',
    ask: (store, { untilMs }, repetition) => store.query(SLOW_SQL, slow(untilMs, repetition)),
  },
  {
    name: 'spans longer than 299.99 ms of a day, without idx_duration',
    ask: (store, { untilMs }, repetition) =>
      under(store, 'use_skip_indexes = 0').query(SLOW_SQL, slow(untilMs, repetition)),
  },
  {
    name: 'the newest 50 runs, without neosigma_run_times',
    ask: (store) =>
      store.query(
        `SELECT ${COLUMNS} FROM neosigma_runs FINAL ORDER BY StartedAt DESC, TraceId DESC LIMIT 51`,
      ),
  },
  {
    name: 'one run whole, without conditions moved before FINAL',
    ask: withSettings('API: one run whole', 'optimize_move_to_prewhere_if_final = 0'),
  },
]

const DAY_MS = DAY_SECONDS * 1000
const SLOW_SQL = `SELECT count() FROM otel_traces WHERE Duration > 299990000
AND Timestamp >= fromUnixTimestamp64Milli({from: Int64}) AND Timestamp < fromUnixTimestamp64Milli({to: Int64})`
const slow = (untilMs: number, repetition: number) => ({
  from: untilMs - ((repetition % 28) + 1) * DAY_MS,
  to: untilMs - (repetition % 28) * DAY_MS,
})

const BY_TRACE = 'otel_traces_by_trace'

/** The spans once more, ordered by trace instead of by service and time. */
export const makeTableByTrace = async (store: TraceStore): Promise<void> => {
  await store.command(`DROP TABLE IF EXISTS ${BY_TRACE} SYNC`)
  await store.command(
    `CREATE TABLE ${BY_TRACE} AS otel_traces ENGINE = ReplacingMergeTree PARTITION BY toDate(Timestamp)
ORDER BY (TraceId, SpanId, Timestamp)`,
  )
  await store.command(`INSERT INTO ${BY_TRACE} SELECT * FROM otel_traces`)
}

/** Questions to spans, to the table that is ordered by trace. */
export const BY_TRACE_QUERIES: readonly Query[] = [
  'assembler: one trace with its index',
  'assembler: 100 traces of one time',
  'dashboard: one trace by id alone',
  'dashboard: one trace by id and its times',
  'dashboard: an hour of all services',
].map((name) => ({
  name: `ordered by trace: ${name}`,
  ask: (store: TraceStore, scale: Scale, repetition: number) =>
    named(name)(
      {
        ...store,
        query: (sql, parameters) =>
          store.query(sql.replaceAll(/FROM otel_traces\b(?!_)/g, `FROM ${BY_TRACE}`), parameters),
      },
      scale,
      repetition,
    ),
}))
