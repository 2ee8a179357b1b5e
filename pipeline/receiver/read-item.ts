import { ATTRIBUTES } from '../../schemas/attribute-names.ts'
import { keyValue } from '../otlp/any-value.ts'
import { charge } from '../otlp/codec.ts'
import { ownOrigin } from '../otlp/own-origin.ts'
import { enter, leave, passDelimited, readTag, type WireReader } from '../otlp/wire-reader.ts'

/** How one kind of message is gone through: which fields are looked at; `passField` goes past the others. */
export interface Places {
  /** Tags; 0 where the message has no such field. */
  readonly traceId: number
  readonly spanId: number
  readonly parentSpanId: number
  readonly attributes: number
  readonly passField: (reader: WireReader, tag: number) => void
  /** Of the message, for what decoding it would allocate. */
  readonly fields: number
}

/** What the receiver has to know of a span, a log record, a resource or a scope. Used again for the next one. */
export interface Item {
  readonly traceId: Id
  readonly spanId: Id
  readonly parentSpanId: Id
  /** Why it is NeoSigma's own, or null. */
  origin: string | null
}

/** An id within the bytes that are read. */
export interface Id {
  start: number
  length: number
}

const id = (): Id => ({ start: 0, length: 0 })

export const item = (): Item => ({
  traceId: id(),
  spanId: id(),
  parentSpanId: id(),
  origin: null,
})

/** Goes past the message that follows, with all checks of decoding it. @throws InvalidInputError `payload-malformed` */
export const readItem = (reader: WireReader, places: Places, into: Item): void => {
  into.traceId.length = 0
  into.spanId.length = 0
  into.parentSpanId.length = 0
  into.origin = null
  const outer = enter(reader)
  charge(reader, places.fields)
  while (reader.position < reader.end) {
    const tag = readTag(reader)
    if (tag === places.attributes) {
      const origin = passAttribute(reader)
      into.origin ??= origin
    } else if (tag === places.traceId) readId(reader, into.traceId)
    else if (tag === places.spanId) readId(reader, into.spanId)
    else if (tag === places.parentSpanId) readId(reader, into.parentSpanId)
    else places.passField(reader, tag)
  }
  leave(reader, outer)
}

const readId = (reader: WireReader, into: Id): void => {
  into.length = passDelimited(reader)
  into.start = reader.position - into.length
}

const KEY = 10
const KEY_VALUE_FIELDS = 2
/** Few other attributes have a name as long as one of the marks. */
const MARK_LENGTHS = new Set([ATTRIBUTES.internal.length, ATTRIBUTES.evaluation.length])

/** Goes past a KeyValue; reads it where its key may be a mark. Answers why its owner is NeoSigma's own. */
const passAttribute = (reader: WireReader): string | null => {
  const start = reader.position
  const outer = enter(reader)
  charge(reader, KEY_VALUE_FIELDS)
  let keyLength = 0
  while (reader.position < reader.end) {
    const tag = readTag(reader)
    if (tag === KEY) keyLength = passDelimited(reader)
    else keyValue.passField(reader, tag)
  }
  leave(reader, outer)
  if (!MARK_LENGTHS.has(keyLength)) return null
  reader.position = start
  return ownOrigin([[keyValue.read(reader)]])
}
