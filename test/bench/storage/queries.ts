import { createHash } from 'node:crypto'
import { readContrast } from '../../../consumers/miner/miner-store.ts'
import { type DueTrace, readCursor, readDue } from '../../../consumers/runs/due-traces.ts'
import { readSignals } from '../../../consumers/runs/read-signals.ts'
import { groupTraces, readGroup } from '../../../consumers/runs/read-traces.ts'
import { listRuns, type RunPlace } from '../../../controller/api/list-runs.ts'
import { type Condition, equals } from '../../../controller/api/where.ts'
import { readCanaryRuns } from '../../../controller/monitor/read-runs.ts'
import type { ReleaseWatch } from '../../../controller/monitor/release-watch.ts'
import type { TraceStore } from '../../../pipeline/trace-store/trace-store.ts'
import { CLUSTER_AGGREGATES_SQL } from '../../../schemas/cluster-listing.ts'
import { DAY_SECONDS, type Scale } from './scale.ts'

/** One question to the store; `repetition` varies what is asked for. */
export interface Query {
  readonly name: string
  readonly ask: (store: TraceStore, scale: Scale, repetition: number) => Promise<unknown>
}

const DAY_MS = DAY_SECONDS * 1000
const HOUR_MS = DAY_MS / 24
const SHARE = { partitions: 12, owned: Array.from({ length: 12 }, (_, partition) => partition) }

const traceId = (number: number): string =>
  createHash('md5').update(`trace ${number}`).digest('hex')
/** Spread over all there are. */
const traceNumber = ({ traces }: Scale, repetition: number): number =>
  (repetition * 7919 + 13) % (traces - 100)
const idAt = (scale: Scale, repetition: number): string => traceId(traceNumber(scale, repetition))
const idsAt = (scale: Scale, repetition: number): readonly string[] =>
  Array.from({ length: 100 }, (_, i) => traceId(traceNumber(scale, repetition) + i))
const sessionsAt = (scale: Scale, repetition: number): readonly string[] =>
  Array.from({ length: 25 }, (_, i) => `session-${(traceNumber(scale, repetition) >> 2) + i}`)

const due = (id: string): DueTrace => ({
  ...{ traceId: id, through: '', throughMs: '0', seen: '0', settled: '' },
})
const assemble = async (store: TraceStore, ids: readonly string[]): Promise<void> => {
  for (const group of await groupTraces(store, ids.map(due))) await readGroup(store, group)
}

const list = (
  conditions: readonly Condition[],
  limit: number,
  placeOf: (scale: Scale, repetition: number) => RunPlace | null = () => null,
): Query['ask'] => {
  return (store, scale, repetition) =>
    listRuns(store, { conditions, limit, place: placeOf(scale, repetition) })
}

const canary = ({ untilMs }: Scale, repetition: number): ReleaseWatch => ({
  ...{ agent: `agent-${repetition % 8}`, cycleId: '', phase: 'canary', weight: 0.1 },
  ...{ version: 'version-39', baseline: 'version-38' },
  ...{ sinceMs: untilMs - 6 * HOUR_MS, stepSinceMs: untilMs - 6 * HOUR_MS },
})

