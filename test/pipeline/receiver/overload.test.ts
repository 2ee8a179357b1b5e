import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { deflateSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { EventLog } from '../../../pipeline/event-log/event-log.ts'
import { encodeTraces } from '../../../pipeline/otlp/encode.ts'
import { TransientError } from '../../../schemas/errors.ts'
import { anOtlpSpan, attribute, tracesWith } from '../../support/an-otlp-span.ts'
import { openReceiver } from '../../support/open-receiver.ts'
import { counterOf } from '../../support/scrape.ts'
import { grpcSender, postOtlp } from '../../support/send-otlp.ts'

const TRACES = 'trace.v1.TraceService'
const RESOURCE_EXHAUSTED = 8

const spanOf = (number: number, bytes = 10) =>
  anOtlpSpan({
    spanId: number.toString(16).padStart(16, '0'),
    attributes: [attribute('a', 'x'.repeat(bytes))],
  })
const bodyOf = (number: number, bytes?: number): Buffer =>
  Buffer.from(encodeTraces(tracesWith([spanOf(number, bytes)])))

/** The log with another way of appending. */
const appending =
  (append: (log: EventLog, ...given: Parameters<EventLog['append']>) => Promise<void>) =>
  (log: EventLog): EventLog => ({ ...log, append: (records) => append(log, records) })

/** A connection on which a request was begun, with the first part of its body. */
const begunRequest = async (port: number, body: Buffer, sentBytes: number): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  const head = `POST /v1/traces HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/x-protobuf\r\ncontent-length: ${body.length}\r\n\r\n`
  socket.write(head)
  await new Promise<void>((resolve) => socket.write(body.subarray(0, sentBytes), () => resolve()))
  return socket
}

describe('while the bytes in flight are all taken', () => {
  const stalled = async () => {
    const gate = Promise.withResolvers<void>()
    const bothHeld = Promise.withResolvers<void>()
    let waiting = 0
    const opened = await openReceiver(
      { receiver: { maxBodyBytes: 500_000 } },
      appending(async (log, records) => {
        waiting += 1
        if (waiting === 2) bothHeld.resolve()
        await gate.promise
        await log.append(records)
      }),
    )
    // Each is held as a body and as what it becomes; four bodies are the most.
    const held = [1, 2].map((number) =>
      postOtlp(opened.receiver.httpPort, '/v1/traces', bodyOf(number, 450_000)),
    )
    await bothHeld.promise
    return { ...opened, gate, held }
  }

  test('senders over both protocols are told to come back, and when', async () => {
    const { receiver, metrics, gate, held } = await stalled()
    const http = await postOtlp(receiver.httpPort, '/v1/traces', bodyOf(9, 400_000))
    expect([http.status, http.headers.get('retry-after')]).toEqual([503, '1'])
    expect(http.body.toString()).toContain('[receiver-busy]')
    const grpc = await grpcSender(receiver.grpcPort)(TRACES, bodyOf(9, 400_000))
    expect(grpc).toMatchObject({
      code: RESOURCE_EXHAUSTED,
      details: expect.stringContaining('[receiver-busy]'),
    })
    expect(grpc.status?.toString()).toContain('google.rpc.RetryInfo')
    gate.resolve()
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200])
    expect(await counterOf(metrics, 'neosigma.ingest.requests', { outcome: 'receiver-busy' })).toBe(
      2,
    )
  })

  test('what was refused is not in the log, what was acknowledged is, and afterwards all is served', async () => {
    const { receiver, spans, gate, held } = await stalled()
    expect((await postOtlp(receiver.httpPort, '/v1/traces', bodyOf(9, 400_000))).status).toBe(503)
    gate.resolve()
    await Promise.all(held)
    expect((await spans()).map(({ spanId }) => Number.parseInt(spanId, 16)).sort()).toEqual([1, 2])
    const later = await Promise.all(
      [3, 4].map((number) => postOtlp(receiver.httpPort, '/v1/traces', bodyOf(number, 100_000))),
    )
    expect(later.map(({ status }) => status)).toEqual([200, 200])
  })
})

