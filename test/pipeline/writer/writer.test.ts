import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { encodeLogs, encodeTraces } from '../../../pipeline/otlp/encode.ts'
import { startReceiver } from '../../../pipeline/receiver/main.ts'
import { startWriter } from '../../../pipeline/writer/main.ts'
import { keptStreamers, WRITTEN_TOPICS } from '../../../pipeline/writer/targets.ts'
import { writeBatch } from '../../../pipeline/writer/write-batch.ts'
import { decodeEvent } from '../../../schemas/cloud-event.ts'
import { TOPICS } from '../../../schemas/topics.ts'
import { anOtlpLog, anOtlpSpan, logsWith, tracesWith } from '../../support/an-otlp-span.ts'
import { openTestContext, type TestContext } from '../../support/open-test-context.ts'
import { counterOf } from '../../support/scrape.ts'

let context: TestContext
beforeAll(async () => {
  context = await openTestContext({
    configuration: { receiver: { grpcPort: 0, httpPort: 0 } },
  })
})
afterAll(() => context.close())

const newTraceId = (): string => randomBytes(16).toString('hex')

const writing = async (): Promise<void> => {
  const role = await startWriter(context)
  onTestFinished(() => role.stop())
}

const countOf = async (table: string, traceId: string, final = 'FINAL'): Promise<number> => {
  const [row] = await context.store.query<{ readonly n: string }>(
    `SELECT count() AS n FROM ${table} ${final} WHERE TraceId = {traceId: String}`,
    { traceId },
  )
  return Number(row?.n)
}

const lettersOf = async (key: string) => {
  const letters = []
  for await (const record of context.log.readAll(TOPICS.deadLetter.name)) {
    const letter = decodeEvent(TOPICS.deadLetter, record)
    if (letter.key === key) letters.push(letter)
  }
  return letters
}

/** The uncommitted part of the topics; 0 means that all was written. */
const lag = async (): Promise<bigint> =>
  (await context.log.lag('neosigma-writer'))
    .filter(({ topic }) => WRITTEN_TOPICS.includes(topic))
    .reduce((sum, { committed, end }) => sum + end - (committed ?? 0n), 0n)

const written = () => expect.poll(lag, { timeout: 20_000, interval: 50 }).toBe(0n)

const appendSpans = (key: string, ...names: string[]): Promise<void> =>
  context.log.append(
    names.map((name, i) => ({
      topic: TOPICS.spans.name,
      key,
      value: encodeTraces(
        tracesWith([anOtlpSpan({ traceId: key, spanId: `${i + 1}`.padStart(16, '0'), name })]),
      ),
    })),
  )

