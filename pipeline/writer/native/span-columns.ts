import {
  arrayColumn,
  codedColumn,
  longColumn,
  mapColumn,
  stringColumn,
  timeColumn,
} from './columns.ts'

/** The columns of `otel_traces` that are written, and those of its lists' elements. */
export const spanColumns = () => {
  const event = { time: timeColumn(), name: codedColumn(), attributes: mapColumn() }
  const link = {
    traceId: stringColumn(),
    spanId: stringColumn(),
    traceState: stringColumn(),
    attributes: mapColumn(),
  }
  return {
    event,
    link,
    table: {
      Timestamp: timeColumn(),
      TraceId: stringColumn(),
      SpanId: stringColumn(),
      ParentSpanId: stringColumn(),
      TraceState: stringColumn(),
      SpanName: codedColumn(),
      SpanKind: codedColumn(),
      ServiceName: codedColumn(),
      ResourceAttributes: mapColumn(),
      ScopeName: stringColumn(),
      ScopeVersion: stringColumn(),
      SpanAttributes: mapColumn(),
      Duration: longColumn(),
      StatusCode: codedColumn(),
      StatusMessage: stringColumn(),
      'Events.Timestamp': arrayColumn(event.time),
      'Events.Name': arrayColumn(event.name),
      'Events.Attributes': arrayColumn(event.attributes),
      'Links.TraceId': arrayColumn(link.traceId),
      'Links.SpanId': arrayColumn(link.spanId),
      'Links.TraceState': arrayColumn(link.traceState),
      'Links.Attributes': arrayColumn(link.attributes),
    },
  }
}

export type SpanColumns = ReturnType<typeof spanColumns>
