import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import {
  CELLS_SQL,
  type CellRow,
  cellParameters,
  measureScorers,
} from '../../consumers/signals/measure-scorers.ts'
import {
  METRICS,
  type Metric,
  metricKey,
  metricOf,
  metricTable,
} from '../../consumers/signals/metric-table.ts'
import { readValue } from '../../consumers/signals/unit-value.ts'
import type { RoleContext } from '../../pipeline/service-runtime/role.ts'
import { traceId } from '../../schemas/scalars.ts'
import { msOfStoreTime, type SignalRow } from '../../schemas/tables.ts'
import { decodeCursor, PAGE_ROWS, pageOf } from './cursor.ts'
import { paging, parseRequest } from './parse-request.ts'
import { after, equals, where } from './where.ts'

const STATES = ['joined', 'waiting', 'expired'] as const

const query = z.strictObject({
  ...paging,
  traceId: traceId.optional(),
  sessionId: z.string().optional(),
  name: z.string().optional(),
  state: z.enum(STATES).optional(),
})
const place = z.tuple([z.number().int(), z.string()])

/**
 * `GET /v1/signals`, newest first, with what became of each; `GET /v1/signals/metrics`, what is declared and what was
 * seen; `GET /v1/signals/scorers`, how far each scorer is to be believed.
 */
export const signalListings = (
  server: FastifyInstance,
  { store, configuration }: RoleContext,
): void => {
  const declared = metricTable(configuration.signals.metrics)
  server.get('/v1/signals', async (request) => {
    const asked = parseRequest(query, request.query)
    const limit = asked.limit ?? PAGE_ROWS
    const { sql, parameters } = where([
      equals('TraceId', asked.traceId),
      equals('SessionId', asked.sessionId),
      equals('Name', asked.name),
      equals('State', asked.state),
      after(['ReceivedAt', 'Id'], decodeCursor(place, asked.cursor)),
    ])
    const rows = await store.query<ListedRow>(
      `SELECT * FROM (${SIGNALS_SQL}) ${sql} ORDER BY ReceivedAt DESC, Id DESC LIMIT ${limit + 1}`,
      parameters,
    )
    return pageOf(
      rows.map((row) => listedSignal(row, declared)),
      limit,
      (last) => [Date.parse(last.receivedAt), last.id],
    )
  })
  server.get('/v1/signals/metrics', async () => {
    const seen = await store.query<SeenRow>(SEEN_SQL)
    return { items: listedMetrics(declared, seen) }
  })
  server.get('/v1/signals/scorers', async () => {
    const cells = await store.query<CellRow>(CELLS_SQL, cellParameters(configuration.signals))
    return { items: measureScorers(cells, configuration.signals) }
  })
}

/** Only the runs that signals are about are looked up. */
const SIGNALS_SQL = `
SELECT Id, TraceId, SpanId, SessionId, Agent, Name, Type, Value, Label, Explanation, Source, ScorerVersion, UserId, At,
  ReceivedAt, multiIf(
    Expired = 1, 'expired',
    TraceId != '' AND TraceId IN (SELECT TraceId FROM neosigma_runs
      WHERE TraceId IN (SELECT TraceId FROM neosigma_signals WHERE TraceId != '')), 'joined',
    TraceId = '' AND SessionId IN (SELECT assumeNotNull(SessionId) FROM neosigma_runs
      WHERE SessionId IN (SELECT SessionId FROM neosigma_signals WHERE TraceId = '')), 'joined',
    'waiting') AS State
FROM neosigma_signals FINAL`

interface ListedRow extends SignalRow {
  readonly ReceivedAt: string
  readonly State: (typeof STATES)[number]
}

const listedSignal = (row: ListedRow, declared: ReturnType<typeof metricTable>) => {
  const read = readValue({ value: row.Value, label: row.Label }, metricOf(row.Name, declared))
  return {
    id: row.Id,
    traceId: orNull(row.TraceId),
    spanId: orNull(row.SpanId),
    sessionId: orNull(row.SessionId),
    agent: orNull(row.Agent),
    name: row.Name,
    type: orNull(row.Type),
    value: row.Value,
    label: row.Label,
    explanation: row.Explanation,
    source: row.Source,
    version: row.ScorerVersion,
    userId: row.UserId,
    at: isoOfStore(row.At),
    receivedAt: isoOfStore(row.ReceivedAt),
    state: row.State,
    score: read.value,
    note: read.note,
  }
}

const orNull = (text: string): string | null => (text === '' ? null : text)
const isoOfStore = (text: string): string => new Date(msOfStoreTime(text)).toISOString()

const SEEN_SQL = `
SELECT Name, count() AS Signals, min(Value) AS Least, max(Value) AS Greatest FROM neosigma_signals FINAL
GROUP BY Name ORDER BY Signals DESC, Name LIMIT 1000`

interface SeenRow {
  readonly Name: string
  readonly Signals: string
  readonly Least: number | null
  readonly Greatest: number | null
}

interface ListedMetric {
  readonly name: string
  readonly declared: 'built-in' | 'configuration' | null
  readonly type: Metric['type'] | null
  readonly range: readonly [number, number]
  readonly direction: 'higher' | 'lower'
  readonly weight: number
  readonly signals: number
  readonly least: number | null
  readonly greatest: number | null
}

const listedMetrics = (
  declared: ReturnType<typeof metricTable>,
  seen: readonly SeenRow[],
): readonly ListedMetric[] => {
  const byKey = Map.groupBy(seen, ({ Name }) => metricKey(Name))
  const names = new Set([...byKey.keys(), ...Object.keys(declared)])
  return [...names].map((name) => {
    const metric = metricOf(name, declared)
    const rows = byKey.get(name) ?? []
    const values = rows.flatMap(({ Least, Greatest }) => [Least ?? [], Greatest ?? []].flat())
    return {
      name,
      declared:
        metric === null ? null : metric === metricOf(name, METRICS) ? 'built-in' : 'configuration',
      type: metric?.type ?? null,
      range: metric?.range ?? [0, 1],
      direction: metric?.lowerIsBetter === true ? 'lower' : 'higher',
      weight: metric?.weight ?? 1,
      signals: rows.reduce((sum, { Signals }) => sum + Number(Signals), 0),
      least: values.length === 0 ? null : Math.min(...values),
      greatest: values.length === 0 ? null : Math.max(...values),
    }
  })
}
