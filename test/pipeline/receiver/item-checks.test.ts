import { describe, expect, test } from 'vitest'
import {
  encodeLogs,
  encodeTraces,
  logsToJson,
  tracesToJson,
} from '../../../pipeline/otlp/encode.ts'
import type { KeyValue, Span } from '../../../pipeline/otlp/otlp-types.ts'
import { TOPICS } from '../../../schemas/topics.ts'
import {
  anOtlpLog,
  anOtlpSpan,
  attribute,
  logsWith,
  tracesWith,
} from '../../support/an-otlp-span.ts'
import { openReceiver } from '../../support/open-receiver.ts'
import { counterOf } from '../../support/scrape.ts'
import { grpcSender, postOtlp } from '../../support/send-otlp.ts'

const asJson = { 'content-type': 'application/json' }

describe('spans with ids that cannot be', () => {
  const spans: Span[] = [
    anOtlpSpan(),
    anOtlpSpan({ traceId: '' }),
    anOtlpSpan({ traceId: 'abcd' }),
    anOtlpSpan({ traceId: 'a'.repeat(33) }),
    anOtlpSpan({ traceId: 'z'.repeat(32) }),
    anOtlpSpan({ spanId: '' }),
    anOtlpSpan({ parentSpanId: '0123' }),
    anOtlpSpan({ parentSpanId: 'not hexadecimal!' }),
  ]
  const reasons = 'trace-id-invalid: 4, span-id-invalid: 1, parent-span-id-invalid: 2'

  test('are rejected one by one, in a partial success', async () => {
    const { receiver, spans: stored, metrics } = await openReceiver()
    const body = JSON.stringify(tracesToJson(tracesWith(spans)))
    const answer = await postOtlp(receiver.httpPort, '/v1/traces', body, asJson)
    expect([answer.status, JSON.parse(answer.body.toString())]).toEqual([
      200,
      { partialSuccess: { rejectedSpans: '7', errorMessage: reasons } },
    ])
    expect(await stored()).toEqual([spans[0]])
    expect(
      await counterOf(metrics, 'neosigma.ingest.rejected', { reason: 'trace-id-invalid' }),
    ).toBe(4)
  })

  test('are told over gRPC as well', async () => {
    const { receiver } = await openReceiver()
    const { code, body } = await grpcSender(receiver.grpcPort)(
      'trace.v1.TraceService',
      encodeTraces(tracesWith(spans)),
    )
    expect(code).toBe(0)
    expect(body.toString()).toContain(reasons)
  })

  test('are as wrong on log records, which may stand outside a trace', async () => {
    const { receiver, logRecords } = await openReceiver()
    const outside = anOtlpLog({ traceId: '', spanId: '' })
    const body = logsToJson(logsWith([outside, anOtlpLog({ spanId: 'zz' })]))
    const answer = await postOtlp(receiver.httpPort, '/v1/logs', JSON.stringify(body), asJson)
    expect(JSON.parse(answer.body.toString())).toEqual({
      partialSuccess: { rejectedLogRecords: '1', errorMessage: 'span-id-invalid: 1' },
    })
    expect(await logRecords()).toEqual([outside])
  })
})

test('odd times, missing parents, cycles and repeated ids are taken as they are', async () => {
  const { receiver, spans } = await openReceiver()
  const odd = [
    anOtlpSpan({ startTimeUnixNano: 0n, endTimeUnixNano: 0n }),
    anOtlpSpan({ startTimeUnixNano: 2n ** 64n - 1n, endTimeUnixNano: 1n }),
    anOtlpSpan({ parentSpanId: 'f'.repeat(16) }),
    anOtlpSpan({ spanId: 'a'.repeat(16), parentSpanId: 'b'.repeat(16) }),
    anOtlpSpan({ spanId: 'b'.repeat(16), parentSpanId: 'a'.repeat(16) }),
    anOtlpSpan(),
    anOtlpSpan(),
  ]
  const answer = await postOtlp(receiver.httpPort, '/v1/traces', encodeTraces(tracesWith(odd)))
  expect([answer.status, answer.body.length]).toEqual([200, 0])
  expect(await spans()).toEqual(odd)
})

