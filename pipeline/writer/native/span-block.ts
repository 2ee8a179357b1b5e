import type { WireReader } from '../../otlp/wire-reader.ts'
import { type Block, block } from './block.ts'
import {
  type ArrayColumn,
  type CodedColumn,
  endRow,
  mapColumn,
  putIndex,
  putMap,
} from './columns.ts'
import { mapRow } from './map-row.ts'
import { putId, putUtf8 } from './put-text.ts'
import { putDuration, putTime } from './put-time.ts'
import { type Group, openGroup } from './read-groups.ts'
import { readSpan, type SpanFields, type SpanRows, spanFields } from './read-span.ts'
import { type SpanColumns, spanColumns } from './span-columns.ts'

/** Spelled as the Collector's exporter does; numbers that it does not know are empty there as well. */
const KINDS = ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer'].map(asBytes)
const STATUS_CODES = ['Unset', 'Ok', 'Error'].map(asBytes)
const UNKNOWN = asBytes('')

function asBytes(text: string): Buffer {
  return Buffer.from(text)
}

/** The rows of `otel_traces` of records of `otlp_spans`, from the wire into columns without objects in between. */
export const spanBlock = (): Block => {
  const columns = spanColumns()
  const { event, link, table } = columns
  // Spans do not keep the attributes of their scope: these are read for what they mark.
  const group = openGroup(table.ResourceAttributes.keys, mapColumn().keys)
  const fields = spanFields()
  const rows: SpanRows = {
    attributes: rowOf(table.SpanAttributes),
    eventAttributes: rowOf(event.attributes),
    linkAttributes: rowOf(link.attributes),
  }
  return block({
    columns: table,
    group,
    partial: [
      table.SpanAttributes,
      event.time,
      event.name,
      event.attributes,
      link.traceId,
      link.spanId,
      link.traceState,
      link.attributes,
    ],
    begin: () => {},
    read: (reader) => {
      readSpan(reader, fields, columns, rows)
      return fields.origin
    },
    put: (reader) => putSpan(reader, fields, columns, group),
  })
}

const rowOf = ({ keys, values }: ReturnType<typeof mapColumn>) =>
  mapRow(keys.dictionary, keys.indexes, values)

const putSpan = (
  reader: WireReader,
  fields: SpanFields,
  { table, event, link }: SpanColumns,
  group: Group,
): void => {
  const { bytes } = reader
  putTime(table.Timestamp.words, fields.start)
  putId(table.TraceId.bytes, bytes, fields.traceId.start, fields.traceId.length)
  putId(table.SpanId.bytes, bytes, fields.spanId.start, fields.spanId.length)
  putId(table.ParentSpanId.bytes, bytes, fields.parentSpanId.start, fields.parentSpanId.length)
  putUtf8(table.TraceState.bytes, bytes, fields.traceState.start, fields.traceState.length)
  putCoded(table.SpanName, bytes, fields.name)
  putKnown(table.SpanKind, KINDS[fields.kind])
  putCoded(table.ServiceName, group.resource.values.bytes, group.service)
  putMap(table.ResourceAttributes, group.resource)
  putUtf8(table.ScopeName.bytes, bytes, group.scopeName.start, group.scopeName.length)
  putUtf8(table.ScopeVersion.bytes, bytes, group.scopeVersion.start, group.scopeVersion.length)
  endRow(table.SpanAttributes, table.SpanAttributes.keys.indexes.length)
  putDuration(table.Duration.words, fields.start, fields.end)
  putKnown(table.StatusCode, STATUS_CODES[fields.statusCode])
  putUtf8(table.StatusMessage.bytes, bytes, fields.statusMessage.start, fields.statusMessage.length)
  const events = event.name.indexes.length
  endRows(events, [table['Events.Timestamp'], table['Events.Name'], table['Events.Attributes']])
  const links = link.attributes.ends.length / 2
  endRows(links, [
    table['Links.TraceId'],
    table['Links.SpanId'],
    table['Links.TraceState'],
    table['Links.Attributes'],
  ])
}

const putCoded = (
  column: CodedColumn,
  bytes: Buffer,
  { start, length }: { readonly start: number; readonly length: number },
): void => putIndex(column, column.dictionary.indexOf(bytes, start, length))

const putKnown = (column: CodedColumn, text = UNKNOWN): void =>
  putIndex(column, column.dictionary.indexOf(text, 0, text.length))

const endRows = (elements: number, lists: readonly ArrayColumn[]): void => {
  for (const list of lists) endRow(list, elements)
}
