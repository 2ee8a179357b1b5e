import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeLogs, decodeTraces } from '../../../pipeline/otlp/decode.ts'
import { encodeLogs, encodeTraces } from '../../../pipeline/otlp/encode.ts'
import type { Logs, Traces } from '../../../pipeline/otlp/otlp-types.ts'
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
      const { records, rejected, diverted } = splitTraces(traces, MOST_BYTES)
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
      const { records } = splitLogs(logs, MOST_BYTES)
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
      const { records, rejected, diverted } = splitTraces(traces, MOST_BYTES)
      const counted = [...rejected.values(), ...diverted.values(), ...records.map((r) => r.items)]
      expect(counted.reduce((sum, count) => sum + count, 0)).toBe(spansIn(traces).length)
    }),
  )
})

test('a large trace is cut into records that Kafka takes, all under its key', () => {
  const text = 'x'.repeat(50_000)
  const spans = Array.from({ length: 60 }, () => anOtlpSpan({ attributes: [attribute('a', text)] }))
  const { records } = splitTraces(tracesWith(spans), MOST_BYTES)
  expect(records.length).toBeGreaterThan(5)
  expect(new Set(records.map(({ key }) => key)).size).toBe(1)
  for (const { value } of records) expect(value.length).toBeLessThan(1024 * 1024)
})

test('copies of the resource are counted before they fill the memory', () => {
  const resource = [attribute('a', 'x'.repeat(100_000))]
  const spans = Array.from({ length: 100 }, (_, i) =>
    anOtlpSpan({ traceId: `${i + 1}`.padStart(32, '0') }),
  )
  expect(() => splitTraces(tracesWith(spans, resource), 9_000_000)).toThrow(InvalidInputError)
  expect(splitTraces(tracesWith(spans, resource), 12_000_000).records).toHaveLength(100)
})