test('invalid UTF-8 becomes the replacement character and refuses nothing', async () => {
  const { receiver, spans } = await openReceiver()
  const body = Buffer.from(encodeTraces(tracesWith([anOtlpSpan({ name: 'name-XY' })])))
  body[body.indexOf('XY')] = 0xff
  const answer = await postOtlp(receiver.httpPort, '/v1/traces', body)
  expect(answer.status).toBe(200)
  expect((await spans()).map(({ name }) => name)).toEqual(['name-\ufffdY'])
})

describe("NeoSigma's own telemetry", () => {
  const flag = (key: string): KeyValue => ({ key, value: { kind: 'bool', value: true } })

  test('is diverted and counted, by span, by resource, in every spelling', async () => {
    const { receiver, spans, metrics } = await openReceiver()
    const own = tracesWith([
      anOtlpSpan({ attributes: [flag('neosigma.internal')] }),
      anOtlpSpan({ attributes: [attribute('neosigma.internal', 'true')] }),
      anOtlpSpan({ attributes: [attribute('neosigma.evaluation', '1')] }),
      anOtlpSpan({ attributes: [attribute('neosigma.evaluation', 'false')] }),
    ])
    const byResource = tracesWith([anOtlpSpan()], [flag('neosigma.evaluation')])
    for (const traces of [own, byResource]) {
      const answer = await postOtlp(receiver.httpPort, '/v1/traces', encodeTraces(traces))
      // Nothing was wrong with them: the sender is told of a success.
      expect([answer.status, answer.body.length]).toEqual([200, 0])
    }
    expect(await spans()).toHaveLength(1)
    const diverted = (reason: string) =>
      counterOf(metrics, 'neosigma.ingest.diverted', { signal: 'traces', reason })
    expect([await diverted('internal'), await diverted('evaluation')]).toEqual([2, 2])
  })

  test('is diverted as log records too', async () => {
    const { receiver, logRecords, metrics } = await openReceiver()
    const body = encodeLogs(logsWith([anOtlpLog({ attributes: [flag('neosigma.internal')] })]))
    await postOtlp(receiver.httpPort, '/v1/logs', body)
    expect(await logRecords()).toEqual([])
    expect(await counterOf(metrics, 'neosigma.ingest.diverted', { signal: 'logs' })).toBe(1)
  })
})

describe('a request of many traces', () => {
  test('becomes one record per trace, keyed by it, each under its resource and scope', async () => {
    const { receiver, records } = await openReceiver()
    const ids = Array.from({ length: 20 }, (_, i) => `${i + 1}`.padStart(32, '0'))
    const spans = [...ids, ...ids].map((traceId) => anOtlpSpan({ traceId }))
    await postOtlp(receiver.httpPort, '/v1/traces', encodeTraces(tracesWith(spans)))
    const stored = await records(TOPICS.spans.name)
    expect(stored.map(({ key }) => key).sort()).toEqual(ids)
    for (const { key, value } of stored) {
      const pair = [anOtlpSpan({ traceId: key ?? '' }), anOtlpSpan({ traceId: key ?? '' })]
      expect(Buffer.from(value)).toEqual(Buffer.from(encodeTraces(tracesWith(pair))))
    }
  })

  test('with one that is too large for a record keeps the others', async () => {
    const { receiver, spans } = await openReceiver()
    const giant = anOtlpSpan({
      traceId: '9'.repeat(32),
      attributes: [attribute('a', 'x'.repeat(9 * 1024 * 1024))],
    })
    const answer = await postOtlp(
      receiver.httpPort,
      '/v1/traces',
      JSON.stringify(tracesToJson(tracesWith([giant, anOtlpSpan()]))),
      asJson,
    )
    expect(JSON.parse(answer.body.toString())).toEqual({
      partialSuccess: { rejectedSpans: '1', errorMessage: 'record-too-large: 1' },
    })
    expect(await spans()).toEqual([anOtlpSpan()])
  })
})
