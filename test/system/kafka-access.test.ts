import { randomBytes, randomUUID } from 'node:crypto'
import kafkajs from 'kafkajs'
import { afterAll, describe, expect, test } from 'vitest'
import type { EventLog } from '../../pipeline/event-log/event-log.ts'
import { LARGEST_RECORD_BYTES } from '../../pipeline/event-log/record-size.ts'
import {
  BACK_MS,
  CLIENTS,
  everything,
  logOpener,
  startGuardedKafka,
  valuesOf,
  withPassword,
} from '../support/kafka-logs.ts'
import {
  aRecord,
  aTopic,
  eventually,
  numbered,
  numbersOf,
  startReading,
  upTo,
} from '../support/log-reading.ts'

const kafka = await startGuardedKafka('Kafka: login, encryption, limits, codecs')
afterAll(() => kafka?.stop())

const topicWith = async (name: string, value: string): Promise<string> => {
  const admin = new kafkajs.Kafka({
    brokers: [kafka?.brokers ?? ''],
    logLevel: kafkajs.logLevel.NOTHING,
  }).admin()
  const topic = `test.${randomUUID()}`
  await admin.connect()
  await admin.createTopics({
    waitForLeaders: true,
    topics: [{ topic, numPartitions: 2, configEntries: [{ name, value }] }],
  })
  await admin.disconnect()
  return topic
}

const CODECS = ['gzip', 'snappy', 'lz4', 'zstd'] as const

const expectReadable = async (writer: EventLog, reader: EventLog, topic: string): Promise<void> => {
  const value = Buffer.from(`${'compress me '.repeat(20_000)}end`)
  await writer.append([aRecord(topic, { value })])
  await writer.append([aRecord(topic)])
  const [large, small] = await everything(reader, topic)
  expect(Buffer.from(large?.value ?? []).equals(value)).toBe(true)
  expect(Buffer.from(small?.value ?? []).toString()).toBe('value')
}

describe.skipIf(kafka === null).each(CLIENTS)('Kafka by %s', (client) => {
  const opened = logOpener(kafka, client)
  test.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    'the right login by %s is let in, a wrong one is refused for good with the reason',
    async (sasl) => {
      const given = { brokers: [kafka?.loginBrokers ?? ''], sasl }
      const log = await opened(given, withPassword())
      const topic = await aTopic(log, 2)
      const reading = startReading(log, { group: randomUUID(), topics: [topic] })
      await log.append(numbered(topic, 10))
      await eventually(() => reading.records.length >= 10, BACK_MS)
      expect(await valuesOf(log, topic)).toEqual(upTo(10))
      await expect(opened(given, withPassword('wrong'))).rejects.toMatchObject({
        code: 'log-refused',
        message: expect.stringMatching(/authentication/i),
      })
    },
  )

  test('an encrypted connection is trusted by its certificate, and by no other', async () => {
    const { brokers = '', caFile = '' } = kafka?.encrypted ?? {}
    const given = { brokers: [brokers], sasl: 'scram-sha-512' as const }
    const secrets = withPassword()
    const log = await opened({ ...given, tls: { enabled: true, caFile } }, secrets)
    const topic = await aTopic(log, 2)
    const reading = startReading(log, { group: randomUUID(), topics: [topic] })
    await log.append(numbered(topic, 10))
    await eventually(() => reading.records.length >= 10, BACK_MS)
    await expect(opened({ ...given, tls: { enabled: true } }, secrets)).rejects.toMatchObject({
      code: 'log-refused',
      message: expect.stringMatching(/certificate/),
    })
    // One client says that the broker speaks TLS, the other that it closes the connection.
    await expect(opened(given, secrets)).rejects.toThrow(/log-(refused|unavailable)/)
    const absent = { enabled: true, caFile: '/no/such.pem' }
    await expect(opened({ ...given, tls: absent }, secrets)).rejects.toMatchObject({
      code: 'config-unreadable',
    })
  })

  test('a broker that demands a login does not pass for one without', async () => {
    await expect(opened({ brokers: [kafka?.loginBrokers ?? ''] })).rejects.toThrow()
  })

  test('a broker that is not there is named as away', async () => {
    await expect(opened({ brokers: ['127.0.0.1:1'] })).rejects.toMatchObject({
      code: 'log-unavailable',
    })
  })

  test('topics are not made where the configuration says so, and the missing ones are named', async () => {
    const log = await opened({ createTopics: false })
    const name = `test.${randomUUID()}`
    const spec = { name, partitions: 1, retentionHours: 1 }
    await expect(log.createTopics([spec])).rejects.toMatchObject({
      code: 'topic-unknown',
      message: expect.stringContaining(name),
    })
  })

  test('a topic that takes small batches only gets small batches, and no record beyond its limit', async () => {
    const log = await opened()
    const topic = await topicWith('max.message.bytes', '2000')
    const appended = await Promise.allSettled([
      log.append(numbered(topic, 200)),
      log.append([aRecord(topic, { value: Buffer.alloc(2500) })]),
      log.append(numbered(topic, 200, 7, 200)),
      // Below the limit by itself, above it with what Kafka adds: the broker is the judge.
      log.append([aRecord(topic, { value: randomBytes(1990) })]),
    ])
    expect(appended.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
    ])
    for (const place of [1, 3])
      expect(appended[place]).toMatchObject({ reason: { code: 'record-too-large' } })
    expect([...new Set(await valuesOf(log, topic))]).toEqual(upTo(400))
  })

  test.each(CODECS)('what Java wrote with %s is read', async (codec) => {
    // The broker compresses what it stores, with Java's own codecs.
    const topic = await topicWith('compression.type', codec)
    const log = await opened({ compression: 'none' })
    await expectReadable(log, log, topic)
  })

  test.each(CODECS)('what either client wrote with %s is read', async (compression) => {
    const log = await opened()
    for (const writer of CLIENTS) {
      const writing = await opened({ client: writer, compression })
      await expectReadable(writing, log, await aTopic(log, 1))
    }
  })
})

describe.skipIf(kafka === null)('Kafka', () => {
  test('members on different client libraries share one group, so that one may replace the other', async () => {
    const logs = await Promise.all(CLIENTS.map((client) => logOpener(kafka, client)()))
    const [log] = logs
    if (log === undefined) throw new Error('no client')
    const topic = await aTopic(log, 4)
    const group = randomUUID()
    const readings = logs.map((member) => startReading(member, { group, topics: [topic] }))
    await eventually(() => readings.every(({ owned }) => owned().length === 2), BACK_MS)
    await log.append(numbered(topic, 100, 50))
    await eventually(
      () => readings.reduce((sum, { records }) => sum + records.length, 0) >= 100,
      BACK_MS,
    )
    expect(numbersOf(readings.flatMap(({ records }) => records))).toEqual(upTo(100))
  })

  test('topics are described as they are', async () => {
    const log = await logOpener(kafka, undefined)()
    const name = `test.${randomUUID()}`
    const spec = { name, partitions: 3, retentionHours: 72 }
    await log.createTopics([spec])
    const odd = await topicWith('cleanup.policy', 'compact')
    const [made, other, ...none] = await log.describeTopics([name, odd, 'absent'])
    expect(made).toEqual({ ...spec, isCompacted: false, maxRecordBytes: LARGEST_RECORD_BYTES })
    expect(other).toMatchObject({ name: odd, partitions: 2, isCompacted: true })
    expect(none).toEqual([])
  })
})
