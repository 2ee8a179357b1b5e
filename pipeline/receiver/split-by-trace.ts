import { charge } from '../otlp/codec.ts'
import {
  logRecord,
  resource as resourceMessage,
  scope as scopeMessage,
  span,
} from '../otlp/messages.ts'
import {
  DELIMITED,
  enter,
  leave,
  malformed,
  passDelimited,
  readTag,
  skipField,
  type WireReader,
  wireReader,
} from '../otlp/wire-reader.ts'
import { cutRecords, type Entry, type Head, type Slice, type TraceRecord } from './cut-records.ts'
import { type ItemProblem, isAbsentId, logProblem, spanProblem } from './item-problem.ts'
import { type Item, item, type Places, readItem } from './read-item.ts'

export type Counts = ReadonlyMap<string, number>

export interface Split {
  readonly records: readonly TraceRecord[]
  /** By reason: NeoSigma's own telemetry and that of evaluation runs. */
  readonly diverted: Counts
  /** By reason: what no reader could use. */
  readonly rejected: Counts
}

interface SignalShape {
  readonly items: Places
  readonly problem: ItemProblem
}

const NO_IDS = { traceId: 0, spanId: 0, parentSpanId: 0 } as const
const RESOURCE: Places = {
  ...NO_IDS,
  attributes: 10,
  passField: resourceMessage.passField,
  fields: 2,
}
const SCOPE: Places = { ...NO_IDS, attributes: 26, passField: scopeMessage.passField, fields: 4 }

const SPANS: SignalShape = {
  items: {
    traceId: 10,
    spanId: 18,
    parentSpanId: 34,
    attributes: 74,
    passField: span.passField,
    fields: 16,
  },
  problem: spanProblem,
}

const LOG_RECORDS: SignalShape = {
  items: {
    traceId: 74,
    spanId: 82,
    parentSpanId: 0,
    attributes: 50,
    passField: logRecord.passField,
    fields: 11,
  },
  problem: logProblem,
}

const GROUP = 10
const OWNER = 10
const CHILD = 18
const LAST_LEVEL_FIELD = 3
const LEVEL_FIELDS = 3

/**
 * One record per trace, each span under its own resource and scope, in the order of the request, its bytes as they came:
 * nothing is decoded that need not be, and fields of later versions of the protocol stay.
 * @throws InvalidInputError `payload-malformed` where decoding would; `payload-too-large` where the records would hold
 * more than `mostBytes`
 */
export const splitTraces = (request: Uint8Array, mostBytes: number): Split =>
  split(request, SPANS, mostBytes)

/** The same for log records. */
export const splitLogs = (request: Uint8Array, mostBytes: number): Split =>
  split(request, LOG_RECORDS, mostBytes)

const split = (request: Uint8Array, shape: SignalShape, mostBytes: number): Split => {
  const reader = wireReader(request)
  const traces = new Map<string, Entry[]>()
  const diverted = new Map<string, number>()
  const rejected = new Map<string, number>()
  const current = item()

  const takeItem = (place: number, above: Above): void => {
    readItem(reader, shape.items, current)
    const origin = above.origin ?? current.origin
    const reason = origin ?? shape.problem(reader.bytes, current)
    if (reason !== null) {
      increment(origin === null ? rejected : diverted, reason)
      return
    }
    const key = traceIdOf(reader, current)
    const { resource, scope } = above
    const entry = { resource, scope, start: place, end: reader.position }
    const known = traces.get(key)
    if (known === undefined) traces.set(key, [entry])
    else known.push(entry)
  }
  charge(reader, 1)
  while (reader.position < reader.end) {
    const tag = readTag(reader)
    if (tag !== GROUP) skipUnknown(reader, tag, 1)
    else
      readLevel(reader, RESOURCE, (_place, ofResource) =>
        readLevel(reader, SCOPE, (place, ofScope) =>
          takeItem(place, {
            resource: ofResource.head,
            scope: ofScope.head,
            origin: ofResource.origin ?? ofScope.origin,
          }),
        ),
      )
  }
  return { records: cutRecords(reader.bytes, traces, mostBytes), diverted, rejected }
}

/** What an item stands below. */
interface Above {
  readonly resource: Head
  readonly scope: Head
  readonly origin: string | null
}

interface Level {
  readonly head: Head
  readonly origin: string | null
}

/**
 * Reads a resource's or a scope's group and calls `child` behind the tag of each thing below it, with the place of that tag.
 * What belongs to all of them may come after them on the wire: children are read in a second turn.
 */
const readLevel = (
  reader: WireReader,
  owner: Places,
  child: (place: number, level: Level) => void,
): void => {
  const outer = enter(reader)
  charge(reader, LEVEL_FIELDS)
  const start = reader.position
  const level = readHead(reader, owner)
  reader.position = start
  while (reader.position < reader.end) {
    const place = reader.position
    const tag = readTag(reader)
    if (tag === CHILD) child(place, level)
    else skipField(reader, tag & 7)
  }
  leave(reader, outer)
}

const readHead = (reader: WireReader, places: Places): Level => {
  const fields: Slice[] = []
  const owner = item()
  let bytes = 0
  let origin: string | null = null
  while (reader.position < reader.end) {
    const place = reader.position
    const tag = readTag(reader)
    if (tag === CHILD) {
      passDelimited(reader)
      continue
    }
    if (tag === OWNER) {
      readItem(reader, places, owner)
      origin = owner.origin
    } else if (tag >>> 3 === LAST_LEVEL_FIELD && (tag & 7) === DELIMITED) passDelimited(reader)
    else skipUnknown(reader, tag, LAST_LEVEL_FIELD)
    fields.push({ start: place, end: reader.position })
    bytes += reader.position - place
  }
  return { head: { fields, bytes }, origin }
}

/** @throws InvalidInputError for a known field (up to `last`) of another wire type */
const skipUnknown = (reader: WireReader, tag: number, last: number): void => {
  if (tag >>> 3 <= last) throw malformed(reader, `a field has tag ${tag}`)
  skipField(reader, tag & 7)
}

const traceIdOf = ({ bytes }: WireReader, { traceId }: Item): string =>
  isAbsentId(bytes, traceId)
    ? ''
    : bytes.toString('hex', traceId.start, traceId.start + traceId.length)

const increment = (counts: Map<string, number>, reason: string): void => {
  counts.set(reason, (counts.get(reason) ?? 0) + 1)
}
