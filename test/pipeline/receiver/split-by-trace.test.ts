import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeLogs, decodeTraces } from '../../../pipeline/otlp/decode.ts'
import { encodeLogs, encodeTraces } from '../../../pipeline/otlp/encode.ts'
import type { Logs, Span, Traces } from '../../../pipeline/otlp/otlp-types.ts'
import { ownOrigin } from '../../../pipeline/otlp/own-origin.ts'
import { splitLogs, splitTraces } from '../../../pipeline/receiver/split-by-trace.ts'
import { InvalidInputError } from '../../../schemas/errors.ts'
import { anOtlpSpan, attribute, tracesWith } from '../../support/an-otlp-span.ts'
import { anyTraces, validLogs, validTraces } from '../../support/arbitrary-otlp.ts'

const MOST_BYTES = 40 * 1024 * 1024

/** Every item with all that stands above it, as text that can be compared. */
const spansIn = ({ resourceSpans }: Traces): string[] =>
  resourceSpans.flatMap(({ resource, schemaUrl, scopeSpans }) =>
    scopeSpans.flatMap(({ scope, schemaUrl: scopeUrl, spans }) =>
      spans.map((span) => textOf({ resource, schemaUrl, scope, scopeUrl, span })),
    ),
  )

const logsIn = ({ resourceLogs }: Logs): string[] =>
  resourceLogs.flatMap(({ resource, schemaUrl, scopeLogs }) =>
    scopeLogs.flatMap(({ scope, schemaUrl: scopeUrl, logRecords }) =>
      logRecords.map((record) => textOf({ resource, schemaUrl, scope, scopeUrl, record })),
    ),
  )

const textOf = (value: object): string =>
  JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === 'bigint') return `${item}n`
    return typeof item === 'number' && !Number.isFinite(item) ? String(item) : item
  })

test('a split keeps every span with its resource and scope, one trace a record', () => {
  fc.assert(
    fc.property(validTraces, (traces) => {
      const { records, rejected, diverted } = splitTraces(encodeTraces(traces), MOST_BYTES)
      expect([rejected.size, diverted.size]).toEqual([0, 0])
      const parts = records.map(({ value }) => decodeTraces(value))
      expect(parts.flatMap(spansIn).sort()).toEqual(
        spansIn(decodeTraces(encodeTraces(traces))).sort(),
      )
      expect(records.map(({ items }) => items)).toEqual(parts.map((part) => spansIn(part).length))
      for (const [i, part] of parts.entries()) {
        const ids = part.resourceSpans.flatMap(({ scopeSpans }) =>
          scopeSpans.flatMap(({ spans }) => spans.map(({ traceId }) => traceId)),
        )
        expect(new Set(ids)).toEqual(new Set([records[i]?.key]))
      }
    }),
  )
})

test('a split keeps every log record, those outside a trace together', () => {
  fc.assert(
    fc.property(validLogs, (logs) => {
      const { records } = splitLogs(encodeLogs(logs), MOST_BYTES)
      expect(records.flatMap(({ value }) => logsIn(decodeLogs(value))).sort()).toEqual(
        logsIn(decodeLogs(encodeLogs(logs))).sort(),
      )
      expect(new Set(records.map(({ key }) => key)).size).toBe(records.length)
    }),
  )
})

test('every span is kept, diverted or rejected', () => {
  fc.assert(
    fc.property(anyTraces, (traces) => {
      const { records, rejected, diverted } = splitTraces(encodeTraces(traces), MOST_BYTES)
      const counted = [...rejected.values(), ...diverted.values(), ...records.map((r) => r.items)]
      expect(counted.reduce((sum, count) => sum + count, 0)).toBe(spansIn(traces).length)
    }),
  )
})

test('a large trace is cut into records that Kafka takes, all under its key', () => {
  const text = 'x'.repeat(50_000)
  const spans = Array.from({ length: 60 }, () => anOtlpSpan({ attributes: [attribute('a', text)] }))
  const { records } = splitTraces(encodeTraces(tracesWith(spans)), MOST_BYTES)
  expect(records.length).toBeGreaterThan(5)
  expect(new Set(records.map(({ key }) => key)).size).toBe(1)
  for (const { value } of records) expect(value.length).toBeLessThan(1024 * 1024)
})

