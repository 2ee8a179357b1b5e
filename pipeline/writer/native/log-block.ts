import { charge } from '../../otlp/codec.ts'
import {
  enter,
  leave,
  passFixed64,
  readFixed32,
  readInt32,
  readTag,
  readUint32,
  type WireReader,
} from '../../otlp/wire-reader.ts'
import { type Block, block } from './block.ts'
import {
  byteColumn,
  codedColumn,
  endRow,
  mapColumn,
  putIndex,
  putMap,
  stringColumn,
  timeColumn,
} from './columns.ts'
import { type GrowingBytes, reserve } from './growing.ts'
import { beginMap, endMap, type MapRow, mapRow } from './map-row.ts'
import { putAttribute, putValue, skipUnknown } from './put-attribute.ts'
import { putId, putText, putUtf8 } from './put-text.ts'
import { type Nanos, putTime, readNanos } from './put-time.ts'
import { type Group, openGroup, type Range, readRange } from './read-groups.ts'

const logColumns = () => ({
  Timestamp: timeColumn(),
  TraceId: stringColumn(),
  SpanId: stringColumn(),
  TraceFlags: byteColumn(),
  SeverityText: codedColumn(),
  SeverityNumber: byteColumn(),
  ServiceName: codedColumn(),
  Body: stringColumn(),
  ResourceSchemaUrl: codedColumn(),
  ResourceAttributes: mapColumn(),
  ScopeSchemaUrl: codedColumn(),
  ScopeName: stringColumn(),
  ScopeVersion: codedColumn(),
  ScopeAttributes: mapColumn(),
  LogAttributes: mapColumn(),
  EventName: stringColumn(),
  SourcePosition: stringColumn(),
})

type LogColumns = ReturnType<typeof logColumns>

interface LogFields {
  readonly time: Nanos
  readonly observed: Nanos
  readonly severityText: Range
  readonly traceId: Range
  readonly spanId: Range
  readonly eventName: Range
  severityNumber: number
  flags: number
  hasBody: boolean
  origin: string | null
}

const logFields = (): LogFields => ({
  time: { low: 0, high: 0 },
  observed: { low: 0, high: 0 },
  severityText: { start: 0, length: 0 },
  traceId: { start: 0, length: 0 },
  spanId: { start: 0, length: 0 },
  eventName: { start: 0, length: 0 },
  severityNumber: 0,
  flags: 0,
  hasBody: false,
  origin: null,
})

const reset = (fields: LogFields): void => {
  for (const nanos of [fields.time, fields.observed]) {
    nanos.low = 0
    nanos.high = 0
  }
  for (const range of [fields.severityText, fields.traceId, fields.spanId, fields.eventName])
    range.length = 0
  fields.severityNumber = 0
  fields.flags = 0
  fields.hasBody = false
  fields.origin = null
}

/**
 * The rows of `otel_logs` of records of `otlp_logs`. `SourcePosition` is the record's place in the log and the index
 * within it: that tells equal lines apart, and a repeated one from a new one.
 */
export const logBlock = (): Block => {
  const columns = logColumns()
  const group = openGroup(columns.ResourceAttributes.keys, columns.ScopeAttributes.keys)
  const { keys, values } = columns.LogAttributes
  const attributes = mapRow(keys.dictionary, keys.indexes, values)
  const fields = logFields()
  let position = ''
  let index = 0
  return block({
    columns,
    group,
    partial: [columns.LogAttributes, columns.Body],
    begin: ({ topic, partition, offset }) => {
      position = `${topic}:${partition}:${offset}`
      index = 0
    },
    read: (reader) => {
      readLog(reader, fields, columns, attributes)
      index += 1
      return fields.origin
    },
    put: (reader) => {
      putLog(reader, fields, columns, group)
      putText(columns.SourcePosition.bytes, `${position}:${index - 1}`)
    },
  })
}

const LAST_FIELD = 12
const RESERVED_FIELD = 4
const PROPERTIES = 11

const readLog = (
  reader: WireReader,
  fields: LogFields,
  columns: LogColumns,
  attributes: MapRow,
): void => {
  charge(reader, PROPERTIES)
  reset(fields)
  const body = columns.Body.bytes
  const bodyStart = body.length
  const outer = enter(reader)
  beginMap(attributes)
  while (reader.position < reader.end) {
    const tag = readTag(reader)
    if (tag === 42) {
      body.length = bodyStart
      putValue(body, reader)
      fields.hasBody = true
    } else if (tag === 50) {
      const mark = putAttribute(attributes, reader)
      fields.origin ??= mark
    } else if (!readScalar(reader, fields, tag)) skipOther(reader, tag)
  }
  endMap(attributes)
  if (!fields.hasBody) putText(body, '')
  leave(reader, outer)
}

const skipOther = (reader: WireReader, tag: number): void =>
  skipUnknown(reader, tag, tag >>> 3 === RESERVED_FIELD ? 0 : LAST_FIELD)

const readScalar = (reader: WireReader, fields: LogFields, tag: number): boolean => {
  switch (tag) {
    case 9:
      readNanos(fields.time, reader.view, passFixed64(reader))
      return true
    case 16:
      fields.severityNumber = readInt32(reader)
      return true
    case 26:
      readRange(reader, fields.severityText)
      return true
    case 56:
      readUint32(reader)
      return true
    case 69:
      fields.flags = readFixed32(reader)
      return true
    case 74:
      readRange(reader, fields.traceId)
      return true
    case 82:
      readRange(reader, fields.spanId)
      return true
    case 89:
      readNanos(fields.observed, reader.view, passFixed64(reader))
      return true
    case 98:
      readRange(reader, fields.eventName)
      return true
    default:
      return false
  }
}

const putLog = (
  { bytes }: WireReader,
  fields: LogFields,
  columns: LogColumns,
  group: Group,
): void => {
  const { time, observed } = fields
  putTime(columns.Timestamp.words, time.low === 0 && time.high === 0 ? observed : time)
  putId(columns.TraceId.bytes, bytes, fields.traceId.start, fields.traceId.length)
  putId(columns.SpanId.bytes, bytes, fields.spanId.start, fields.spanId.length)
  // The flags of W3C trace context are the lowest eight bits.
  putByte(columns.TraceFlags.bytes, fields.flags)
  putCoded(columns.SeverityText, bytes, fields.severityText)
  // 1 to 24; of any other number the exporter keeps the lowest eight bits.
  putByte(columns.SeverityNumber.bytes, fields.severityNumber)
  putCoded(columns.ServiceName, group.resource.values.bytes, group.service)
  putCoded(columns.ResourceSchemaUrl, bytes, group.resourceSchema)
  putMap(columns.ResourceAttributes, group.resource)
  putCoded(columns.ScopeSchemaUrl, bytes, group.scopeSchema)
  putUtf8(columns.ScopeName.bytes, bytes, group.scopeName.start, group.scopeName.length)
  putCoded(columns.ScopeVersion, bytes, group.scopeVersion)
  putMap(columns.ScopeAttributes, group.scope)
  endRow(columns.LogAttributes, columns.LogAttributes.keys.indexes.length)
  putUtf8(columns.EventName.bytes, bytes, fields.eventName.start, fields.eventName.length)
}

const putByte = (space: GrowingBytes, value: number): void => {
  const place = reserve(space, 1)
  space.bytes[place] = value & 0xff
  space.length = place + 1
}

const putCoded = (
  column: ReturnType<typeof codedColumn>,
  bytes: Buffer,
  { start, length }: Range,
): void => putIndex(column, column.dictionary.indexOf(bytes, start, length))
