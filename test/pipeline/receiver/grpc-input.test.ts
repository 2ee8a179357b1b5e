import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { encodeLogs, encodeTraces } from '../../../pipeline/otlp/encode.ts'
import { anOtlpLog, anOtlpSpan, logsWith, tracesWith } from '../../support/an-otlp-span.ts'
import { openReceiver } from '../../support/open-receiver.ts'
import { grpcSender } from '../../support/send-otlp.ts'

const TRACES = 'trace.v1.TraceService'
const LOGS = 'logs.v1.LogsService'
const CODES = { ok: 0, invalidArgument: 3, resourceExhausted: 8, unimplemented: 12 }
const GZIP = { 'grpc.default_compression_algorithm': 2 }

const valid = encodeTraces(tracesWith([anOtlpSpan()]))

describe('a request over gRPC', () => {
  test.each([
    ['plain', {}],
    ['in gzip', GZIP],
  ])('%s is taken', async (_how, options) => {
    const { receiver, spans, logRecords } = await openReceiver()
    const send = grpcSender(receiver.grpcPort, options)
    expect(await send(TRACES, valid)).toMatchObject({ code: CODES.ok, body: Buffer.alloc(0) })
    expect((await send(LOGS, encodeLogs(logsWith([anOtlpLog()])))).code).toBe(CODES.ok)
    expect(await spans()).toEqual([anOtlpSpan()])
    expect(await logRecords()).toEqual([anOtlpLog()])
  })

  test('that is empty is a success', async () => {
    const { receiver } = await openReceiver()
    const send = grpcSender(receiver.grpcPort)
    expect((await send(TRACES, Buffer.alloc(0))).code).toBe(CODES.ok)
    expect((await send(LOGS, encodeLogs(logsWith([])))).code).toBe(CODES.ok)
  })

  test.each([
    ['garbage', randomBytes(300)],
    ['truncated', valid.subarray(0, valid.length - 5)],
  ])(
    'that is %s is an invalid argument, with the reason and without a hint to try again',
    async (_what, body) => {
      const { receiver } = await openReceiver()
      const send = grpcSender(receiver.grpcPort)
      const answer = await send(TRACES, body)
      expect(answer).toMatchObject({
        code: CODES.invalidArgument,
        details: expect.stringContaining('[payload-malformed]'),
      })
      expect(answer.status?.toString()).not.toContain('RetryInfo')
      expect((await send(TRACES, valid)).code).toBe(CODES.ok)
    },
  )

  test.each([
    ['of 50 MB', Buffer.alloc(50_000_000), {}],
    ['of 200 MB after decompression', Buffer.alloc(200_000_000), GZIP],
  ])('%s is refused', async (_what, body, options) => {
    const { receiver, spans } = await openReceiver()
    const answer = await grpcSender(receiver.grpcPort, {
      ...options,
      'grpc.max_send_message_length': -1,
    })(TRACES, body)
    expect(answer.code).toBe(CODES.resourceExhausted)
    // Without retry info: senders drop it instead of sending it for ever.
    expect(answer.status).toBeNull()
    expect(await spans()).toEqual([])
    expect((await grpcSender(receiver.grpcPort)(TRACES, valid)).code).toBe(CODES.ok)
  })

  test('of metrics is told what to set', async () => {
    const { receiver } = await openReceiver()
    expect(
      await grpcSender(receiver.grpcPort)('metrics.v1.MetricsService', Buffer.alloc(0)),
    ).toMatchObject({
      code: CODES.unimplemented,
      details: expect.stringContaining('OTEL_METRICS_EXPORTER=none'),
    })
  })
})
