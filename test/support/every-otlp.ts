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
import { anOtlpLog, anOtlpSpan, attribute, SOME_NANOS } from './an-otlp-span.ts'
import { validLogs, validTraces } from './arbitrary-otlp.ts'

const UNICODE =
  'Zürich 東京 🧪👩‍🔬 e\u0301 \u202eRTL\u202c \u0000 \u2028 \uffff \u{10FFFF} <b>&"\\\n\t'
const LAST_NANOS = 2n ** 63n - 1n
const MIB = 1024 * 1024

const text = (value: string): AnyValue => ({ kind: 'string', value })
const int = (value: bigint): AnyValue => ({ kind: 'int', value })
const double = (value: number): AnyValue => ({ kind: 'double', value })
const bytes = (...values: number[]): AnyValue => ({ kind: 'bytes', value: Buffer.from(values) })
const list = (...values: AnyValue[]): AnyValue => ({ kind: 'array', values })
const map = (entries: Readonly<Record<string, AnyValue>>): AnyValue => ({
  kind: 'kvlist',
  values: Object.entries(entries).map(([key, value]) => ({ key, value })),
})

const SIMPLE: Readonly<Record<string, AnyValue>> = {
  empty: { kind: 'empty' },
  text: text('as it is'),
  'text.empty': text(''),
  'text.unicode': text(UNICODE),
  true: { kind: 'bool', value: true },
  false: { kind: 'bool', value: false },
  'int.0': int(0n),
  'int.least': int(-(2n ** 63n)),
  'int.most': int(LAST_NANOS),
  'double.0': double(0),
  'double.minus0': double(-0),
  'double.whole': double(3),
  'double.tenth': double(0.1),
  'double.e20': double(1e20),
  'double.e21': double(1e21),
  'double.e-6': double(1e-6),
  'double.e-7': double(1.5e-7),
  'double.least': double(5e-324),
  'double.most': double(-Number.MAX_VALUE),
  'bytes.empty': bytes(),
  bytes: bytes(0, 255, 62, 63, 1),
}

/** A value of every kind and at every edge. NaN and infinities stand alone here: in a list the exporter loses it all. */
const VALUES: Readonly<Record<string, AnyValue>> = {
  ...SIMPLE,
  'double.nan': double(Number.NaN),
  'double.infinity': double(Number.POSITIVE_INFINITY),
  'double.-infinity': double(Number.NEGATIVE_INFINITY),
  'list.empty': list(),
  list: list(...Object.values(SIMPLE)),
  'map.empty': map({}),
  map: map({ z: text('last'), ...SIMPLE, '10': int(10n), '9': int(9n), é: text('é') }),
  deep: list(map({ b: list(map({ d: list(), c: text(UNICODE) })), a: { kind: 'empty' } })),
  [UNICODE]: text('a key'),
  '': text('a key without letters'),
}

const ALL: readonly KeyValue[] = Object.entries(VALUES).map(([key, value]) => ({ key, value }))

let nextId = 1
const spanId = (): string => (nextId++).toString(16).padStart(16, '0')
const traceId = (): string => (nextId++).toString(16).padStart(32, 'a')
const aSpan = (overrides: Partial<Span>): Span =>
  anOtlpSpan({ traceId: traceId(), spanId: spanId(), ...overrides })

const event = (name: string, attributes: readonly KeyValue[], timeUnixNano = SOME_NANOS) => ({
  timeUnixNano,
  name,
  attributes,
  droppedAttributesCount: 3,
})
const link = (attributes: readonly KeyValue[]) => ({
  traceId: traceId(),
  spanId: spanId(),
  traceState: 'other=1',
  attributes,
  droppedAttributesCount: 1,
  flags: 1,
})

const SPANS: readonly Span[] = [
  aSpan({
    attributes: ALL,
    events: [event('first', ALL), event(UNICODE, []), event('', [], 0n)],
    links: [link(ALL), link([])],
    parentSpanId: spanId(),
    traceState: 'vendor=a,other=b',
    status: { code: 2, message: UNICODE },
  }),
  ...[0, 1, 2, 3, 4, 5, 6, -1].map((kind) => aSpan({ kind, name: UNICODE })),
  ...[0, 1, 2, 3].map((code) => aSpan({ status: { code, message: `status ${code}` } })),
  aSpan({ name: '', startTimeUnixNano: 0n, endTimeUnixNano: 0n }),
  aSpan({ startTimeUnixNano: 1n, endTimeUnixNano: 2n }),
  aSpan({ startTimeUnixNano: 0n, endTimeUnixNano: LAST_NANOS }),
  aSpan({ startTimeUnixNano: LAST_NANOS, endTimeUnixNano: LAST_NANOS }),
  aSpan({ startTimeUnixNano: SOME_NANOS, endTimeUnixNano: SOME_NANOS }),
]