describe('senders that are slow', () => {
  test('keep nobody else waiting, and are served when they have sent all', async () => {
    const { receiver, spans } = await openReceiver()
    const body = bodyOf(1, 50_000)
    const slow = await Promise.all(
      Array.from({ length: 40 }, () => begunRequest(receiver.httpPort, body, 20_000)),
    )
    expect((await postOtlp(receiver.httpPort, '/v1/traces', bodyOf(2))).status).toBe(200)
    expect((await grpcSender(receiver.grpcPort)(TRACES, bodyOf(3))).code).toBe(0)
    expect(await spans()).toHaveLength(2)
    const answers = slow.map((socket) => buffer(socket))
    for (const socket of slow) socket.write(body.subarray(20_000))
    for (const answer of await Promise.all(answers))
      expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /)
    expect(await spans()).toHaveLength(42)
  })

  test('and give up give back what they held', async () => {
    const { receiver, metrics, spans } = await openReceiver({ receiver: { maxBodyBytes: 500_000 } })
    const body = bodyOf(1, 450_000)
    // Together several times what the receiver may hold.
    for (let round = 0; round < 5; round += 1) {
      const gone = await Promise.all(
        Array.from({ length: 3 }, () => begunRequest(receiver.httpPort, body, 440_000)),
      )
      for (const socket of gone) socket.destroy()
      const counted = (round + 1) * gone.length
      await expect
        .poll(() =>
          counterOf(metrics, 'neosigma.ingest.requests', { outcome: 'payload-malformed' }),
        )
        .toBe(counted)
    }
    expect((await postOtlp(receiver.httpPort, '/v1/traces', body)).status).toBe(200)
    expect(await spans()).toHaveLength(1)
  })
})

describe('a log that comes and goes', () => {
  test('loses nothing that was acknowledged, and has nothing that was refused', async () => {
    let appended = 0
    const { receiver, spans } = await openReceiver(
      {},
      appending(async (log, records) => {
        appended += 1
        if (appended % 3 === 0)
          throw new TransientError('log-unavailable', 'no broker', { retryAfterMs: 1200 })
        await log.append(records)
      }),
    )
    const acknowledged: number[] = []
    const hints = new Set<string | null>()
    await Promise.all(
      Array.from({ length: 30 }, async (_, number) => {
        const answer = await postOtlp(receiver.httpPort, '/v1/traces', bodyOf(number + 1))
        if (answer.status === 200) acknowledged.push(number + 1)
        else hints.add(`${answer.status} ${answer.headers.get('retry-after')}`)
      }),
    )
    expect(acknowledged).toHaveLength(20)
    expect([...hints]).toEqual(['503 2'])
    const stored = (await spans()).map(({ spanId }) => Number.parseInt(spanId, 16))
    expect(stored.toSorted((a, b) => a - b)).toEqual(acknowledged.toSorted((a, b) => a - b))
  })

  test('that fails in an unforeseen way is told as an internal error, without its words', async () => {
    const { receiver, spans } = await openReceiver(
      {},
      appending(() => Promise.reject(new Error('secret path /var/x'))),
    )
    const http = await postOtlp(receiver.httpPort, '/v1/traces', bodyOf(1))
    expect(http.status).toBe(500)
    expect(http.body.toString()).not.toContain('secret')
    const grpc = await grpcSender(receiver.grpcPort)(TRACES, bodyOf(1))
    expect(grpc.code).toBe(13)
    expect(grpc.details).not.toContain('secret')
    expect(await spans()).toEqual([])
  })
})

test('a body that deflate blows up is refused as one in gzip is', async () => {
  const { receiver } = await openReceiver()
  const bomb = deflateSync(Buffer.alloc(100_000_000))
  expect(bomb.length).toBeLessThan(200_000)
  const answer = await postOtlp(receiver.httpPort, '/v1/traces', bomb, {
    'content-encoding': 'deflate',
  })
  expect(answer.status).toBe(413)
})
