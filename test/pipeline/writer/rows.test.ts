import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeLogs, encodeTraces } from '../../../pipeline/otlp/encode.ts'
import type { LogRecord, Span } from '../../../pipeline/otlp/otlp-types.ts'
import { InvalidInputError } from '../../../schemas/errors.ts'
import {
  anOtlpLog,
  anOtlpSpan,
  attribute,
  logsWith,
  SOME_NANOS,
  tracesWith,
} from '../../support/an-otlp-span.ts'
import { anyLogs, anyTraces } from '../../support/arbitrary-otlp.ts'
import { logRows } from '../../support/otlp-rows/log-rows.ts'
import { spanRows } from '../../support/otlp-rows/span-rows.ts'

const rowsOfSpans = (...spans: Span[]) => spanRows(encodeTraces(tracesWith(spans)))
const rowsOfLogs = (...records: LogRecord[]) =>
  logRows(encodeLogs(logsWith(records)), 'otlp_logs:3:17')

describe('a span as a row', () => {
  test('has the columns and spellings of the Collector’s exporter', () => {
    const { rows } = rowsOfSpans(
      anOtlpSpan({
        parentSpanId: 'b7ad6b7169203331',
        traceState: 'k=v',
        attributes: [
          attribute('gen_ai.request.model', 'm'),
          { key: 'n', value: { kind: 'int', value: 7n } },
        ],
        events: [
          {
            timeUnixNano: SOME_NANOS + 1n,
            name: 'exception',
            attributes: [attribute('exception.type', 'Oops')],
            droppedAttributesCount: 0,
          },
        ],
        links: [
          {
            traceId: '1'.repeat(32),
            spanId: '2'.repeat(16),
            traceState: 's',
            attributes: [attribute('why', 'retry')],
            droppedAttributesCount: 0,
            flags: 0,
          },
        ],
        status: { code: 2, message: 'failed' },
      }),
    )
    expect(rows).toEqual([
      {
        Timestamp: '2026-03-01 10:00:00.123456789',
        TraceId: '0af7651916cd43dd8448eb211c80319c',
        SpanId: '00f067aa0ba902b7',
        ParentSpanId: 'b7ad6b7169203331',
        TraceState: 'k=v',
        SpanName: 'chat m',
        SpanKind: 'Client',
        ServiceName: 'shop',
        ResourceAttributes: { 'service.name': 'shop' },
        ScopeName: 'scope',
        ScopeVersion: '1',
        SpanAttributes: { 'gen_ai.request.model': 'm', n: '7' },
        Duration: '1500000000',
        StatusCode: 'Error',
        StatusMessage: 'failed',
        'Events.Timestamp': ['2026-03-01 10:00:00.123456790'],
        'Events.Name': ['exception'],
        'Events.Attributes': [{ 'exception.type': 'Oops' }],
        'Links.TraceId': ['1'.repeat(32)],
        'Links.SpanId': ['2'.repeat(16)],
        'Links.TraceState': ['s'],
        'Links.Attributes': [{ why: 'retry' }],
      },
    ])
  })

  test('spells every kind and status, and leaves unknown ones empty', () => {
    const kinds = [0, 1, 2, 3, 4, 5, 6].map((kind) => anOtlpSpan({ kind }))
    expect(rowsOfSpans(...kinds).rows.map(({ SpanKind }) => SpanKind)).toEqual([
      'Unspecified',
      'Internal',
      'Server',
      'Client',
      'Producer',
      'Consumer',
      '',
    ])
    const codes = [0, 1, 2, 3].map((code) => anOtlpSpan({ status: { code, message: '' } }))
    expect(rowsOfSpans(...codes).rows.map(({ StatusCode }) => StatusCode)).toEqual([
      'Unset',
      'Ok',
      'Error',
      '',
    ])
  })

  test('that ends before it begins, or has no times, took no time', () => {
    const { rows } = rowsOfSpans(
      anOtlpSpan({ endTimeUnixNano: SOME_NANOS - 1n }),
      anOtlpSpan({ startTimeUnixNano: 0n, endTimeUnixNano: 0n }),
      anOtlpSpan({ startTimeUnixNano: 0n, endTimeUnixNano: 2n ** 64n - 1n }),
    )
    expect(rows.map(({ Duration }) => Duration)).toEqual(['0', '0', '18446744073709551615'])
  })
})

