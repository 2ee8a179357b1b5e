/**
 * OTLP traces and logs as plain data. Every field is present: what a sender left out has its protobuf default.
 * Ids are lower-case hex; an absent or all-zero id is ''. Times are nanoseconds since 1970; durations are left to readers.
 */
export type AnyValue =
  | { readonly kind: 'empty' }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'double'; readonly value: number }
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  | { readonly kind: 'array'; readonly values: readonly AnyValue[] }
  | { readonly kind: 'kvlist'; readonly values: readonly KeyValue[] }

export interface KeyValue {
  readonly key: string
  readonly value: AnyValue
}

export interface Resource {
  readonly attributes: readonly KeyValue[]
  readonly droppedAttributesCount: number
}

export interface Scope {
  readonly name: string
  readonly version: string
  readonly attributes: readonly KeyValue[]
  readonly droppedAttributesCount: number
}

export interface SpanEvent {
  readonly timeUnixNano: bigint
  readonly name: string
  readonly attributes: readonly KeyValue[]
  readonly droppedAttributesCount: number
}

export interface SpanLink {
  readonly traceId: string
  readonly spanId: string
  readonly traceState: string
  readonly attributes: readonly KeyValue[]
  readonly droppedAttributesCount: number
  readonly flags: number
}

/** `code` 0 unset, 1 ok, 2 error. */
export interface SpanStatus {
  readonly message: string
  readonly code: number
}

/** `kind` 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer; unknown numbers are kept. */
export interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly traceState: string
  readonly parentSpanId: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: bigint
  readonly endTimeUnixNano: bigint
  readonly attributes: readonly KeyValue[]
  readonly droppedAttributesCount: number
  readonly events: readonly SpanEvent[]
  readonly droppedEventsCount: number
  readonly links: readonly SpanLink[]
  readonly droppedLinksCount: number
  readonly status: SpanStatus
  readonly flags: number
}

export interface ScopeSpans {
  readonly scope: Scope
  readonly spans: readonly Span[]
  readonly schemaUrl: string
}

export interface ResourceSpans {
  readonly resource: Resource
  readonly scopeSpans: readonly ScopeSpans[]
  readonly schemaUrl: string
}

/** ExportTraceServiceRequest, which has the same bytes as TracesData. */
export interface Traces {
  readonly resourceSpans: readonly ResourceSpans[]
}

export interface LogRecord {
  readonly timeUnixNano: bigint
  readonly observedTimeUnixNano: bigint
  readonly severityNumber: number
  readonly severityText: string
  readonly body: AnyValue
  readonly attributes: readonly KeyValue[]
  readonly droppedAttributesCount: number
  readonly flags: number
  readonly traceId: string
  readonly spanId: string
  readonly eventName: string
}

export interface ScopeLogs {
  readonly scope: Scope
  readonly logRecords: readonly LogRecord[]
  readonly schemaUrl: string
}

export interface ResourceLogs {
  readonly resource: Resource
  readonly scopeLogs: readonly ScopeLogs[]
  readonly schemaUrl: string
}

/** ExportLogsServiceRequest, which has the same bytes as LogsData. */
export interface Logs {
  readonly resourceLogs: readonly ResourceLogs[]
}
