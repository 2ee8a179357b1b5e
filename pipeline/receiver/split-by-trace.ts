import { InvalidInputError } from '../../schemas/errors.ts'
import { encodeLogs, encodeTraces } from '../otlp/encode.ts'
import type {
  KeyValue,
  LogRecord,
  Logs,
  Resource,
  ResourceLogs,
  ResourceSpans,
  Scope,
  ScopeLogs,
  ScopeSpans,
  Span,
  Traces,
} from '../otlp/otlp-types.ts'
import { ownOrigin } from '../otlp/own-origin.ts'
import { logProblem, spanProblem } from './item-problem.ts'

/** What of one request goes to the log: the spans or log records of one trace. */
export interface TraceRecord {
  /** The trace id; null for log records outside a trace, which stay together. */
  readonly key: string | null
  /** An export request in protobuf. */
  readonly value: Uint8Array
  readonly items: number
}

export type Counts = ReadonlyMap<string, number>

export interface Split {
  readonly records: readonly TraceRecord[]
  /** By reason: NeoSigma's own telemetry and that of evaluation runs. */
  readonly diverted: Counts
  /** By reason: what no reader could use. */
  readonly rejected: Counts
}

/** A trace of more bytes is cut into several records: Kafka's default limit is 1 MiB, and readers expect pieces. */
const RECORD_BYTES = 512 * 1024

interface ResourceGroup {
  readonly resource: Resource
}
interface ScopeGroup {
  readonly scope: Scope
}
interface Item {
  readonly traceId: string
  readonly attributes: readonly KeyValue[]
}
interface Entry<R, S, I> {
  readonly resource: R
  readonly scope: S
  readonly item: I
}

const group = <R, S, I, T>(
  entries: readonly Entry<R, S, I>[],
  keyOf: (entry: Entry<R, S, I>) => T,
): readonly (readonly [T, readonly Entry<R, S, I>[]])[] => [...Map.groupBy(entries, keyOf)]

interface SignalShape<R, S, I> {
  readonly problem: (item: I) => string | null
  readonly encode: (entries: readonly Entry<R, S, I>[]) => Uint8Array
}

/** Keeps records; refuses them when they hold more bytes than one request may become. */
const recordKeeper = (mostBytes: number) => {
  const records: TraceRecord[] = []
  let bytes = 0
  return {
    records,
    keep: (record: TraceRecord): void => {
      bytes += record.value.length
      if (bytes > mostBytes)
        throw new InvalidInputError(
          'payload-too-large',
          `every trace repeats its resource: together more than ${mostBytes} bytes`,
        )
      records.push(record)
    },
  }
}

/** Halves what is too long until it fits or is a single item. */
const encodeBounded = <R, S, I>(
  key: string | null,
  entries: readonly Entry<R, S, I>[],
  encode: SignalShape<R, S, I>['encode'],
  keep: (record: TraceRecord) => void,
): void => {
  const value = encode(entries)
  if (value.length <= RECORD_BYTES || entries.length === 1) {
    keep({ key, value, items: entries.length })
    return
  }
  const middle = Math.ceil(entries.length / 2)
  encodeBounded(key, entries.slice(0, middle), encode, keep)
  encodeBounded(key, entries.slice(middle), encode, keep)
}

const increment = (counts: Map<string, number>, reason: string): void => {
  counts.set(reason, (counts.get(reason) ?? 0) + 1)
}

const split = <R extends ResourceGroup, S extends ScopeGroup, I extends Item>(
  entries: readonly Entry<R, S, I>[],
  { problem, encode }: SignalShape<R, S, I>,
  mostBytes: number,
): Split => {
  const diverted = new Map<string, number>()
  const rejected = new Map<string, number>()
  const kept = entries.filter(({ resource, scope, item }) => {
    const origin = ownOrigin([
      resource.resource.attributes,
      scope.scope.attributes,
      item.attributes,
    ])
    const reason = origin ?? problem(item)
    if (reason !== null) increment(origin === null ? rejected : diverted, reason)
    return reason === null
  })
  const { records, keep } = recordKeeper(mostBytes)
  for (const [traceId, members] of group(kept, ({ item }) => item.traceId))
    encodeBounded(traceId === '' ? null : traceId, members, encode, keep)
  return { records, diverted, rejected }
}

/**
 * One record per trace, each span under its own resource and scope, in the order of the request.
 * @throws InvalidInputError `payload-too-large` where the records would hold more than `mostBytes`
 */
export const splitTraces = (traces: Traces, mostBytes: number): Split =>
  split<ResourceSpans, ScopeSpans, Span>(
    traces.resourceSpans.flatMap((resource) =>
      resource.scopeSpans.flatMap((scope) =>
        scope.spans.map((item) => ({ resource, scope, item })),
      ),
    ),
    {
      problem: spanProblem,
      encode: (entries) =>
        encodeTraces({
          resourceSpans: group(entries, (entry) => entry.resource).map(([resource, members]) => ({
            ...resource,
            scopeSpans: group(members, (entry) => entry.scope).map(([scope, items]) => ({
              ...scope,
              spans: items.map((entry) => entry.item),
            })),
          })),
        }),
    },
    mostBytes,
  )

/** The same for log records. */
export const splitLogs = (logs: Logs, mostBytes: number): Split =>
  split<ResourceLogs, ScopeLogs, LogRecord>(
    logs.resourceLogs.flatMap((resource) =>
      resource.scopeLogs.flatMap((scope) =>
        scope.logRecords.map((item) => ({ resource, scope, item })),
      ),
    ),
    {
      problem: logProblem,
      encode: (entries) =>
        encodeLogs({
          resourceLogs: group(entries, (entry) => entry.resource).map(([resource, members]) => ({
            ...resource,
            scopeLogs: group(members, (entry) => entry.scope).map(([scope, items]) => ({
              ...scope,
              logRecords: items.map((entry) => entry.item),
            })),
          })),
        }),
    },
    mostBytes,
  )
