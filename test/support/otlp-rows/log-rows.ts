import { decodeLogs } from '../../../pipeline/otlp/decode.ts'
import type { LogRecord, ResourceLogs } from '../../../pipeline/otlp/otlp-types.ts'
import { attributeTexts, valueText } from '../../../pipeline/writer/value-text.ts'
import type { OtelLogRow } from '../../../schemas/tables.ts'
import { nanosText } from './nanos-text.ts'
import { type RecordRows, rowCollector, textLengthOf } from './record-rows.ts'

/**
 * The rows of `otel_logs` that one record of `otlp_logs` holds. `position` is the record's place in the log: with the
 * index it tells equal lines apart and a repeated one from a new one.
 * @throws InvalidInputError
 */
export const logRows = (value: Uint8Array, position: string): RecordRows<OtelLogRow> => {
  const rows = rowCollector<OtelLogRow>(value.byteLength)
  let index = 0
  const nextPosition = (): string => `${position}:${index++}`
  for (const resourceLogs of decodeLogs(value).resourceLogs)
    addResource(rows, resourceLogs, nextPosition)
  return rows.finish()
}

type Rows = ReturnType<typeof rowCollector<OtelLogRow>>

const addResource = (
  rows: Rows,
  { resource, schemaUrl: ResourceSchemaUrl, scopeLogs }: ResourceLogs,
  nextPosition: () => string,
): void => {
  const ResourceAttributes = attributeTexts(resource.attributes)
  const ServiceName = ResourceAttributes['service.name'] ?? ''
  const group = {
    attributes: resource.attributes,
    textLength: textLengthOf(ResourceAttributes) + ResourceSchemaUrl.length,
  }
  for (const { scope, schemaUrl: ScopeSchemaUrl, logRecords } of scopeLogs) {
    const ScopeAttributes = attributeTexts(scope.attributes)
    const scopeGroup = {
      attributes: scope.attributes,
      textLength: textLengthOf(ScopeAttributes) + scope.name.length + scope.version.length,
    }
    for (const record of logRecords) {
      const SourcePosition = nextPosition()
      rows.add(group, scopeGroup, record, () => ({
        ...recordColumns(record),
        ServiceName,
        ResourceSchemaUrl,
        ResourceAttributes,
        ScopeSchemaUrl,
        ScopeName: scope.name,
        ScopeVersion: scope.version,
        ScopeAttributes,
        SourcePosition,
      }))
    }
  }
}

type RecordColumns = Pick<
  OtelLogRow,
  | 'Timestamp'
  | 'TraceId'
  | 'SpanId'
  | 'TraceFlags'
  | 'SeverityText'
  | 'SeverityNumber'
  | 'Body'
  | 'LogAttributes'
  | 'EventName'
>

const recordColumns = (record: LogRecord): RecordColumns => ({
  Timestamp: nanosText(record.timeUnixNano || record.observedTimeUnixNano),
  TraceId: record.traceId,
  SpanId: record.spanId,
  // The flags of W3C trace context are the lowest eight bits.
  TraceFlags: record.flags & 0xff,
  SeverityText: record.severityText,
  // 1 to 24; of any other number the exporter keeps the lowest eight bits.
  SeverityNumber: record.severityNumber & 0xff,
  Body: valueText(record.body),
  LogAttributes: attributeTexts(record.attributes),
  EventName: record.eventName,
})
