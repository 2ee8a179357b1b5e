import { assembleRun, openRuns } from '../../consumers/runs/assemble-run.ts'
import { type AgentRun, agentRun } from '../../schemas/agent-run.ts'
import type { OtelLogRow, OtelTraceRow } from '../../schemas/tables.ts'
import type { Capture } from './dialect-capture.ts'

/** One trace of a capture: as it came, and the runs that are made of it. */
export interface CapturedTrace {
  readonly raw: RawTrace
  readonly runs: readonly AgentRun[]
}

interface RawTrace {
  readonly spans: readonly unknown[]
  readonly logs: readonly unknown[]
}

const RULES = { passThreshold: 0.5, passThresholds: {} }

/** The traces of a capture in order of their start, without what differs from run to run: ids, times and ports. */
export const capturedTraces = ({ spans, logs }: Capture): readonly CapturedTrace[] => {
  const traces = Map.groupBy(
    spans.toSorted((a, b) => compare(a.Timestamp, b.Timestamp)),
    ({ TraceId }) => TraceId,
  )
  return [...traces].map(([traceId, rows]) => {
    const own = inOrder(rows)
    const ownLogs = logs.filter((row) => row.TraceId === traceId)
    const open = openRuns({
      traceId,
      spans: own,
      logs: ownLogs,
      truncated: false,
      latestMs: Date.now() + 1000,
    })
    const names = namesOf(own)
    return {
      raw: {
        spans: own.map((row) => rawSpan(row, names)),
        logs: ownLogs.map((row) => rawLog(row, names)),
      },
      runs: (typeof open === 'string' ? [] : open).map((one) =>
        stableRun(agentRun.parse(assembleRun(one, [], RULES)), names),
      ),
    }
  })
}

/** Every span before those below it, siblings by start. */
const inOrder = (spans: readonly OtelTraceRow[]): readonly OtelTraceRow[] => {
  const known = new Set(spans.map(({ SpanId }) => SpanId))
  const below = Map.groupBy(
    spans.toSorted((a, b) => compare(a.Timestamp, b.Timestamp)),
    ({ ParentSpanId }) => (known.has(ParentSpanId) ? ParentSpanId : ''),
  )
  const from = (id: string): readonly OtelTraceRow[] =>
    (below.get(id) ?? []).flatMap((row) => [row, ...from(row.SpanId)])
  return from('')
}
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Ids of spans by their place: the first is `span 1`. */
const namesOf = (spans: readonly OtelTraceRow[]): ReadonlyMap<string, string> =>
  new Map(spans.map(({ SpanId }, place) => [SpanId, `span ${place + 1}`]))

const VOLATILE_KEY = /(duration|port|first_?chunk|finish|per_?second|time|created|thread|pid)/i
const VOLATILE = [
  [/\b(127\.0\.0\.1|localhost):\d+/g, '$1:PORT'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, 'UUID'],
  [/\bchatcmpl-[0-9a-f]+/g, 'chatcmpl-ID'],
  [/\b(aitxt|msg|run|pyd_ai|adk)[-_][A-Za-z0-9]{8,}/g, '$1-ID'],
  [/\b[0-9a-f]{32}\b/g, 'ID'],
  [/("?created"?:\s*)\d+/g, '$1TIME'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*(Z|[+-]\d\d:\d\d)?/g, 'TIME'],
  [/\b1[789]\d{8}(\.\d+)?\b/g, 'TIME'],
] as const

const stable = (text: string): string =>
  VOLATILE.reduce((masked, [pattern, mask]) => masked.replace(pattern, mask), text)

const stableAttributes = (
  attributes: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(attributes)
      .toSorted(([a], [b]) => compare(a, b))
      .map(([key, value]) => [
        key,
        VOLATILE_KEY.test(key) && /^[\d."]/.test(value) ? 'NUMBER' : stable(stackless(key, value)),
      ]),
  )

/** A stack names files of this machine. */
const stackless = (key: string, value: string): string => (/stack/.test(key) ? 'STACK' : value)

const rawSpan = (row: OtelTraceRow, names: ReadonlyMap<string, string>): unknown => ({
  name: row.SpanName,
  parent: names.get(row.ParentSpanId) ?? row.ParentSpanId,
  kind: row.SpanKind,
  scope: `${row.ScopeName} ${row.ScopeVersion}`.trim(),
  status: `${row.StatusCode} ${stable(row.StatusMessage)}`.trim(),
  attributes: stableAttributes(row.SpanAttributes),
  events: row['Events.Name'].map((name, place) => ({
    name,
    attributes: stableAttributes(row['Events.Attributes'][place] ?? {}),
  })),
})

const rawLog = (row: OtelLogRow, names: ReadonlyMap<string, string>): unknown => ({
  span: names.get(row.SpanId) ?? row.SpanId,
  event: row.EventName,
  attributes: stableAttributes(row.LogAttributes),
  body: stable(row.Body),
})

const stableRun = (run: AgentRun, names: ReadonlyMap<string, string>): AgentRun =>
  JSON.parse(
    stable(
      JSON.stringify({
        ...run,
        traceId: 'TRACE',
        revision: 'REVISION',
        durationMs: 0,
        steps: run.steps.map((step) => ({
          ...step,
          spanId: names.get(step.spanId),
          parentSpanId: step.parentSpanId === null ? null : names.get(step.parentSpanId),
          durationMs: 0,
        })),
      }),
    ),
  )
