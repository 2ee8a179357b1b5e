import { canonicalJson } from '../../schemas/canonical-json.ts'
import type { OtelLogRow, OtelTraceRow } from '../../schemas/tables.ts'
import type { Attributes } from './attributes.ts'

/** Something that happened in a span: an event of the span, or a log record that carries its ids. */
export interface SpanEvent {
  readonly name: string
  readonly at: string
  readonly attributes: Attributes
  /** Body of a log record, as text or JSON text; '' for an event of a span. */
  readonly body: string
}

/** One span with everything that was said about it. */
export interface Span {
  readonly row: OtelTraceRow
  readonly attributes: Attributes
  readonly events: readonly SpanEvent[]
  readonly startNs: bigint
  readonly durationNs: bigint
}

/** What one trace holds, each thing once, in a fixed order whatever the order of the rows. */
export interface TraceRows {
  readonly spans: readonly Span[]
  /** Events of log records whose span is unknown or not named. */
  readonly unplaced: readonly SpanEvent[]
}

/**
 * Spans joined with the log records of the same span id, ordered by start. The same span twice counts once (the one that
 * ended later, a retried export of an unfinished one before); so do log lines equal in time and content. Starts later
 * than `latestMs` are of a wrong clock.
 */
export const readSpans = (
  spanRows: readonly OtelTraceRow[],
  logRows: readonly OtelLogRow[],
  latestMs: number = LAST_MS,
): TraceRows => {
  const rows = newestOfEach(spanRows)
  const known = new Set(rows.map((row) => row.SpanId))
  const logs = Map.groupBy(distinctLogs(logRows), ({ SpanId }) => (known.has(SpanId) ? SpanId : ''))
  const latestNs = BigInt(Math.trunc(latestMs)) * 1_000_000n
  const clock = { latestNs, fallbackNs: earliestStart(rows, latestNs) }
  const spans = rows
    .map((row) => spanOf(row, logs.get(row.SpanId) ?? [], clock))
    .sort((a, b) => compareBig(a.startNs, b.startNs) || compare(a.row.SpanId, b.row.SpanId))
  return { spans, unplaced: (logs.get('') ?? []).map(eventOfLog) }
}

const newestOfEach = (rows: readonly OtelTraceRow[]): readonly OtelTraceRow[] => {
  const newest = new Map<string, { readonly row: OtelTraceRow; readonly rank: string }>()
  for (const row of rows) {
    const known = newest.get(row.SpanId)
    const rank = `${row.Duration.padStart(20, '0')} ${canonicalJson(row)}`
    if (known === undefined || known.rank < rank) newest.set(row.SpanId, { row, rank })
  }
  return [...newest.values()].map(({ row }) => row)
}

const distinctLogs = (rows: readonly OtelLogRow[]): readonly OtelLogRow[] => {
  const distinct = new Map<string, OtelLogRow>()
  for (const row of rows) {
    const { SourcePosition, ...content } = row
    const key = canonicalJson(content)
    const known = distinct.get(key)
    if (known === undefined || inOrder(SourcePosition, known.SourcePosition) < 0)
      distinct.set(key, row)
  }
  return [...distinct]
    .sort(
      ([keyA, a], [keyB, b]) =>
        compare(a.Timestamp, b.Timestamp) ||
        inOrder(a.SourcePosition, b.SourcePosition) ||
        compare(keyA, keyB),
    )
    .map(([, row]) => row)
}

const collator = new Intl.Collator('en', { numeric: true })
/** Positions hold numbers: `otlp_logs:3:9:0` comes before `otlp_logs:3:10:0`. */
const inOrder = (a: string, b: string): number => collator.compare(a, b)

interface ClockBounds {
  /** What starts later has a wrong clock. */
  readonly latestNs: bigint
  /** The start of a span whose own cannot be used. */
  readonly fallbackNs: bigint
}

const spanOf = (row: OtelTraceRow, logs: readonly OtelLogRow[], clock: ClockBounds): Span => {
  const events = row['Events.Name'].map((name, index) => ({
    name,
    at: row['Events.Timestamp'][index] ?? row.Timestamp,
    attributes: row['Events.Attributes'][index] ?? {},
    body: '',
  }))
  return {
    row,
    attributes: row.SpanAttributes,
    events: [...events, ...logs.map(eventOfLog)],
    ...timesOf(row, clock),
  }
}

const eventOfLog = (row: OtelLogRow): SpanEvent => ({
  name: row.EventName || (row.LogAttributes['event.name'] ?? ''),
  at: row.Timestamp,
  attributes: row.LogAttributes,
  body: row.Body,
})

const DAY_NS = 86_400_000_000_000n
/** Before 2000 a clock was not set; the store's own range ends in 2262. */
const FIRST_NS = 946_684_800_000_000_000n
const LAST_MS = 9_214_646_400_000
const LONGEST_NS = 366n * DAY_NS

/**
 * Start and duration that can be computed with. A start that was never set takes the end, else the trace's first start;
 * a duration of more than a year means that the end was never set, or the start.
 */
const timesOf = (
  row: OtelTraceRow,
  { latestNs, fallbackNs }: ClockBounds,
): { readonly startNs: bigint; readonly durationNs: bigint } => {
  const startNs = nsOf(row.Timestamp)
  const durationNs = durationOf(row)
  if (isSet(startNs, latestNs))
    return { startNs, durationNs: durationNs > LONGEST_NS ? 0n : durationNs }
  const endNs = startNs + durationNs
  return { startNs: isSet(endNs, latestNs) ? endNs : fallbackNs, durationNs: 0n }
}

const isSet = (ns: bigint, latestNs: bigint): boolean => ns >= FIRST_NS && ns <= latestNs

const earliestStart = (rows: readonly OtelTraceRow[], latestNs: bigint): bigint =>
  rows
    .map((row) => nsOf(row.Timestamp))
    .filter((ns) => isSet(ns, latestNs))
    .reduce((least, ns) => (least === 0n || ns < least ? ns : least), 0n)

const durationOf = ({ Duration }: OtelTraceRow): bigint =>
  /^\d{1,20}$/.test(Duration) ? BigInt(Duration) : 0n

/** Nanoseconds since 1970 of the store's `YYYY-MM-DD hh:mm:ss.fffffffff`; 0 where it is no time. */
const nsOf = (text: string): bigint => {
  const seconds = Date.parse(`${text.slice(0, 10)}T${text.slice(11, 19)}Z`)
  if (Number.isNaN(seconds)) return 0n
  const fraction = text.slice(20, 29).padEnd(9, '0')
  return BigInt(seconds) * 1_000_000n + BigInt(/^\d{9}$/.test(fraction) ? fraction : '0')
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const compareBig = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)
