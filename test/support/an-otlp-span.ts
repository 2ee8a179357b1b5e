import type {
  KeyValue,
  LogRecord,
  Logs,
  Resource,
  Scope,
  Span,
  Traces,
} from '../../pipeline/otlp/otlp-types.ts'

export const attribute = (key: string, value: string): KeyValue => ({
  key,
  value: { kind: 'string', value },
})

/** 2026-03-01 10:00:00.123456789 UTC. */
export const SOME_NANOS = BigInt(Date.UTC(2026, 2, 1, 10, 0, 0, 123)) * 1_000_000n + 456_789n

/** A valid span with overrides. */
export const anOtlpSpan = (overrides: Partial<Span> = {}): Span => ({
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: '00f067aa0ba902b7',
  parentSpanId: '',
  traceState: '',
  name: 'chat m',
  kind: 3,
  startTimeUnixNano: SOME_NANOS,
  endTimeUnixNano: SOME_NANOS + 1_500_000_000n,
  attributes: [],
  droppedAttributesCount: 0,
  events: [],
  droppedEventsCount: 0,
  links: [],
  droppedLinksCount: 0,
  status: { code: 0, message: '' },
  flags: 0,
  ...overrides,
})

/** A valid log record with overrides. */
export const anOtlpLog = (overrides: Partial<LogRecord> = {}): LogRecord => ({
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: '00f067aa0ba902b7',
  timeUnixNano: SOME_NANOS,
  observedTimeUnixNano: 0n,
  severityNumber: 9,
  severityText: 'INFO',
  body: { kind: 'string', value: 'hello' },
  attributes: [],
  droppedAttributesCount: 0,
  flags: 1,
  eventName: '',
  ...overrides,
})

const resourceOf = (attributes: readonly KeyValue[]): Resource => ({
  attributes,
  droppedAttributesCount: 0,
})

const scope: Scope = { name: 'scope', version: '1', attributes: [], droppedAttributesCount: 0 }

const SERVICE = [attribute('service.name', 'shop')]

/** An export request of spans under one resource and scope. */
export const tracesWith = (
  spans: readonly Span[],
  resourceAttributes: readonly KeyValue[] = SERVICE,
): Traces => ({
  resourceSpans: [
    {
      resource: resourceOf(resourceAttributes),
      schemaUrl: '',
      scopeSpans: [{ scope, schemaUrl: '', spans }],
    },
  ],
})

/** The same of log records. */
export const logsWith = (
  logRecords: readonly LogRecord[],
  resourceAttributes: readonly KeyValue[] = SERVICE,
): Logs => ({
  resourceLogs: [
    {
      resource: resourceOf(resourceAttributes),
      schemaUrl: 'https://resource',
      scopeLogs: [{ scope, schemaUrl: 'https://scope', logRecords }],
    },
  ],
})
