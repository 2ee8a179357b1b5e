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
import { endRow, putIndex } from './columns.ts'
import { beginMap, endMap, type MapRow } from './map-row.ts'
import { putAttribute, skipUnknown } from './put-attribute.ts'
import { putId, putUtf8 } from './put-text.ts'
import { type Nanos, putTime, readNanos } from './put-time.ts'
import { type Range, readRange } from './read-groups.ts'
import type { SpanColumns } from './span-columns.ts'

/** The fields of a span that stand once, as they are on the wire; attributes, events and links go straight to columns. */
export interface SpanFields {
  readonly traceId: Range
  readonly spanId: Range
  readonly traceState: Range
  readonly parentSpanId: Range
  readonly name: Range
  readonly statusMessage: Range
  readonly start: Nanos
  readonly end: Nanos
  readonly event: { readonly time: Nanos; readonly name: Range }
  readonly link: { readonly traceId: Range; readonly spanId: Range; readonly traceState: Range }
  kind: number
  statusCode: number
  events: number
  links: number
  origin: string | null
}

export interface SpanRows {
  readonly attributes: MapRow
  readonly eventAttributes: MapRow
  readonly linkAttributes: MapRow
}

const range = (): Range => ({ start: 0, length: 0 })
const nanos = (): Nanos => ({ low: 0, high: 0 })

export const spanFields = (): SpanFields => ({
  traceId: range(),
  spanId: range(),
  traceState: range(),
  parentSpanId: range(),
  name: range(),
  statusMessage: range(),
  start: nanos(),
  end: nanos(),
  event: { time: nanos(), name: range() },
  link: { traceId: range(), spanId: range(), traceState: range() },
  kind: 0,
  statusCode: 0,
  events: 0,
  links: 0,
  origin: null,
})

const reset = (fields: SpanFields): void => {
  fields.traceId.length = 0
  fields.spanId.length = 0
  fields.traceState.length = 0
  fields.parentSpanId.length = 0
  fields.name.length = 0
  fields.statusMessage.length = 0
  fields.start.low = 0
  fields.start.high = 0
  fields.end.low = 0
  fields.end.high = 0
  fields.kind = 0
  fields.statusCode = 0
  fields.events = 0
  fields.links = 0
  fields.origin = null
}

const LAST_FIELD = 16

/** Reads the Span that follows. */
export const readSpan = (
  reader: WireReader,
  fields: SpanFields,
  columns: SpanColumns,
  rows: SpanRows,
): void => {
  charge(reader, LAST_FIELD)
  reset(fields)
  const outer = enter(reader)
  beginMap(rows.attributes)
  while (reader.position < reader.end) {
    const tag = readTag(reader)
    if (!readScalar(reader, fields, tag) && !readNested(reader, fields, tag, { columns, rows }))
      skipUnknown(reader, tag, LAST_FIELD)
  }
  endMap(rows.attributes)
  leave(reader, outer)
}

const readScalar = (reader: WireReader, fields: SpanFields, tag: number): boolean => {
  switch (tag) {
    case 10:
      readRange(reader, fields.traceId)
      return true
    case 18:
      readRange(reader, fields.spanId)
      return true
    case 26:
      readRange(reader, fields.traceState)
      return true
    case 34:
      readRange(reader, fields.parentSpanId)
      return true
    case 42:
      readRange(reader, fields.name)
      return true
    case 48:
      fields.kind = readInt32(reader)
      return true
    case 57:
      readNanos(fields.start, reader.view, passFixed64(reader))
      return true
    case 65:
      readNanos(fields.end, reader.view, passFixed64(reader))
      return true
    // Counts of what was dropped, and flags: not kept.
    case 80:
    case 96:
    case 112:
      readUint32(reader)
      return true
    case 133:
      readFixed32(reader)
      return true
    default:
      return false
  }
}

interface Nested {
  readonly columns: SpanColumns
  readonly rows: SpanRows
}

const readNested = (
  reader: WireReader,
  fields: SpanFields,
  tag: number,
  { columns, rows }: Nested,
): boolean => {
  switch (tag) {
    case 74:
      keepFirst(fields, putAttribute(rows.attributes, reader))
      return true
    case 90:
      readEvent(reader, fields, columns, rows.eventAttributes)
      return true
    case 106:
      readLink(reader, fields, columns, rows.linkAttributes)
      return true
    case 122:
      readStatus(reader, fields)
      return true
    default:
      return false
  }
}

const keepFirst = (fields: SpanFields, origin: string | null): void => {
  fields.origin ??= origin
}

const readStatus = (reader: WireReader, fields: SpanFields): void => {
  charge(reader, 2)
  fields.statusMessage.length = 0
  fields.statusCode = 0
  const outer = enter(reader)
  while (reader.position < reader.end) {
    const tag = readTag(reader)
    if (tag === 18) readRange(reader, fields.statusMessage)
    else if (tag === 24) fields.statusCode = readInt32(reader)
    else if (tag >>> 3 === 1) skipUnknown(reader, tag, 0)
    else skipUnknown(reader, tag, 3)
  }
  leave(reader, outer)
}

const EVENT_FIELDS = 4

const readEvent = (
  reader: WireReader,
  fields: SpanFields,
  { event: columns }: SpanColumns,
  attributes: MapRow,
): void => {
  charge(reader, EVENT_FIELDS)
  const { time, name } = fields.event
  time.low = 0
  time.high = 0
  name.length = 0
  const outer = enter(reader)
  beginMap(attributes)
  while (reader.position < reader.end) {
    const tag = readTag(reader)
    if (tag === 9) readNanos(time, reader.view, passFixed64(reader))
    else if (tag === 18) readRange(reader, name)
    else if (tag === 26) putAttribute(attributes, reader)
    else if (tag === 32) readUint32(reader)
    else skipUnknown(reader, tag, EVENT_FIELDS)
  }
  endMap(attributes)
  leave(reader, outer)
  putTime(columns.time.words, time)
  putIndex(columns.name, columns.name.dictionary.indexOf(reader.bytes, name.start, name.length))
  endRow(columns.attributes, attributes.indexes.length)
  fields.events += 1
}

const LINK_FIELDS = 6

const readLink = (
  reader: WireReader,
  fields: SpanFields,
  { link: columns }: SpanColumns,
  attributes: MapRow,
): void => {
  charge(reader, LINK_FIELDS)
  const { traceId, spanId, traceState } = fields.link
  traceId.length = 0
  spanId.length = 0
  traceState.length = 0
  const outer = enter(reader)
  beginMap(attributes)
  while (reader.position < reader.end) {
    const tag = readTag(reader)
    if (tag === 34) putAttribute(attributes, reader)
    else if (!readLinkField(reader, fields, tag)) skipUnknown(reader, tag, LINK_FIELDS)
  }
  endMap(attributes)
  leave(reader, outer)
  putId(columns.traceId.bytes, reader.bytes, traceId.start, traceId.length)
  putId(columns.spanId.bytes, reader.bytes, spanId.start, spanId.length)
  putUtf8(columns.traceState.bytes, reader.bytes, traceState.start, traceState.length)
  endRow(columns.attributes, attributes.indexes.length)
  fields.links += 1
}

const readLinkField = (reader: WireReader, { link }: SpanFields, tag: number): boolean => {
  switch (tag) {
    case 10:
      readRange(reader, link.traceId)
      return true
    case 18:
      readRange(reader, link.spanId)
      return true
    case 26:
      readRange(reader, link.traceState)
      return true
    case 40:
      readUint32(reader)
      return true
    case 53:
      readFixed32(reader)
      return true
    default:
      return false
  }
}
