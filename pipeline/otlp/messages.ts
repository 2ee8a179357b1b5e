// The OTLP messages by their field numbers in opentelemetry-proto 1.x. Not kept: entity references of resources and the
// string table indexes of profiles.
import { anyValue, keyValue } from './any-value.ts'
import { type Message, many, message, one } from './codec.ts'
import type {
  LogRecord,
  Logs,
  Resource,
  ResourceLogs,
  ResourceSpans,
  Scope,
  ScopeLogs,
  ScopeSpans,
  Span,
  SpanEvent,
  SpanLink,
  SpanStatus,
  Traces,
} from './otlp-types.ts'
import { enumeration, fixed32, fixed64, id, string, uint32 } from './scalar-codecs.ts'

const numbered = (prefix: string, names: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries(names.map((name, i) => [prefix + name, i]))

const spanKind = enumeration(
  numbered('SPAN_KIND_', ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER']),
)
const statusCode = enumeration(numbered('STATUS_CODE_', ['UNSET', 'OK', 'ERROR']))
const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']
const severity = enumeration(
  numbered('SEVERITY_NUMBER_', [
    'UNSPECIFIED',
    ...LEVELS.flatMap((level) => [level, `${level}2`, `${level}3`, `${level}4`]),
  ]),
)

export const resource: Message<Resource> = message('Resource', {
  attributes: many(1, keyValue),
  droppedAttributesCount: one(2, uint32),
})

export const scope: Message<Scope> = message('InstrumentationScope', {
  name: one(1, string),
  version: one(2, string),
  attributes: many(3, keyValue),
  droppedAttributesCount: one(4, uint32),
})

const spanEvent: Message<SpanEvent> = message('Span.Event', {
  timeUnixNano: one(1, fixed64),
  name: one(2, string),
  attributes: many(3, keyValue),
  droppedAttributesCount: one(4, uint32),
})

const spanLink: Message<SpanLink> = message('Span.Link', {
  traceId: one(1, id),
  spanId: one(2, id),
  traceState: one(3, string),
  attributes: many(4, keyValue),
  droppedAttributesCount: one(5, uint32),
  flags: one(6, fixed32),
})

const spanStatus: Message<SpanStatus> = message('Status', {
  message: one(2, string),
  code: one(3, statusCode),
})

export const span: Message<Span> = message('Span', {
  traceId: one(1, id),
  spanId: one(2, id),
  traceState: one(3, string),
  parentSpanId: one(4, id),
  name: one(5, string),
  kind: one(6, spanKind),
  startTimeUnixNano: one(7, fixed64),
  endTimeUnixNano: one(8, fixed64),
  attributes: many(9, keyValue),
  droppedAttributesCount: one(10, uint32),
  events: many(11, spanEvent),
  droppedEventsCount: one(12, uint32),
  links: many(13, spanLink),
  droppedLinksCount: one(14, uint32),
  status: one(15, spanStatus),
  flags: one(16, fixed32),
})

const scopeSpans: Message<ScopeSpans> = message('ScopeSpans', {
  scope: one(1, scope),
  spans: many(2, span),
  schemaUrl: one(3, string),
})

const resourceSpans: Message<ResourceSpans> = message('ResourceSpans', {
  resource: one(1, resource),
  scopeSpans: many(2, scopeSpans),
  schemaUrl: one(3, string),
})

export const traces: Message<Traces> = message('ExportTraceServiceRequest', {
  resourceSpans: many(1, resourceSpans),
})

export const logRecord: Message<LogRecord> = message('LogRecord', {
  timeUnixNano: one(1, fixed64),
  severityNumber: one(2, severity),
  severityText: one(3, string),
  body: one(5, anyValue),
  attributes: many(6, keyValue),
  droppedAttributesCount: one(7, uint32),
  flags: one(8, fixed32),
  traceId: one(9, id),
  spanId: one(10, id),
  observedTimeUnixNano: one(11, fixed64),
  eventName: one(12, string),
})

const scopeLogs: Message<ScopeLogs> = message('ScopeLogs', {
  scope: one(1, scope),
  logRecords: many(2, logRecord),
  schemaUrl: one(3, string),
})

const resourceLogs: Message<ResourceLogs> = message('ResourceLogs', {
  resource: one(1, resource),
  scopeLogs: many(2, scopeLogs),
  schemaUrl: one(3, string),
})

export const logs: Message<Logs> = message('ExportLogsServiceRequest', {
  resourceLogs: many(1, resourceLogs),
})