const HUGE_SPANS: readonly Span[] = [
  aSpan({ attributes: [attribute('huge', '東'.repeat(MIB))] }),
  aSpan({
    attributes: Array.from({ length: 1000 }, (_, i) => attribute(`key.${i}`, `value ${i}`)),
    events: Array.from({ length: 500 }, (_, i) => event(`event ${i}`, [attribute('i', `${i}`)])),
    links: Array.from({ length: 200 }, () => link([])),
  }),
]

const LOGS: readonly LogRecord[] = [
  ...Object.values(VALUES).map((body) => anOtlpLog({ traceId: traceId(), body })),
  anOtlpLog({ attributes: ALL, eventName: UNICODE, severityText: UNICODE }),
  ...[0, 1, 24, 255, 256, 4000, -1].map((severityNumber) => anOtlpLog({ severityNumber })),
  ...[0, 0x101, 2 ** 32 - 1].map((flags) => anOtlpLog({ flags })),
  // Belongs to no trace; twice the same is two lines.
  anOtlpLog({ traceId: '', spanId: '' }),
  anOtlpLog({ traceId: '', spanId: '' }),
  anOtlpLog({ timeUnixNano: 0n, observedTimeUnixNano: SOME_NANOS }),
  anOtlpLog({ timeUnixNano: 0n, observedTimeUnixNano: 0n }),
  anOtlpLog({ timeUnixNano: LAST_NANOS }),
  anOtlpLog({ body: text('🧪'.repeat(MIB / 2)) }),
]

const resource = (attributes: readonly KeyValue[]): Resource => ({
  attributes,
  droppedAttributesCount: 1,
})
const RESOURCES: readonly Resource[] = [
  resource([attribute('service.name', 'shop'), ...ALL]),
  resource([]),
  resource([{ key: 'service.name', value: list(text('no'), text('text')) }]),
  resource([attribute('k8s.pod.name', 'pod-1'), attribute('deployment.environment.name', UNICODE)]),
]
const SCOPES: readonly Scope[] = [
  { name: UNICODE, version: '1.2.3', attributes: ALL, droppedAttributesCount: 1 },
  { name: '', version: '', attributes: [], droppedAttributesCount: 0 },
]

const pick = <Item>(items: readonly Item[], place: number): Item => {
  const item = items[place % items.length]
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}

/** Each span under another resource and scope, so that their columns too differ. */
const tracesOf = (spans: readonly Span[]): Traces => ({
  resourceSpans: spans.map((span, i) => ({
    resource: pick(RESOURCES, i),
    schemaUrl: `https://resource/${i % 3}`,
    scopeSpans: [{ scope: pick(SCOPES, i), schemaUrl: `https://scope/${i % 2}`, spans: [span] }],
  })),
})

const logsOf = (records: readonly LogRecord[]): Logs => ({
  resourceLogs: records.map((record, i) => ({
    resource: pick(RESOURCES, i),
    schemaUrl: i % 3 === 0 ? '' : UNICODE,
    scopeLogs: [
      { scope: pick(SCOPES, i), schemaUrl: `https://scope/${i % 2}`, logRecords: [record] },
    ],
  })),
})

/**
 * What no two writers need agree on is taken out of arbitrary OTLP: ids of another length and an attribute twice (which
 * OTLP forbids), NaN and infinities within lists, times beyond those of the column, ends before beginnings.
 */
const tame = (value: unknown): unknown => {
  if (Array.isArray(value)) return onlyOnce(value).map(tame)
  if (typeof value === 'bigint') return value > LAST_NANOS ? value & LAST_NANOS : value
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value
  const members = Object.entries(value).map(([key, member]) => [key, tameMember(key, tame(member))])
  const tamed: Record<string, unknown> = Object.fromEntries(members)
  const { startTimeUnixNano: start, endTimeUnixNano: end } = tamed
  return typeof start === 'bigint' && typeof end === 'bigint' && end < start
    ? { ...tamed, endTimeUnixNano: start }
    : tamed
}

const ID_DIGITS: Readonly<Record<string, number>> = { traceId: 32, spanId: 16, parentSpanId: 16 }

const tameMember = (key: string, member: unknown): unknown => {
  const digits = ID_DIGITS[key]
  if (digits !== undefined && String(member).length !== digits) return ''
  return typeof member === 'number' && !Number.isFinite(member) ? 0.5 : member
}

const onlyOnce = (items: readonly unknown[]): readonly unknown[] => {
  const seen = new Set<unknown>()
  return items.filter((item) => {
    if (typeof item !== 'object' || item === null || !('key' in item)) return true
    return !seen.has(item.key) && seen.add(item.key)
  })
}

/** Requests of spans that hold everything a span may hold, and `count` arbitrary ones. */
export const everyTraces = (count: number, seed: number): readonly Traces[] => [
  tracesOf(SPANS),
  tracesOf(HUGE_SPANS),
  ...fc.sample(validTraces, { numRuns: count, seed }).map((traces) => tame(traces) as Traces),
]

/** The same of log records. */
export const everyLogs = (count: number, seed: number): readonly Logs[] => [
  logsOf(LOGS),
  ...fc.sample(validLogs, { numRuns: count, seed }).map((logs) => tame(logs) as Logs),
]
