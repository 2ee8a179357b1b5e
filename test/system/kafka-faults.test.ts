import { randomBytes, randomUUID } from 'node:crypto'
import kafkajs from 'kafkajs'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { type LocalKafka, startKafka } from '../../deploy/local/kafka/start-kafka.ts'
import type { EventLog, StoredRecord } from '../../pipeline/event-log/event-log.ts'
import { openEventLog } from '../../pipeline/event-log/open-event-log.ts'
import {
  type ConfigurationInput,
  configuration,
} from '../../pipeline/service-runtime/configuration.ts'
import { NO_SECRETS, type Secrets, secretOf } from '../../pipeline/service-runtime/secrets.ts'
import { TransientError } from '../../schemas/errors.ts'
import { kafkaIsMissing } from '../support/local-kafka.ts'
import {
  aRecord,
  aTopic,
  eventually,
  numbered,
  numbersOf,
  startReading,
  testServices,
  upTo,
} from '../support/log-reading.ts'
import { startLogChild } from '../support/start-log-child.ts'

const login = { username: 'alice', password: 'a "quoted" secret' }
const missing = await kafkaIsMissing('faults of Kafka: login, limits, codecs, death of the broker')
const kafka: LocalKafka | null = missing ? null : await startKafka({ login, tls: true })
afterAll(() => kafka?.stop())

const BACK_MS = 40_000

type Settings = Extract<ConfigurationInput['eventLog'], { driver: 'kafka' }>

const openWith = async (given: Partial<Settings>, secrets: Secrets): Promise<EventLog> => {
  const eventLog = { driver: 'kafka' as const, brokers: [kafka?.brokers ?? ''], ...given }
  const log = await openEventLog(configuration.parse({ eventLog }), secrets, testServices())
  onTestFinished(() => log.close())
  return log
}

const withPassword = (password: string): Secrets => ({
  ...NO_SECRETS,
  kafkaUsername: secretOf(login.username),
  kafkaPassword: secretOf(password),
})

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

const everything = async (log: EventLog, topic: string): Promise<StoredRecord[]> => {
  const records: StoredRecord[] = []
  for await (const record of log.readAll(topic)) records.push(record)
  return records
}

const valuesOf = async (log: EventLog, topic: string): Promise<number[]> =>
  numbersOf(await everything(log, topic))

const CODECS = ['gzip', 'snappy', 'lz4', 'zstd'] as const

const expectReadable = async (writer: EventLog, reader: EventLog, topic: string): Promise<void> => {
  const value = Buffer.from(`${'compress me '.repeat(20_000)}end`)
  await writer.append([aRecord(topic, { value })])
  await writer.append([aRecord(topic)])
  const [large, small] = await everything(reader, topic)
  expect(Buffer.from(large?.value ?? []).equals(value)).toBe(true)
  expect(Buffer.from(small?.value ?? []).toString()).toBe('value')
}

const CLIENTS = ['kafkajs', 'platformatic'] as const

describe.skipIf(kafka === null).each(CLIENTS)('Kafka by %s', (client) => {
  const opened = (given: Partial<Settings> = {}, secrets: Secrets = NO_SECRETS) =>
    openWith({ client, ...given }, secrets)
  test.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    'the right login by %s is let in, a wrong one is refused for good with the reason',
    async (sasl) => {
      const given = { brokers: [kafka?.loginBrokers ?? ''], sasl }
      const log = await opened(given, withPassword(login.password))
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
    const secrets = withPassword(login.password)
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

  test('the broker dies under appends and consumers: nothing is lost, and the same log goes on', async () => {
    const log = await opened()
    const topic = await aTopic(log, 4)
    const group = randomUUID()
    const reading = startReading(log, { group, topics: [topic], maxRecords: 20 })
    let appended = 0
    let refused = 0
    const appendAll = async (): Promise<void> => {
      while (appended < 3000) {
        try {
          await log.append(numbered(topic, 10, 50, appended))
          appended += 10
        } catch (error) {
          if (!(error instanceof TransientError)) throw error
          refused += 1
        }
      }
    }
    const appending = appendAll()
    for (const dieAt of [500, 2000]) {
      await eventually(() => appended >= dieAt, BACK_MS)
      await kafka?.kill()
      await kafka?.restart()
    }
    await appending
    await eventually(async () => {
      const lag = await log.lag(group)
      return lag.every(({ committed, end }) => committed === end)
    }, BACK_MS)
    const stored = await valuesOf(log, topic)
    expect([...new Set(stored)]).toEqual(upTo(3000))
    expect([...new Set(numbersOf(reading.records))]).toEqual(upTo(3000))
    // An idempotent producer stores what it repeats once; only what a caller appended again may be there twice.
    expect(stored.length - 3000).toBeLessThanOrEqual(refused * 10)
    process.stderr.write(
      `broker killed twice: ${stored.length - 3000} stored twice, ${reading.records.length - stored.length} delivered twice, ${refused} appends refused\n`,
    )
  })

  test('a member that hung wakes up without its partitions: its commit changes nothing', async () => {
    const log = await opened()
    const topic = await aTopic(log, 1)
    const group = randomUUID()
    await log.append(numbered(topic, 30))
    const child = startLogChild({
      configuration: { eventLog: { driver: 'kafka', brokers: [kafka?.brokers ?? ''], client } },
      act: 'hold',
      topic,
      group,
    })
    await eventually(() => child.said.length > 0, BACK_MS)
    await log.append(numbered(topic, 30, 7, 30))
    child.send('SIGSTOP')
    const reading = startReading(log, { group, topics: [topic] })
    await eventually(() => reading.records.length >= 60, BACK_MS)
    child.send('SIGUSR2')
    child.send('SIGCONT')
    await eventually(() => child.said.length > 1, BACK_MS)
    expect(child.said[1]).toEqual({ committed: false })
    await eventually(async () => (await log.lag(group))[0]?.committed === 60n, BACK_MS)
    expect(numbersOf(reading.records)).toEqual(upTo(60))
    await child.end('SIGKILL')
  })

  test('while the broker is away appends are refused, and what comes after is not taken for a repetition', async () => {
    const log = await opened()
    const topic = await aTopic(log, 1)
    await log.append(numbered(topic, 10))
    await kafka?.kill()
    await expect(log.append(numbered(topic, 10, 7, 100))).rejects.toMatchObject({
      code: 'log-unavailable',
    })
    await kafka?.restart()
    await log.append(numbered(topic, 10, 7, 10))
    await log.append(numbered(topic, 10, 7, 20))
    const stored = new Set(await valuesOf(log, topic))
    for (const value of upTo(30)) expect(stored).toContain(value)
  })

  test('a login outlives the death of the broker', async () => {
    const log = await opened({ brokers: [kafka?.loginBrokers ?? ''] }, withPassword(login.password))
    const topic = await aTopic(log, 1)
    const reading = startReading(log, { group: randomUUID(), topics: [topic] })
    await log.append(numbered(topic, 10))
    await eventually(() => reading.records.length >= 10, BACK_MS)
    await kafka?.kill()
    await kafka?.restart()
    await log.append(numbered(topic, 10, 7, 10))
    await eventually(() => reading.records.length >= 20, BACK_MS)
    expect(await valuesOf(log, topic)).toEqual(upTo(20))
  })
})
