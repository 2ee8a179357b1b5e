import { decodeTraces } from '../../../pipeline/otlp/decode.ts'
import type {
  ResourceSpans,
  ScopeSpans,
  Span,
  SpanEvent,
  SpanLink,
} from '../../../pipeline/otlp/otlp-types.ts'
import { attributeTexts } from '../../../pipeline/writer/value-text.ts'
import type { OtelTraceRow } from '../../../schemas/tables.ts'
import { nanosText } from './nanos-text.ts'
import { type RecordRows, rowCollector, textLengthOf } from './record-rows.ts'

/** Spelled as the Collector's exporter does; numbers that it does not know are empty there as well. */
const KINDS = ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer']
const STATUS_CODES = ['Unset', 'Ok', 'Error']

/** The rows of `otel_traces` that one record of `otlp_spans` holds. @throws InvalidInputError */
export const spanRows = (value: Uint8Array): RecordRows<OtelTraceRow> => {
  const rows = rowCollector<OtelTraceRow>(value.byteLength)
  for (const resourceSpans of decodeTraces(value).resourceSpans) addResource(rows, resourceSpans)
  return rows.finish()
}

type Rows = ReturnType<typeof rowCollector<OtelTraceRow>>

const addResource = (rows: Rows, { resource, scopeSpans }: ResourceSpans): void => {
  const ResourceAttributes = attributeTexts(resource.attributes)
  const group = {
    attributes: resource.attributes,
    textLength: textLengthOf(ResourceAttributes),
  }
  for (const { scope, spans } of scopeSpans) {
    const scopeGroup = {
      attributes: scope.attributes,
      textLength: scope.name.length + scope.version.length,
    }
    for (const span of spans)
      rows.add(group, scopeGroup, span, () => rowOf(ResourceAttributes, scope, span))
  }
}

const rowOf = (
  ResourceAttributes: OtelTraceRow['ResourceAttributes'],
  scope: ScopeSpans['scope'],
  span: Span,
): OtelTraceRow => ({
  Timestamp: nanosText(span.startTimeUnixNano),
  TraceId: span.traceId,
  SpanId: span.spanId,
  ParentSpanId: span.parentSpanId,
  TraceState: span.traceState,
  SpanName: span.name,
  SpanKind: KINDS[span.kind] ?? '',
  ServiceName: ResourceAttributes['service.name'] ?? '',
  ResourceAttributes,
  ScopeName: scope.name,
  ScopeVersion: scope.version,
  SpanAttributes: attributeTexts(span.attributes),
  Duration: durationOf(span),
  StatusCode: STATUS_CODES[span.status.code] ?? '',
  StatusMessage: span.status.message,
  ...eventColumns(span.events),
  ...linkColumns(span.links),
})

/** A span that ends before it begins, or never said when, took no time. */
const durationOf = ({ startTimeUnixNano, endTimeUnixNano }: Span): string =>
  String(endTimeUnixNano > startTimeUnixNano ? endTimeUnixNano - startTimeUnixNano : 0n)

type EventColumns = Pick<OtelTraceRow, 'Events.Timestamp' | 'Events.Name' | 'Events.Attributes'>

const eventColumns = (events: readonly SpanEvent[]): EventColumns => ({
  'Events.Timestamp': events.map(({ timeUnixNano }) => nanosText(timeUnixNano)),
  'Events.Name': events.map(({ name }) => name),
  'Events.Attributes': events.map(({ attributes }) => attributeTexts(attributes)),
})

type LinkColumns = Pick<
  OtelTraceRow,
  'Links.TraceId' | 'Links.SpanId' | 'Links.TraceState' | 'Links.Attributes'
>

const linkColumns = (links: readonly SpanLink[]): LinkColumns => ({
  'Links.TraceId': links.map(({ traceId }) => traceId),
  'Links.SpanId': links.map(({ spanId }) => spanId),
  'Links.TraceState': links.map(({ traceState }) => traceState),
  'Links.Attributes': links.map(({ attributes }) => attributeTexts(attributes)),
})
