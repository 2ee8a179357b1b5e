import type { TraceStore } from '../../pipeline/trace-store/trace-store.ts'
import type { OtelLogRow, OtelTraceRow } from '../../schemas/tables.ts'
import type { StoredTrace } from './assemble-run.ts'
import type { DueTrace } from './due-traces.ts'

/** Bytes of spans and logs held at a time; one larger trace is read with its values cut. */
export const GROUP_BYTES = 32 * 1024 * 1024
/** Beside its values a row costs so much. */
const ROW_BYTES = 1000
/** Of one trace, those that start first. */
const MOST_ITEMS = 20_000
const SHORTEST_CUT = 64
const DAY_MS = 86_400_000

/** Traces that are read together. */
export interface TraceGroup {
  readonly traces: readonly DueTrace[]
  /** Longest value in characters; null where all are read whole. */
  readonly cut: number | null
  /** Time ranges of the group's spans and logs; null where a clock was so wrong that they say nothing. */
  readonly ranges: Readonly<Record<'spans' | 'logs', TimeRange | null>>
}

interface TimeRange {
  readonly from: string
  readonly to: string
}

interface IndexRow {
  readonly traceId: string
  readonly kind: 'spans' | 'logs'
  readonly from: string
  readonly to: string
  /** 0 where times wrapped round or lie in the future. */
  readonly sane: number
  readonly items: string
  readonly bytes: string
}

const INDEX_SQL = `
SELECT TraceId AS traceId, Kind AS kind, toString(min(Start)) AS from, toString(max(End)) AS to,
  min(Start <= End AND End <= now() + INTERVAL 1 DAY) AS sane, sum(Items) AS items, sum(Bytes) AS bytes
FROM neosigma_trace_index WHERE TraceId IN {ids: Array(String)} GROUP BY TraceId, Kind`

/** Cuts the due traces into groups of bounded size. */
export const groupTraces = async (
  store: TraceStore,
  due: readonly DueTrace[],
): Promise<readonly TraceGroup[]> => {
  const ids = due.map(({ traceId }) => traceId)
  const rows = Map.groupBy(
    await store.query<IndexRow>(INDEX_SQL, { ids }),
    ({ traceId }) => traceId,
  )
  const groups: DueTrace[][] = []
  let room = 0
  for (const trace of due) {
    const bytes = weightOf(rows.get(trace.traceId) ?? [])
    if (bytes > room || groups.length === 0) {
      groups.push([])
      room = GROUP_BYTES
    }
    groups.at(-1)?.push(trace)
    room -= bytes
  }
  return groups.map((traces) => groupOf(traces, rows))
}

const weightOf = (rows: readonly IndexRow[]): number =>
  rows.reduce((sum, { items, bytes }) => sum + Number(bytes) + ROW_BYTES * Number(items), 0)

const groupOf = (
  traces: readonly DueTrace[],
  rows: ReadonlyMap<string, readonly IndexRow[]>,
): TraceGroup => {
  const own = traces.flatMap(({ traceId }) => rows.get(traceId) ?? [])
  const items = own.reduce((sum, row) => sum + Number(row.items), 0)
  const isLarge = weightOf(own) > GROUP_BYTES
  return {
    traces,
    cut: isLarge
      ? Math.max(SHORTEST_CUT, Math.floor(GROUP_BYTES / 2 / Math.min(items, MOST_ITEMS)))
      : null,
    ranges: { spans: rangeOf(own, 'spans'), logs: rangeOf(own, 'logs') },
  }
}

const rangeOf = (rows: readonly IndexRow[], kind: 'spans' | 'logs'): TimeRange | null => {
  const own = rows.filter((row) => row.kind === kind)
  if (own.some(({ sane }) => sane === 0)) return null
  const first = own.map(({ from }) => from).sort()[0]
  const last = own
    .map(({ to }) => to)
    .sort()
    .at(-1)
  return first === undefined || last === undefined ? null : { from: first, to: last }
}

const SPAN_COLUMNS = `Timestamp, TraceId, SpanId, ParentSpanId, TraceState, SpanName, SpanKind, ServiceName,
  ScopeName, ScopeVersion, Duration, StatusCode, Events.Timestamp, Events.Name, Links.TraceId, Links.SpanId,
  Links.TraceState, Links.Attributes`
const LOG_COLUMNS = `Timestamp, TraceId, SpanId, TraceFlags, SeverityText, SeverityNumber, ServiceName,
  ResourceSchemaUrl, ScopeSchemaUrl, ScopeName, ScopeVersion, ScopeAttributes, EventName, SourcePosition`

const cutMap = (map: string): string =>
  `mapApply((k, v) -> (k, leftUTF8(v, {cut: UInt32})), ${map})`
const SPAN_VALUES = {
  whole: 'ResourceAttributes, SpanAttributes, StatusMessage, Events.Attributes',
  cut: `ResourceAttributes, ${cutMap('SpanAttributes')} AS SpanAttributes,
  leftUTF8(StatusMessage, {cut: UInt32}) AS StatusMessage,
  arrayMap(one -> ${cutMap('one')}, Events.Attributes) AS \`Events.Attributes\``,
}
const LOG_VALUES = {
  whole: 'ResourceAttributes, LogAttributes, Body',
  cut: `ResourceAttributes, ${cutMap('LogAttributes')} AS LogAttributes,
  leftUTF8(Body, {cut: UInt32}) AS Body`,
}

const statement = (
  table: string,
  columns: string,
  { cut, range }: { readonly cut: number | null; readonly range: TimeRange | null },
): string =>
  [
    `SELECT ${columns} FROM ${table} WHERE TraceId IN {ids: Array(String)}`,
    // The same conversion as in the index, so that a time that wraps round wraps here too.
    ...(range === null
      ? []
      : [
          'AND toDateTime(Timestamp) >= {from: DateTime} AND toDateTime(Timestamp) <= {to: DateTime}',
        ]),
    ...(cut === null ? [] : [`ORDER BY Timestamp LIMIT ${MOST_ITEMS}`]),
  ].join('\n')

/** Reads a group. */
export const readGroup = async (
  store: TraceStore,
  { traces, cut, ranges }: TraceGroup,
): Promise<readonly StoredTrace[]> => {
  const ids = traces.map(({ traceId }) => traceId)
  const parameters = { ids, ...(cut === null ? {} : { cut }) }
  const form = cut === null ? 'whole' : 'cut'
  const spans = Map.groupBy(
    await store.query<OtelTraceRow>(
      statement('otel_traces', `${SPAN_COLUMNS}, ${SPAN_VALUES[form]}`, {
        cut,
        range: ranges.spans,
      }),
      { ...parameters, ...ranges.spans },
    ),
    ({ TraceId }) => TraceId,
  )
  const logs = Map.groupBy(
    await store.query<OtelLogRow>(
      statement('otel_logs', `${LOG_COLUMNS}, ${LOG_VALUES[form]}`, { cut, range: ranges.logs }),
      { ...parameters, ...ranges.logs },
    ),
    ({ TraceId }) => TraceId,
  )
  return traces.map(({ traceId, throughMs }) => ({
    traceId,
    spans: spans.get(traceId) ?? [],
    logs: logs.get(traceId) ?? [],
    truncated: cut !== null,
    latestMs: Number(throughMs) + DAY_MS,
  }))
}
