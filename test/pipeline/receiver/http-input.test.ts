import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { createGzip, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { encodeTraces, tracesToJson } from '../../../pipeline/otlp/encode.ts'
import { TOPICS } from '../../../schemas/topics.ts'
import { anOtlpSpan, attribute, tracesWith } from '../../support/an-otlp-span.ts'
import { openReceiver } from '../../support/open-receiver.ts'
import { counterOf } from '../../support/scrape.ts'
import { type HttpAnswer, postOtlp } from '../../support/send-otlp.ts'

const valid = encodeTraces(tracesWith([anOtlpSpan()]))
const asJson = { 'content-type': 'application/json' }
const jsonOf = ({ body }: HttpAnswer): Record<string, unknown> => JSON.parse(body.toString())

describe('a body over HTTP', () => {
  test.each<[string, Uint8Array | string, Record<string, string>]>([
    ['in protobuf', valid, {}],
    ['in JSON', JSON.stringify(tracesToJson(tracesWith([anOtlpSpan()]))), asJson],
    [
      'in JSON with a charset',
      JSON.stringify(tracesToJson(tracesWith([anOtlpSpan()]))),
      {
        'content-type': 'Application/JSON; charset=utf-8',
      },
    ],
    ['in gzip', gzipSync(valid), { 'content-encoding': 'gzip' }],
    ['in deflate', deflateSync(valid), { 'content-encoding': 'deflate' }],
  ])('%s is taken', async (_how, body, headers) => {
    const { receiver, spans } = await openReceiver()
    const answer = await postOtlp(receiver.httpPort, '/v1/traces', body, headers)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe(
      headers['content-type'] === undefined ? 'application/x-protobuf' : 'application/json',
    )
    expect(await spans()).toEqual([anOtlpSpan()])
  })

  test.each<[string, number, Uint8Array | string, Record<string, string>]>([
    ['garbage', 400, randomBytes(300), {}],
    ['truncated protobuf', 400, valid.subarray(0, valid.length - 5), {}],
    ['broken JSON', 400, '{"resourceSpans": [', asJson],
    ['JSON of another shape', 400, '{"resourceSpans": "none"}', asJson],
    ['JSON nested a million deep', 400, '['.repeat(1_000_000), asJson],
    ['protobuf that says it is gzip', 400, valid, { 'content-encoding': 'gzip' }],
    ['gzip that ends early', 400, gzipSync(valid).subarray(0, 40), { 'content-encoding': 'gzip' }],
    ['another content type', 415, valid, { 'content-type': 'text/plain' }],
    ['no content type', 415, valid, { 'content-type': '' }],
    ['another encoding', 415, valid, { 'content-encoding': 'zstd' }],
  ])('%s is refused with the reason', async (_what, status, body, headers) => {
    const { receiver, spans } = await openReceiver()
    const answer = await postOtlp(receiver.httpPort, '/v1/traces', body, headers)
    expect(answer.status).toBe(status)
    expect(answer.body.toString()).toMatch(/\[(payload-malformed|content-type-unsupported)\]/)
    expect(answer.headers.get('retry-after')).toBeNull()
    expect(await spans()).toEqual([])
    // The next one is served as if nothing had been.
    expect((await postOtlp(receiver.httpPort, '/v1/traces', valid)).status).toBe(200)
  })

  test('of near-empty messages, small on the wire and huge in memory, is refused', async () => {
    const { receiver } = await openReceiver()
    const empties = Buffer.alloc(10_000_000, Buffer.from([0x0a, 0x00]))
    const answer = await postOtlp(receiver.httpPort, '/v1/traces', empties)
    expect(answer.status).toBe(400)
  })

  test.each<[string, string, Uint8Array | string, Record<string, string>]>([
    ['nothing', '/v1/traces', '', {}],
    ['no spans', '/v1/traces', encodeTraces(tracesWith([])), {}],
    ['an empty object', '/v1/traces', '{}', asJson],
    ['no log records', '/v1/logs', '{"resourceLogs":[]}', asJson],
  ])('with %s is a success', async (_what, path, body, headers) => {
    const { receiver, records } = await openReceiver()
    const answer = await postOtlp(receiver.httpPort, path, body, headers)
    expect(answer.status).toBe(200)
    expect(answer.body.length).toBe(headers === asJson ? 2 : 0)
    expect(await records(TOPICS.spans.name)).toEqual([])
  })

  test('to another path, or by another method, is told where to go', async () => {
    const { receiver } = await openReceiver()
    const metrics = await postOtlp(receiver.httpPort, '/v1/metrics', valid, asJson)
    expect([metrics.status, jsonOf(metrics)['message']]).toEqual([
      404,
      expect.stringContaining('OTEL_METRICS_EXPORTER=none'),
    ])
    const answer = await fetch(`http://127.0.0.1:${receiver.httpPort}/v1/traces`)
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST'])
  })
})

describe('a body that is too large', () => {
  /** 50 MB in chunks, without saying how much is to come. */
  const sendChunked = (port: number, headers: Record<string, string>): Promise<number> =>
    new Promise((resolve, reject) => {
      const sending = request({
        port,
        host: '127.0.0.1',
        path: '/v1/traces',
        method: 'POST',
        headers,
      })
      sending.on('response', (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
      sending.on('error', reject)
      const chunk = Buffer.alloc(1024 * 1024, 0x0a)
      Readable.from(Array.from({ length: 50 }, () => chunk)).pipe(sending)
    })

  test('is refused by its length, and by its bytes where it says none', async () => {
    const { receiver, metrics } = await openReceiver()
    const answer = await postOtlp(receiver.httpPort, '/v1/traces', Buffer.alloc(50_000_000))
    expect(answer.status).toBe(413)
    expect(answer.body.toString()).toContain('payload-too-large')
    const headers = { 'content-type': 'application/x-protobuf' }
    expect(await sendChunked(receiver.httpPort, headers)).toBe(413)
    expect(
      await counterOf(metrics, 'neosigma.ingest.requests', { outcome: 'payload-too-large' }),
    ).toBe(2)
  })

  test('is refused also for a sender that wants the connection closed, and reads only when it has sent', async () => {
    const { receiver } = await openReceiver()
    const socket = connect(receiver.httpPort, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    const body = Buffer.alloc(50_000_000)
    const head = `POST /v1/traces HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`
    socket.pause()
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.write(head)
      socket.write(body, () => resolve())
    })
    const answer = (await buffer(socket)).toString()
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    expect(answer).toContain('payload-too-large')
  })

  test('only after decompression is refused without being decompressed', async () => {
    const { receiver } = await openReceiver()
    const bomb = await gzipOfZeros(512)
    expect(bomb.length).toBeLessThan(10_000_000)
    const before = process.memoryUsage().rss
    const answers = await Promise.all(
      [1, 2, 3].map(() =>
        postOtlp(receiver.httpPort, '/v1/traces', bomb, { 'content-encoding': 'gzip' }),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual([413, 413, 413])
    // One and a half gigabytes would have come out of it.
    expect(process.memoryUsage().rss - before).toBeLessThan(500_000_000)
  })

  test('only after every trace got its copy of the resource is refused', async () => {
    const { receiver, spans } = await openReceiver()
    const large = [attribute('a', 'x'.repeat(300_000))]
    const many = Array.from({ length: 1000 }, (_, i) =>
      anOtlpSpan({ traceId: `${i + 1}`.padStart(32, '0') }),
    )
    const body = encodeTraces(tracesWith(many, large))
    expect(body.length).toBeLessThan(500_000)
    const answer = await postOtlp(receiver.httpPort, '/v1/traces', body)
    expect(answer.status).toBe(413)
    expect(answer.body.toString()).toContain('repeats its resource')
    expect(await spans()).toEqual([])
  })
})

/** That many MiB of zeros, compressed. */
const gzipOfZeros = async (mebibytes: number): Promise<Buffer> => {
  const zeros = Buffer.alloc(1024 * 1024)
  const chunks: Buffer[] = []
  await pipeline(
    Readable.from(Array.from({ length: mebibytes }, () => zeros)),
    createGzip({ level: 1 }),
    async (source: AsyncIterable<Buffer>) => {
      for await (const chunk of source) chunks.push(chunk)
    },
  )
  return Buffer.concat(chunks)
}
