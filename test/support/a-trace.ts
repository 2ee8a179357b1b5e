import { sha256 } from '../../schemas/canonical-json.ts'
import type { OtelLogRow, OtelTraceRow, SignalRow } from '../../schemas/tables.ts'

export type AttributeValue = string | number | boolean | readonly unknown[] | object

/** Attributes as the writer stores them: text as it is, everything else as JSON text. */
export const attributesOf = (
  values: Readonly<Record<string, AttributeValue>>,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  )

export const traceIdFor = (name: string): string => sha256(`trace ${name}`).slice(0, 32)
export const spanIdFor = (name: string): string =>
  name === '' ? '' : sha256(`span ${name}`).slice(0, 16)

export interface SpanOptions {
  /** Names of the span and its parent; ids are made of them. */
  readonly id: string
  readonly parent?: string
  readonly trace?: string
  readonly name?: string
  readonly scope?: string
  readonly attributes?: Readonly<Record<string, AttributeValue>>
  readonly resource?: Readonly<Record<string, AttributeValue>>
  readonly events?: readonly {
    readonly name: string
    readonly attributes: Readonly<Record<string, AttributeValue>>
  }[]
  /** Seconds after 2026-11-01 10:00. */
  readonly at?: number
  readonly seconds?: number
  readonly error?: string
  readonly links?: readonly string[]
}

const START_MS = Date.parse('2026-11-01T10:00:00Z')
const timeAt = (seconds: number): string =>
  new Date(START_MS + seconds * 1000).toISOString().replace('T', ' ').replace('Z', '000000')

/** A span as the store holds it. */
export const aSpan = (options: SpanOptions): OtelTraceRow => {
  const { id, parent = '', at = 0, seconds = 1, events = [], links = [], error } = options
  return {
    Timestamp: timeAt(at),
    TraceId: traceIdFor(options.trace ?? 'one'),
    SpanId: spanIdFor(id),
    ParentSpanId: spanIdFor(parent),
    TraceState: '',
    SpanName: options.name ?? id,
    SpanKind: 'Internal',
    ServiceName: String(options.resource?.['service.name'] ?? 'desk-service'),
    ResourceAttributes: attributesOf({ 'service.name': 'desk-service', ...options.resource }),
    ScopeName: options.scope ?? '',
    ScopeVersion: '',
    SpanAttributes: attributesOf(options.attributes ?? {}),
    Duration: String(Math.round(seconds * 1e9)),
    StatusCode: error === undefined ? 'Unset' : 'Error',
    StatusMessage: error ?? '',
    'Events.Timestamp': events.map(() => timeAt(at)),
    'Events.Name': events.map(({ name }) => name),
    'Events.Attributes': events.map(({ attributes }) => attributesOf(attributes)),
    'Links.TraceId': links,
    'Links.SpanId': links.map(() => '00000000000000aa'),
    'Links.TraceState': links.map(() => ''),
    'Links.Attributes': links.map(() => ({})),
  }
}

export interface LogOptions {
  /** Name of the span it belongs to; '' for none. */
  readonly span?: string
  readonly trace?: string
  /** In the field of its own; instrumentations of before put it into the attribute `event.name`. */
  readonly event?: string
  readonly attributes?: Readonly<Record<string, AttributeValue>>
  readonly body?: AttributeValue
  readonly at?: number
  readonly position?: number
}

export const aLog = (options: LogOptions): OtelLogRow => ({
  Timestamp: timeAt(options.at ?? 0),
  TraceId: traceIdFor(options.trace ?? 'one'),
  SpanId: spanIdFor(options.span ?? ''),
  TraceFlags: 1,
  SeverityText: 'INFO',
  SeverityNumber: 9,
  ServiceName: 'desk-service',
  Body:
    typeof options.body === 'string'
      ? options.body
      : options.body === undefined
        ? ''
        : JSON.stringify(options.body),
  ResourceSchemaUrl: '',
  ResourceAttributes: {},
  ScopeSchemaUrl: '',
  ScopeName: '',
  ScopeVersion: '',
  ScopeAttributes: {},
  LogAttributes: attributesOf(options.attributes ?? {}),
  EventName: options.event ?? '',
  SourcePosition: `otlp_logs:0:${options.position ?? 0}:0`,
})

export const aSignalRow = (overrides: Partial<SignalRow> = {}): SignalRow => ({
  Id: 's1',
  TraceId: traceIdFor('one'),
  SpanId: '',
  SessionId: '',
  Agent: '',
  Name: 'user_feedback',
  Type: 'explicit',
  Value: 1,
  Label: null,
  Explanation: null,
  Source: 'api',
  ScorerVersion: null,
  UserId: null,
  At: '2026-11-01 11:00:00.000',
  ...overrides,
})
