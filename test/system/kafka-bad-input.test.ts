import { randomBytes, randomUUID } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import kafkajs, { type Message } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startKafka } from '../../deploy/local/kafka/start-kafka.ts'
import type { EventLog } from '../../pipeline/event-log/event-log.ts'
import { encodeTraces } from '../../pipeline/otlp/encode.ts'
import { startWriter } from '../../pipeline/writer/main.ts'
import { decodeEvent } from '../../schemas/cloud-event.ts'
import { TransientError } from '../../schemas/errors.ts'
import { TOPICS } from '../../schemas/topics.ts'
import { anOtlpSpan, tracesWith } from '../support/an-otlp-span.ts'
import { BACK_MS, CLIENTS, everything, logOpener } from '../support/kafka-logs.ts'
import { kafkaIsMissing } from '../support/local-kafka.ts'
import { aTopic, eventually, numbered, startReading, textOf } from '../support/log-reading.ts'
import { openTestContext, type TestContext } from '../support/open-test-context.ts'

const missing = await kafkaIsMissing('bad input over Kafka')
const kafka = missing ? null : await startKafka()
afterAll(() => kafka?.stop())

const { CompressionCodecs, CompressionTypes, logLevel } = kafkajs

/** Sends as a producer does that is none of ours. */
const sendRaw = async (topic: string, messages: Message[], compression = 0): Promise<void> => {
  const client = new kafkajs.Kafka({ brokers: [kafka?.brokers ?? ''], logLevel: logLevel.NOTHING })
  const producer = client.producer({ retry: { retries: compression === 0 ? 8 : 0 } })
  await producer.connect()
  try {
    await producer.send({ topic, messages, compression })
  } finally {
    await producer.disconnect()
  }
}

const IN_2200 = Date.UTC(2200, 0, 1)

describe.skipIf(kafka === null).each(CLIENTS)('odd records by %s', (client) => {
  const opened = logOpener(kafka, client)

  test('a record without value, without key, with odd headers or of 1970 is delivered as far as it goes', async () => {
    const log = await opened()
    const topic = await aTopic(log, 1)
    const blob = Buffer.from([0xff, 0xfe, 0x00])
    await sendRaw(topic, [
      { key: 'tombstone', value: null },
      { key: null, value: null },
      { key: '', value: Buffer.alloc(0) },
      { key: blob, value: blob, timestamp: '0' },
      {
        key: 'headers',
        value: 'v',
        headers: {
          '': 'no name',
          twice: ['first', 'second'],
          blob,
          __proto__: 'x',
          'content-type': '',
          naïve: 'ü'.repeat(1000),
        },
      },
      { key: 'k', value: 'last', timestamp: '1' },
    ])
    const reading = startReading(log, { group: randomUUID(), topics: [topic] })
    await eventually(() => reading.records.length >= 6, BACK_MS)
    for (const records of [reading.records, await everything(log, topic)]) {
      expect(records.map(({ offset }) => offset)).toEqual([0n, 1n, 2n, 3n, 4n, 5n])
      expect(records.map(({ value }) => value.byteLength)).toEqual([0, 0, 0, 3, 1, 4])
      expect(records.map(({ key }) => key)).toEqual([
        ...['tombstone', null, '', blob.toString('utf8'), 'headers', 'k'],
      ])
      expect(records[3]?.timestampMs).toBe(0)
      expect(records[5]?.timestampMs).toBe(1)
      expect(records[4]?.headers).toMatchObject({
        ...{ '': 'no name', twice: 'second', 'content-type': '', naïve: 'ü'.repeat(1000) },
        blob: blob.toString('utf8'),
      })
    }
  })

  test('what the broker itself refuses disturbs nobody: an unknown codec, a body that is not what its codec says', async () => {
    const log = await opened()
    const topic = await aTopic(log, 1)
    await log.append(numbered(topic, 5))
    const garbage = { compress: async () => randomBytes(300), decompress: async (b: Buffer) => b }
    const gzip = CompressionCodecs[CompressionTypes.GZIP]
    onTestFinished(() => {
      CompressionCodecs[CompressionTypes.GZIP] = gzip
    })
    const codecs = CompressionCodecs as Record<number, () => typeof garbage>
    for (const codec of [5, 6, 7, CompressionTypes.GZIP]) {
      codecs[codec] = () => garbage
      await expect(sendRaw(topic, [{ value: 'x' }], codec)).rejects.toThrow()
    }
    await log.append(numbered(topic, 5, 7, 5))
    expect((await everything(log, topic)).map(textOf)).toEqual([...'0123456789'])
  })

  test('a time in the future is refused by the broker with its reason, and the next append is taken', async () => {
    const log = await opened()
    const topic = await aTopic(log, 1)
    const [record] = numbered(topic, 1)
    if (record === undefined) throw new Error('no record')
    await expect(log.append([{ ...record, timestampMs: IN_2200 }])).rejects.toMatchObject({
      code: 'log-unavailable',
      message: expect.stringMatching(/timestamp/i),
    })
    await log.append([{ ...record, timestampMs: 0 }, record])
    expect(await everything(log, topic)).toHaveLength(2)
  })
})