test('copies of the resource are counted before they fill the memory', () => {
  const resource = [attribute('a', 'x'.repeat(100_000))]
  const spans = Array.from({ length: 100 }, (_, i) =>
    anOtlpSpan({ traceId: `${i + 1}`.padStart(32, '0') }),
  )
  const body = encodeTraces(tracesWith(spans, resource))
  expect(() => splitTraces(body, 9_000_000)).toThrow(InvalidInputError)
  expect(splitTraces(body, 12_000_000).records).toHaveLength(100)
})

test('what cannot be decoded is refused, and nothing else', () => {
  const accepts = (act: () => unknown): boolean => {
    try {
      act()
      return true
    } catch (error) {
      if (error instanceof InvalidInputError) return false
      throw error
    }
  }
  const change = fc.record({ at: fc.nat(), byte: fc.nat({ max: 255 }), grows: fc.boolean() })
  const changed = (
    bytes: Uint8Array,
    changes: readonly { at: number; byte: number; grows: boolean }[],
  ) =>
    changes.reduce<Buffer>((before, { at, byte, grows }) => {
      const place = at % (before.length + 1)
      const rest = before.subarray(grows ? place : place + 1)
      return Buffer.concat([before.subarray(0, place), Buffer.of(byte), rest])
    }, Buffer.from(bytes))
  const changes = fc.array(change, { maxLength: 4 })
  fc.assert(
    fc.property(anyTraces, changes, (traces, edits) => {
      const body = changed(encodeTraces(traces), edits)
      expect(accepts(() => splitTraces(body, MOST_BYTES))).toBe(accepts(() => decodeTraces(body)))
    }),
    { numRuns: 3000 },
  )
  fc.assert(
    fc.property(validLogs, changes, (logs, edits) => {
      const body = changed(encodeLogs(logs), edits)
      expect(accepts(() => splitLogs(body, MOST_BYTES))).toBe(accepts(() => decodeLogs(body)))
    }),
    { numRuns: 3000 },
  )
})

test('every span of a changed request is kept as it decodes, or counted with the reason that its ids give', () => {
  const isId = (id: string, length: number) => id.length === length
  const isUsable = ({ traceId, spanId, parentSpanId }: Span): boolean =>
    isId(traceId, 32) && isId(spanId, 16) && (parentSpanId === '' || isId(parentSpanId, 16))
  fc.assert(
    fc.property(anyTraces, fc.nat(), fc.nat({ max: 255 }), (traces, at, byte) => {
      const body = Buffer.from(encodeTraces(traces))
      if (body.length > 0) body[at % body.length] = byte
      let decoded: Traces
      try {
        decoded = decodeTraces(body)
      } catch {
        return
      }
      const { records, rejected } = splitTraces(body, MOST_BYTES)
      const all = decoded.resourceSpans.flatMap((group) =>
        group.scopeSpans.flatMap((scope) =>
          scope.spans.map((span) => ({
            span,
            origin: ownOrigin([group.resource.attributes, scope.scope.attributes, span.attributes]),
          })),
        ),
      )
      const users = all.filter(({ origin }) => origin === null).map(({ span }) => span)
      const stored = records.flatMap(({ value }) =>
        decodeTraces(value).resourceSpans.flatMap(({ scopeSpans }) =>
          scopeSpans.flatMap(({ spans }) => spans),
        ),
      )
      expect(stored.map(textOf).sort()).toEqual(users.filter(isUsable).map(textOf).sort())
      const counted = [...rejected.values()].reduce((sum, count) => sum + count, 0)
      expect(counted).toBe(users.filter((span) => !isUsable(span)).length)
    }),
    { numRuns: 2000 },
  )
})

test('fields of later versions of the protocol stay', () => {
  const later = Buffer.from([0xfa, 0x06, 3, 1, 2, 3]) // field 111, three bytes
  const nested = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
    const body = Buffer.concat(parts)
    return Buffer.concat([Buffer.of(tag, body.length), body])
  }
  const ids = Buffer.concat([nested(10, Buffer.alloc(16, 7)), nested(18, Buffer.alloc(8, 7))])
  const body = nested(
    10,
    nested(10, later),
    nested(18, nested(10, later), nested(18, ids, later), later),
    later,
  )
  const [record] = splitTraces(body, MOST_BYTES).records
  const found =
    Buffer.from(record?.value ?? [])
      .toString('hex')
      .split(later.toString('hex')).length - 1
  expect(found).toBe(5)
})