describe('the writer', () => {
  test('brings what the receiver acknowledged into the store', async () => {
    const receiver = await startReceiver(context)
    onTestFinished(() => receiver.stop())
    await writing()
    const traceId = newTraceId()
    const post = async (path: string, body: Uint8Array): Promise<number> => {
      const answer = await fetch(`http://127.0.0.1:${receiver.httpPort}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-protobuf' },
        body: Buffer.from(body),
      })
      return answer.status
    }
    const spans = Array.from({ length: 50 }, (_, i) =>
      anOtlpSpan({ traceId, spanId: `${i + 1}`.padStart(16, '0') }),
    )
    expect(await post('/v1/traces', encodeTraces(tracesWith(spans)))).toBe(200)
    expect(await post('/v1/logs', encodeLogs(logsWith([anOtlpLog({ traceId })])))).toBe(200)
    await written()
    expect(await countOf('otel_traces', traceId)).toBe(50)
    const [log] = await context.store.query(
      'SELECT Body, ServiceName, EventName FROM otel_logs WHERE TraceId = {traceId: String}',
      { traceId },
    )
    expect(log).toEqual({ Body: 'hello', ServiceName: 'shop', EventName: '' })
  })

  test('counts the same span once and equal log lines each', async () => {
    const traceId = newTraceId()
    const span = encodeTraces(tracesWith([anOtlpSpan({ traceId })]))
    const line = encodeLogs(logsWith([anOtlpLog({ traceId }), anOtlpLog({ traceId })]))
    const topics = [TOPICS.spans.name, TOPICS.spans.name, TOPICS.logs.name, TOPICS.logs.name]
    await context.log.append(
      topics.map((topic) => ({
        topic,
        key: traceId,
        value: topic === TOPICS.spans.name ? span : line,
      })),
    )
    await writing()
    await written()
    expect(await countOf('otel_traces', traceId)).toBe(1)
    expect(await countOf('otel_logs', traceId)).toBe(4)
  })

  test('sets what cannot be decoded apart with its bytes, and goes on', async () => {
    const traceId = newTraceId()
    await appendSpans(traceId, 'before')
    const garbage = Buffer.from('0affffffff0f', 'hex')
    await context.log.append([
      { topic: TOPICS.spans.name, key: traceId, value: garbage, headers: { a: 'b' } },
    ])
    await appendSpans(traceId, 'after', 'after that')
    await writing()
    await written()
    expect(await lettersOf(traceId)).toEqual([
      expect.objectContaining({
        topic: TOPICS.spans.name,
        consumer: 'writer',
        code: 'payload-malformed',
        reason: expect.stringContaining('truncated'),
        headers: { a: 'b' },
        valueBase64: garbage.toString('base64'),
      }),
    ])
    expect(await countOf('otel_traces', traceId)).toBe(3)
  })

  test('finds the one record that the store refuses, and stores all others', async () => {
    const traceId = newTraceId()
    await context.store.command(
      "ALTER TABLE otel_traces ADD CONSTRAINT probe CHECK SpanName != 'poison'",
    )
    onTestFinished(() => context.store.command('ALTER TABLE otel_traces DROP CONSTRAINT probe'))
    const names = Array.from({ length: 40 }, (_, i) => (i === 23 ? 'poison' : `span ${i}`))
    await appendSpans(traceId, ...names)
    await writing()
    await written()
    expect(await countOf('otel_traces', traceId)).toBe(39)
    expect(await lettersOf(traceId)).toEqual([
      expect.objectContaining({ code: 'query-refused', reason: expect.stringContaining('probe') }),
    ])
  })

  test('keeps its place while the store takes no rows, and blames no record for it', async () => {
    const traceId = newTraceId()
    await context.store.command('RENAME TABLE otel_traces TO otel_traces_away')
    await appendSpans(traceId, 'waiting')
    await writing()
    await expect
      .poll(() => counterOf(context.metrics, 'neosigma.consumer.retries'), { timeout: 20_000 })
      .toBeGreaterThan(0)
    expect(await lag()).toBe(1n)
    await context.store.command('RENAME TABLE otel_traces_away TO otel_traces')
    await written()
    expect(await countOf('otel_traces', traceId)).toBe(1)
    expect(await lettersOf(traceId)).toEqual([])
  })

  test('that dies between insert and commit changes nothing by doing it again', async () => {
    const traceId = newTraceId()
    await appendSpans(traceId, ...Array.from({ length: 25 }, (_, i) => `span ${i}`))
    const line = encodeLogs(logsWith([anOtlpLog({ traceId }), anOtlpLog({ traceId })]))
    await context.log.append([{ topic: TOPICS.logs.name, key: traceId, value: line }])
    for (let life = 0; life < 2; life += 1) await liveWithoutCommit(traceId)
    // The token alone: without it the raw table would hold every span three times.
    expect(await countOf('otel_traces', traceId, '')).toBe(25)
    await writing()
    await written()
    expect(await countOf('otel_traces', traceId, '')).toBe(25)
    expect(await countOf('otel_logs', traceId)).toBe(2)
  })
})

/** Writes everything that is there as the writer does, and dies before each commit. */
const liveWithoutCommit = async (traceId: string): Promise<void> => {
  const stop = new AbortController()
  const streamerOf = keptStreamers()
  const options = { group: 'neosigma-writer', topics: WRITTEN_TOPICS, signal: stop.signal }
  for await (const batch of context.log.consume(options)) {
    const dying = { ...batch, heartbeat: async () => {}, commit: async () => false }
    await writeBatch({ ...context, streamerOf }, dying, undefined, () => {})
    if ((await countOf('otel_traces', traceId)) === 25 && (await countOf('otel_logs', traceId)) > 0)
      stop.abort()
  }
}