describe('a log record as a row', () => {
  test('has the exporter’s columns and its position', () => {
    const { rows } = rowsOfLogs(
      anOtlpLog(),
      anOtlpLog({
        timeUnixNano: 0n,
        observedTimeUnixNano: SOME_NANOS + 5n,
        flags: 0x101,
        severityNumber: 4000,
        eventName: 'gen_ai.evaluation.result',
        body: { kind: 'kvlist', values: [attribute('role', 'user')] },
        attributes: [attribute('a', 'b')],
      }),
    )
    expect(rows[0]).toEqual({
      Timestamp: '2026-03-01 10:00:00.123456789',
      TraceId: '0af7651916cd43dd8448eb211c80319c',
      SpanId: '00f067aa0ba902b7',
      TraceFlags: 1,
      SeverityText: 'INFO',
      SeverityNumber: 9,
      ServiceName: 'shop',
      Body: 'hello',
      ResourceSchemaUrl: 'https://resource',
      ResourceAttributes: { 'service.name': 'shop' },
      ScopeSchemaUrl: 'https://scope',
      ScopeName: 'scope',
      ScopeVersion: '1',
      ScopeAttributes: {},
      LogAttributes: {},
      EventName: '',
      SourcePosition: 'otlp_logs:3:17:0',
    })
    expect(rows[1]).toMatchObject({
      Timestamp: '2026-03-01 10:00:00.123456794',
      TraceFlags: 1,
      SeverityNumber: 4000 & 0xff,
      Body: '{"role":"user"}',
      LogAttributes: { a: 'b' },
      EventName: 'gen_ai.evaluation.result',
      SourcePosition: 'otlp_logs:3:17:1',
    })
  })
})

describe("NeoSigma's own telemetry", () => {
  const marked = anOtlpSpan({
    attributes: [{ key: 'neosigma.internal', value: { kind: 'bool', value: true } }],
  })

  test('is no row, where a Collector let it through', () => {
    const { rows, diverted } = rowsOfSpans(marked, anOtlpSpan())
    expect(rows).toHaveLength(1)
    expect(diverted).toEqual(new Map([['internal', 1]]))
  })

  test('does not move the positions of other log records', () => {
    const { rows } = rowsOfLogs(
      anOtlpLog({ attributes: [attribute('neosigma.evaluation', '1')] }),
      anOtlpLog(),
    )
    expect(rows.map(({ SourcePosition }) => SourcePosition)).toEqual(['otlp_logs:3:17:1'])
  })
})

test('a small record that would become huge rows is refused', () => {
  const large = [attribute('a', 'x'.repeat(100_000))]
  const spans = Array.from({ length: 2000 }, () => anOtlpSpan())
  const value = encodeTraces(tracesWith(spans, large))
  expect(value.length).toBeLessThan(400_000)
  expect(() => spanRows(value)).toThrow(InvalidInputError)
})

test('rows come of any OTLP, in order, one for each item', () => {
  fc.assert(
    fc.property(anyTraces, (traces) => {
      const spans = traces.resourceSpans.flatMap((resource) =>
        resource.scopeSpans.flatMap((scope) => scope.spans),
      )
      expect(spanRows(encodeTraces(traces)).rows.map(({ SpanId }) => SpanId)).toEqual(
        spans.map(({ spanId }) => spanId),
      )
    }),
  )
  fc.assert(
    fc.property(anyLogs, (logs) => {
      const records = logs.resourceLogs.flatMap((resource) =>
        resource.scopeLogs.flatMap((scope) => scope.logRecords),
      )
      expect(
        logRows(encodeLogs(logs), 'p').rows.map(({ SourcePosition }) => SourcePosition),
      ).toEqual(records.map((_, i) => `p:${i}`))
    }),
  )
})
