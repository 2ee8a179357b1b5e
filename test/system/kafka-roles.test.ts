import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import kafkajs from 'kafkajs'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  type LocalClickHouse,
  startClickHouse,
} from '../../deploy/local/clickhouse/start-clickhouse.ts'
import { type LocalKafka, startKafka } from '../../deploy/local/kafka/start-kafka.ts'
import { encodeTraces } from '../../pipeline/otlp/encode.ts'
import { configuration } from '../../pipeline/service-runtime/configuration.ts'
import { NO_SECRETS } from '../../pipeline/service-runtime/secrets.ts'
import { openTraceStore } from '../../pipeline/trace-store/open-trace-store.ts'
import type { TraceStore } from '../../pipeline/trace-store/trace-store.ts'
import { TOPICS } from '../../schemas/topics.ts'
import { anOtlpSpan, tracesWith } from '../support/an-otlp-span.ts'
import { runCli } from '../support/cli.ts'
import { BACK_MS, CLIENTS, logOpener } from '../support/kafka-logs.ts'
import { kafkaIsMissing } from '../support/local-kafka.ts'
import {
  aTopic,
  eventually,
  numbered,
  numbersOf,
  startReading,
  upTo,
} from '../support/log-reading.ts'
import { startRoleProcess } from '../support/role-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const missing = await kafkaIsMissing('roles on Kafka: lag, orderly end, topics')
const kafka: LocalKafka | null = missing ? null : await startKafka()
afterAll(() => kafka?.stop())

const RECORDS = 12_000
/** A handler that takes longer than the session of its member. */
const LONG_MS = 14_000

describe.skipIf(kafka === null).each(CLIENTS)('a member on %s', (client) => {
  const opened = logOpener(kafka, client)

  test('keeps its partitions while it works longer on a batch than a dead member is waited for', async () => {
    const log = await opened()
    const topic = await aTopic(log, 2)
    const group = randomUUID()
    const commits: boolean[] = []
    const options = { group, topics: [topic], maxRecords: 10 }
    const reading = startReading(log, options, async (batch) => {
      if (commits.length === 0) await new Promise((resolve) => setTimeout(resolve, LONG_MS))
      commits.push(await batch.commit())
    })
    await eventually(() => reading.owned().length === 2, BACK_MS)
    await log.append(numbered(topic, 40))
    await eventually(() => reading.records.length >= 40, BACK_MS)
    await reading.stop()
    expect(commits.every(Boolean)).toBe(true)
    expect(numbersOf(reading.records)).toEqual(upTo(40))
  })
})

