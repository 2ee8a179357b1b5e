import { describe, expect, test } from 'vitest'
import type { EventLog } from '../../../pipeline/event-log/event-log.ts'
import { encodeTraces } from '../../../pipeline/otlp/encode.ts'
import { TransientError } from '../../../schemas/errors.ts'
import { anOtlpSpan, attribute, tracesWith } from '../../support/an-otlp-span.ts'
import { openReceiver } from '../../support/open-receiver.ts'
import { grpcSender, postOtlp } from '../../support/send-otlp.ts'

const valid = encodeTraces(tracesWith([anOtlpSpan()]))
const big = encodeTraces(
  tracesWith([anOtlpSpan({ attributes: [attribute('a', 'x'.repeat(400_000))] })]),
)

test('success is told only after the log has the record', async () => {
  const gate = Promise.withResolvers<void>()
  const asked = Promise.withResolvers<void>()
  const { receiver, spans } = await openReceiver({}, (log) => ({
    ...bound(log),
    append: async (records) => {
      asked.resolve()
      await gate.promise
      await log.append(records)
    },
  }))
  let answered = false
  const sending = postOtlp(receiver.httpPort, '/v1/traces', valid).then((answer) => {
    answered = true
    return answer
  })
  await asked.promise
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(answered).toBe(false)
  gate.resolve()
  expect((await sending).status).toBe(200)
  expect(await spans()).toHaveLength(1)
})

describe('when the log is full', () => {
  test('senders are told to come back, and nothing that was acknowledged is lost', async () => {
    const { receiver, spans } = await openReceiver({
      eventLog: { driver: 'sqlite', maxBytes: 1_500_000 },
    })
    const statuses: number[] = []
    for (let i = 0; i < 12; i += 1)
      statuses.push((await postOtlp(receiver.httpPort, '/v1/traces', big)).status)
    const taken = statuses.filter((status) => status === 200).length
    expect(taken).toBeGreaterThan(0)
    expect(statuses.slice(taken).every((status) => status === 503)).toBe(true)
    const http = await postOtlp(receiver.httpPort, '/v1/traces', big)
    expect([http.status, http.headers.get('retry-after')]).toEqual([
      503,
      expect.stringMatching(/^\d+$/),
    ])
    expect(http.body.toString()).toContain('[log-full]')
    const grpc = await grpcSender(receiver.grpcPort)('trace.v1.TraceService', big)
    expect(grpc).toMatchObject({ code: 8, details: expect.stringContaining('[log-full]') })
    expect(grpc.status?.toString()).toContain('google.rpc.RetryInfo')
    expect(await spans()).toHaveLength(taken)
  })

  test('and a log that does not answer is unavailable, with its own hint', async () => {
    const { receiver } = await openReceiver({}, (log) => ({
      ...bound(log),
      append: async () => {
        throw new TransientError('log-unavailable', 'no broker', { retryAfterMs: 2500 })
      },
    }))
    const http = await postOtlp(receiver.httpPort, '/v1/traces', valid)
    expect([http.status, http.headers.get('retry-after')]).toEqual([503, '3'])
    const grpc = await grpcSender(receiver.grpcPort)('trace.v1.TraceService', valid)
    expect(grpc.code).toBe(14)
    expect(grpc.status?.toString()).toContain('google.rpc.RetryInfo')
  })
})

test('more bytes in flight than the receiver may hold are asked to come back', async () => {
  const gate = Promise.withResolvers<void>()
  const { receiver } = await openReceiver({ receiver: { maxBodyBytes: 500_000 } }, (log) => ({
    ...bound(log),
    append: async (records) => {
      await gate.promise
      await log.append(records)
    },
  }))
  const sending = Array.from({ length: 12 }, () =>
    postOtlp(receiver.httpPort, '/v1/traces', big).then(({ status }) => status),
  )
  const refused = await Promise.race(sending)
  expect(refused).toBe(503)
  gate.resolve()
  const statuses = await Promise.all(sending)
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(2)
  expect((await postOtlp(receiver.httpPort, '/v1/traces', big)).status).toBe(200)
})

/** The log's methods, whichever way they are held. */
const bound = (log: EventLog): EventLog => ({
  createTopics: (topics) => log.createTopics(topics),
  describeTopics: (names) => log.describeTopics(names),
  append: (records) => log.append(records),
  consume: (options) => log.consume(options),
  readAll: (topic) => log.readAll(topic),
  partitionsOf: (topic) => log.partitionsOf(topic),
  lag: (group) => log.lag(group),
  close: () => log.close(),
})