describe.skipIf(kafka === null)('the writer on Kafka', () => {
  let embedded: TestContext
  beforeAll(async () => {
    embedded = await openTestContext()
  })
  afterAll(() => embedded.close())

  const lettersOf = async (log: EventLog, key: string) =>
    (await everything(log, TOPICS.deadLetter.name))
      .map((record) => decodeEvent(TOPICS.deadLetter, record))
      .filter((letter) => letter.key === key)

  test.each(CLIENTS)(
    'sets apart what is no OTLP protobuf, with the reason, and stores all else (%s)',
    async (client) => {
      const log = await logOpener(kafka, client)()
      await log.createTopics(Object.values(TOPICS))
      const traceId = randomBytes(16).toString('hex')
      const spanOf = (spanId: string): Buffer =>
        Buffer.from(encodeTraces(tracesWith([anOtlpSpan({ traceId, spanId: spanId.repeat(16) })])))
      const json = Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [] }] }))
      const bad = [
        json,
        randomBytes(200),
        Buffer.from('<xml/>'),
        gzipSync(spanOf('1')),
        spanOf('2').subarray(0, -7),
      ]
      const messages = [spanOf('a'), ...bad, spanOf('b'), null, spanOf('c')]
      await sendRaw(
        TOPICS.spans.name,
        messages.map((value) => ({ key: traceId, value })),
      )
      const role = await startWriter({ ...embedded, log })
      onTestFinished(() => role.stop())
      await eventually(async () => {
        // kafkajs stumbles over a topic that the broker has just made: asked again.
        const lags = await log.lag('neosigma-writer').catch(unlessTransient)
        // A group that has committed nothing yet may not list the topic that matters.
        const isListed = lags.some(({ topic, end }) => topic === TOPICS.spans.name && end > 0n)
        return isListed && lags.every(({ committed, end }) => end === (committed ?? 0n))
      }, BACK_MS)
      const letters = await lettersOf(log, traceId)
      expect(letters.map(({ valueBase64 }) => valueBase64)).toEqual(
        bad.map((value) => value.toString('base64')),
      )
      for (const letter of letters) {
        expect(letter).toMatchObject({ code: 'payload-malformed', consumer: 'writer' })
        expect(letter.reason).not.toBe('')
      }
      const [row] = await embedded.store.query<{ readonly n: string }>(
        'SELECT count() AS n FROM otel_traces FINAL WHERE TraceId = {traceId: String}',
        { traceId },
      )
      expect(Number(row?.n)).toBe(3)
    },
  )
})

const unlessTransient = (error: unknown): readonly [] => {
  if (error instanceof TransientError) return []
  throw error
}
