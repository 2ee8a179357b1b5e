import fc from 'fast-check'
import type {
  AnyValue,
  KeyValue,
  LogRecord,
  Logs,
  Resource,
  Scope,
  Span,
  Traces,
} from '../../pipeline/otlp/otlp-types.ts'

// Any OTLP value that its encodings can hold: every kind, every number of bits, every well-formed text.
const text = fc.string({ unit: 'binary', maxLength: 20 })
const uint32 = fc.nat({ max: 2 ** 32 - 1 })
const nanos = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const number32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })

const idOf = (bytes: number) =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .filter((id) => id.some((byte) => byte !== 0))
    .map((id) => Buffer.from(id).toString('hex'))
export const traceIds = idOf(16)
export const spanIds = idOf(8)
const optional = (ids: fc.Arbitrary<string>) => fc.oneof(fc.constant(''), ids)
/** Of any length: decoders leave it to the receiver to refuse a wrong one. */
const anyId = fc.oneof(fc.constant(''), idOf(1), idOf(3), spanIds, traceIds, idOf(17))

const { anyValue, keyValue } = fc.letrec<{ anyValue: AnyValue; keyValue: KeyValue }>((tie) => ({
  keyValue: fc.record({ key: text, value: tie('anyValue') }, { noNullPrototype: true }),
  anyValue: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant<AnyValue>({ kind: 'empty' }),
    text.map((value): AnyValue => ({ kind: 'string', value })),
    fc.boolean().map((value): AnyValue => ({ kind: 'bool', value })),
    fc
      .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
      .map((value): AnyValue => ({ kind: 'int', value })),
    fc.double().map((value): AnyValue => ({ kind: 'double', value })),
    fc
      .uint8Array({ maxLength: 20 })
      .map((value): AnyValue => ({ kind: 'bytes', value: Buffer.from(value) })),
    fc
      .array(tie('anyValue'), { maxLength: 4 })
      .map((values): AnyValue => ({ kind: 'array', values })),
    fc
      .array(tie('keyValue'), { maxLength: 4 })
      .map((values): AnyValue => ({ kind: 'kvlist', values })),
  ),
}))

const plain = { noNullPrototype: true } as const
const attributes = fc.array(keyValue, { maxLength: 4 })
const resource: fc.Arbitrary<Resource> = fc.record(
  { attributes, droppedAttributesCount: uint32 },
  plain,
)
const scope: fc.Arbitrary<Scope> = fc.record(
  { name: text, version: text, attributes, droppedAttributesCount: uint32 },
  plain,
)

const spanWith = (
  traceId: fc.Arbitrary<string>,
  spanId: fc.Arbitrary<string>,
  parentSpanId: fc.Arbitrary<string>,
): fc.Arbitrary<Span> =>
  fc.record(
    {
      traceId,
      spanId,
      parentSpanId,
      traceState: text,
      name: text,
      kind: number32,
      startTimeUnixNano: nanos,
      endTimeUnixNano: nanos,
      attributes,
      droppedAttributesCount: uint32,
      events: fc.array(
        fc.record(
          { timeUnixNano: nanos, name: text, attributes, droppedAttributesCount: uint32 },
          plain,
        ),
        { maxLength: 2 },
      ),
      droppedEventsCount: uint32,
      links: fc.array(
        fc.record(
          {
            traceId: anyId,
            spanId: anyId,
            traceState: text,
            attributes,
            droppedAttributesCount: uint32,
            flags: uint32,
          },
          plain,
        ),
        { maxLength: 2 },
      ),
      droppedLinksCount: uint32,
      status: fc.record({ message: text, code: number32 }, plain),
      flags: uint32,
    },
    plain,
  )

const logWith = (
  traceId: fc.Arbitrary<string>,
  spanId: fc.Arbitrary<string>,
): fc.Arbitrary<LogRecord> =>
  fc.record(
    {
      traceId,
      spanId,
      timeUnixNano: nanos,
      observedTimeUnixNano: nanos,
      severityNumber: number32,
      severityText: text,
      body: anyValue,
      attributes,
      droppedAttributesCount: uint32,
      flags: uint32,
      eventName: text,
    },
    plain,
  )

const tracesOf = (span: fc.Arbitrary<Span>): fc.Arbitrary<Traces> => {
  const scopeSpans = fc.record(
    { scope, spans: fc.array(span, { maxLength: 3 }), schemaUrl: text },
    plain,
  )
  const resourceSpans = fc.record(
    { resource, scopeSpans: fc.array(scopeSpans, { maxLength: 3 }), schemaUrl: text },
    plain,
  )
  return fc.record({ resourceSpans: fc.array(resourceSpans, { maxLength: 3 }) }, plain)
}

const logsOf = (record: fc.Arbitrary<LogRecord>): fc.Arbitrary<Logs> => {
  const scopeLogs = fc.record(
    { scope, logRecords: fc.array(record, { maxLength: 3 }), schemaUrl: text },
    plain,
  )
  const resourceLogs = fc.record(
    { resource, scopeLogs: fc.array(scopeLogs, { maxLength: 3 }), schemaUrl: text },
    plain,
  )
  return fc.record({ resourceLogs: fc.array(resourceLogs, { maxLength: 3 }) }, plain)
}

/** Ids of any length. */
export const anyTraces = tracesOf(spanWith(anyId, anyId, anyId))
export const anyLogs = logsOf(logWith(anyId, anyId))

/** What the receiver accepts whole: valid ids, few different traces so that they share resources. */
const fewTraceIds = fc.constantFrom('1'.repeat(32), '2'.repeat(32), 'ab'.repeat(16))
export const validTraces = tracesOf(spanWith(fewTraceIds, spanIds, optional(spanIds)))
export const validLogs = logsOf(logWith(optional(fewTraceIds), optional(spanIds)))