/** What the roles ask, by the code that asks it, and what dashboards ask. */
export const QUERIES: readonly Query[] = [
  {
    name: 'assembler: one trace with its index',
    ask: (store, scale, repetition) => assemble(store, [idAt(scale, repetition)]),
  },
  {
    name: 'assembler: 100 traces of one time',
    ask: (store, scale, repetition) => assemble(store, idsAt(scale, repetition)),
  },
  {
    name: 'assembler: traces that are due',
    ask: (store, { untilMs }) => {
      const cursor = { at: BigInt(untilMs - 120_000) * 1000n, isBehind: false }
      return readDue(store, SHARE, { cursor, quietMs: 5000, most: 1000 })
    },
  },
  {
    name: 'assembler: where to go on',
    ask: (store, { untilMs }) =>
      readCursor(store, SHARE, { at: BigInt(untilMs - 120_000) * 1000n, isBehind: false }),
  },
  {
    name: 'assembler: signals of 100 traces, 25 sessions',
    ask: (store, scale, repetition) =>
      readSignals(store, idsAt(scale, repetition), sessionsAt(scale, repetition)),
  },
  {
    name: 'assembler: runs of 25 sessions',
    ask: (store, scale, repetition) =>
      store.query(
        'SELECT DISTINCT TraceId FROM neosigma_runs WHERE SessionId IN {sessions: Array(String)}',
        { sessions: sessionsAt(scale, repetition) },
      ),
  },
  {
    name: 'assembler: stored revisions of 100 runs',
    ask: (store, scale, repetition) =>
      store.query(
        'SELECT TraceId, Revision, AssembledThrough FROM neosigma_runs FINAL WHERE TraceId IN {ids: Array(String)}',
        { ids: idsAt(scale, repetition) },
      ),
  },
  {
    name: 'dashboard: one trace by id alone',
    ask: (store, scale, repetition) =>
      store.query('SELECT * FROM otel_traces WHERE TraceId = {id: String}', {
        id: idAt(scale, repetition),
      }),
  },
  {
    name: 'dashboard: one trace by id and its times',
    ask: (store, scale, repetition) =>
      store.query(
        `WITH (SELECT min(Start) FROM otel_traces_trace_id_ts WHERE TraceId = {id: String}) AS first,
  (SELECT max(End) + 1 FROM otel_traces_trace_id_ts WHERE TraceId = {id: String}) AS last
SELECT * FROM otel_traces WHERE TraceId = {id: String} AND Timestamp >= first AND Timestamp <= last`,
        { id: idAt(scale, repetition) },
      ),
  },
  {
    name: 'dashboard: an hour of all services',
    ask: (store, { untilMs }, repetition) =>
      store.query(
        `SELECT ServiceName, count(), quantile(0.95)(Duration) FROM otel_traces
WHERE Timestamp >= fromUnixTimestamp64Milli({from: Int64}) AND Timestamp < fromUnixTimestamp64Milli({to: Int64})
GROUP BY ServiceName`,
        { from: untilMs - (repetition + 1) * HOUR_MS, to: untilMs - repetition * HOUR_MS },
      ),
  },
  { name: 'API: the newest 50 runs', ask: list([], 51) },
  {
    name: 'API: 50 failed runs of an agent',
    ask: (store, scale, repetition) =>
      list(
        [equals('Agent', `agent-${repetition % 8}`), equals('Outcome', 'fail')],
        51,
      )(...([store, scale, repetition] as const)),
  },
  {
    name: 'API: 50 runs of a task type of an agent, from a day on',
    ask: (store, scale, repetition) =>
      list(
        [equals('Agent', `agent-${repetition % 8}`), equals('TaskType', `task-${repetition % 12}`)],
        51,
        ({ untilMs }, day) => [untilMs - (day % 28) * DAY_MS, ''],
      )(...([store, scale, repetition] as const)),
  },
  { name: 'API: runs of an agent that there is not', ask: list([equals('Agent', 'none')], 51) },
  {
    name: 'API: 1,000 runs from a day on',
    ask: list([], 1001, ({ untilMs }, day) => [untilMs - (day % 28) * DAY_MS, '']),
  },
  {
    name: 'API: one run whole',
    ask: (store, scale, repetition) =>
      store.query('SELECT Body FROM neosigma_runs FINAL WHERE TraceId = {id: String}', {
        id: idAt(scale, repetition),
      }),
  },
  {
    name: 'API, miner: clusters of a week',
    ask: (store, { untilMs }) =>
      store.query(CLUSTER_AGGREGATES_SQL, { windowStart: untilMs - 7 * DAY_MS }),
  },
  {
    name: 'miner: contrast of a week of an agent',
    ask: (store, { untilMs }, repetition) =>
      readContrast(store, `agent-${repetition % 8}`, untilMs - 7 * DAY_MS),
  },
  {
    name: 'monitor: six hours of a canary',
    ask: (store, scale, repetition) => readCanaryRuns(store, canary(scale, repetition)),
  },
]