describe.skipIf(kafka === null)('the roles on Kafka and a ClickHouse server', () => {
  const { folder, remove } = temporaryFolder()
  let clickhouse: LocalClickHouse
  let store: TraceStore
  beforeAll(async () => {
    clickhouse = await startClickHouse()
    const traceStore = { driver: 'clickhouse', url: clickhouse.url } as const
    store = await openTraceStore(configuration.parse({ traceStore }), NO_SECRETS)
  })
  afterAll(async () => {
    await store.close()
    await clickhouse.stop()
    remove()
  })

  const startWriter = async (client: string) => {
    const cwd = join(folder, client)
    mkdirSync(cwd, { recursive: true })
    const eventLog = { driver: 'kafka', brokers: [kafka?.brokers], client }
    writeFileSync(join(cwd, 'neosigma.config.jsonc'), JSON.stringify({ eventLog }))
    const variables = { CLICKHOUSE_URL: clickhouse.url, NEOSIGMA_DATA_DIR: join(cwd, 'data') }
    const writer = await startRoleProcess('writer', variables, cwd)
    onTestFinished(() => writer.stop())
    return writer
  }

  test.each(CLIENTS)(
    'a writer on %s shows its lag, ends in order in the middle of its work, and the next one loses and doubles nothing',
    async (client) => {
      const log = await logOpener(kafka, client)()
      await log.createTopics(Object.values(TOPICS))
      const behind = async (): Promise<number> => {
        const lags = await log.lag('neosigma-writer')
        const ofSpans = lags.filter(({ topic }) => topic === TOPICS.spans.name)
        return ofSpans.reduce((sum, { committed, end }) => sum + Number(end - (committed ?? 0n)), 0)
      }
      const name = `backlog of ${client}`
      const traceOf = (n: number): string => `${client.length}${n}`.padStart(32, '0')
      await log.append(
        upTo(RECORDS).map((n) => ({
          topic: TOPICS.spans.name,
          key: traceOf(n),
          value: encodeTraces(
            tracesWith([anOtlpSpan({ traceId: traceOf(n), spanId: '1'.repeat(16), name })]),
          ),
        })),
      )
      const storedOnce = async () => {
        const [row] = await store.query<{ readonly n: string; readonly traces: string }>(
          'SELECT count() AS n, uniqExact(TraceId) AS traces FROM otel_traces WHERE SpanName = {name: String}',
          { name },
        )
        return { rows: Number(row?.n), traces: Number(row?.traces) }
      }
      const first = await startWriter(client)
      await eventually(async () => (await storedOnce().catch(() => null))?.rows !== 0, BACK_MS)
      const startedMs = performance.now()
      expect(await first.end('SIGTERM')).toBe(0)
      expect(performance.now() - startedMs).toBeLessThan(30_000)
      const left = await behind()
      process.stderr.write(`ended in order with ${left} of ${RECORDS} records left (${client})\n`)
      const second = await startWriter(client)
      await eventually(async () => (await behind()) === 0, BACK_MS)
      // In order nothing is even inserted twice: what was inserted has been committed.
      expect(await storedOnce()).toEqual({ rows: RECORDS, traces: RECORDS })
      const labels = `group="neosigma-writer",topic="${TOPICS.spans.name}"`
      await eventually(async () => {
        const text = await (await fetch(`${second.healthUrl}/metrics`)).text()
        return text
          .split('\n')
          .some((line) => line.startsWith('neosigma_consumer_lag') && line.includes(labels))
      }, BACK_MS)
      expect(await second.end('SIGTERM')).toBe(0)
    },
  )

  test('topics that differ from the table are told one by one, and left as they are', async () => {
    const admin = new kafkajs.Kafka({
      brokers: [kafka?.brokers ?? ''],
      logLevel: kafkajs.logLevel.NOTHING,
    }).admin()
    await admin.connect()
    onTestFinished(() => admin.disconnect())
    const { name } = TOPICS.signals
    const type = kafkajs.ConfigResourceTypes.TOPIC
    const configEntries = [
      { name: 'retention.ms', value: '3600000' },
      { name: 'cleanup.policy', value: 'compact' },
      { name: 'max.message.bytes', value: '1000000' },
    ]
    const topics = (...args: readonly string[]) =>
      runCli(['topics', ...args], {
        dataDir: join(folder, 'topics'),
        cwd: folder,
        environment: { KAFKA_BROKERS: kafka?.brokers ?? '' },
      })
    expect(await topics('create')).toMatchObject({ status: 0 })
    await admin.alterConfigs({ validateOnly: false, resources: [{ type, name, configEntries }] })
    await admin.createPartitions({ topicPartitions: [{ topic: TOPICS.audit.name, count: 3 }] })
    const told = async () => {
      const { status, stdout } = await topics('check', '--json')
      const found = JSON.parse(stdout) as { readonly topic: string; readonly what: string }[]
      return { status, found: found.map(({ topic, what }) => `${topic}: ${what}`).sort() }
    }
    const differences = {
      status: 1,
      found: [
        'neosigma.audit.v1: partitions',
        ...['compaction', 'record size', 'retention'].map((what) => `${name}: ${what}`),
      ],
    }
    expect(await told()).toEqual(differences)
    await topics('create')
    expect(await told()).toEqual(differences)
  })
})
