import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  configurationFile,
  type StartedCollector,
  startCollector,
} from '../../deploy/collector/start-collector.ts'
import { startClickHouse } from '../../deploy/local/clickhouse/start-clickhouse.ts'
import { freePorts } from '../../deploy/local/free-ports.ts'
import { type LocalKafka, startKafka } from '../../deploy/local/kafka/start-kafka.ts'
import { startReceiver } from '../../pipeline/receiver/main.ts'
import { startWriter } from '../../pipeline/writer/main.ts'
import { openTestContext, type TestContext } from './open-test-context.ts'
import { temporaryFolder } from './temporary-folder.ts'

/**
 * One database for each way to ClickHouse: the Collector's exporter into its own tables; Collector → Kafka → NeoSigma's
 * writer; NeoSigma's receiver → writer; Collector → Kafka → Collector into NeoSigma's tables.
 */
export const WAYS = ['by_exporter', 'by_writer', 'by_receiver', 'by_storage'] as const

export interface CollectorSystem {
  readonly kafka: LocalKafka
  /** Of the writer behind Kafka; its store reads all databases. */
  readonly context: TestContext
  /** OTLP over HTTP: the gateway leads to three databases, the receiver to one. */
  readonly ports: readonly [gateway: number, receiver: number]
  /** SIGKILLs the Collector between Kafka and ClickHouse and starts it again on its folder. */
  storageDiesAndReturns(): Promise<void>
  close(): Promise<void>
}

/** Kafka, ClickHouse, two Collectors with the configurations of `deploy/collector`, and NeoSigma's receiver and writer. */
export const openCollectorSystem = async (binary: string): Promise<CollectorSystem> => {
  const closers = new AsyncDisposableStack()
  const { folder, remove } = temporaryFolder()
  closers.defer(remove)
  const [kafka, clickhouse] = await Promise.all([startKafka(), startClickHouse()])
  closers.defer(async () => {
    await Promise.all([kafka.kill(), clickhouse.kill()])
    await Promise.all([kafka.stop(), clickhouse.stop()])
  })
  const { url } = clickhouse
  const open = async (
    database: string,
    eventLog?: { driver: 'kafka'; brokers: [string] },
  ): Promise<TestContext> => {
    const context = await openTestContext({
      configuration: {
        ...(eventLog === undefined ? {} : { eventLog }),
        traceStore: { driver: 'clickhouse', url, database },
        receiver: { grpcPort: 0, httpPort: 0 },
      },
    })
    closers.defer(() => context.close())
    return context
  }
  const run = async (
    configurations: readonly string[],
    variables: Readonly<Record<string, string>>,
  ): Promise<StartedCollector> => {
    const always = { OTELCOL_METRICS_LEVEL: 'none', CLICKHOUSE_URL: url }
    // One broker named twice: a list is read as NeoSigma reads it.
    const brokers = { KAFKA_BROKERS: `${kafka.brokers},${kafka.brokers}` }
    const collector = await startCollector({
      binary,
      configurations,
      variables: { ...always, ...brokers, ...variables },
    })
    closers.defer(() => collector.stop())
    return collector
  }

  const context = await open('by_writer', { driver: 'kafka', brokers: [kafka.brokers] })
  const embedded = await open('by_receiver')
  await open('by_storage')
  for (const each of [context, embedded]) {
    const writer = await startWriter(each)
    closers.defer(() => writer.stop())
  }
  const receiver = await startReceiver(embedded)
  closers.defer(() => receiver.stop())
  const [grpcPort, httpPort = 0] = await freePorts(2)
  const direct = join(folder, 'direct.json')
  writeFileSync(direct, JSON.stringify(directlyToo(url)))
  await run([configurationFile('gateway'), direct], {
    OTLP_GRPC_ENDPOINT: `127.0.0.1:${grpcPort}`,
    OTLP_HTTP_ENDPOINT: `127.0.0.1:${httpPort}`,
  })
  const storage = () =>
    run([configurationFile('storage')], {
      CLICKHOUSE_DATABASE: 'by_storage',
      OTELCOL_STORAGE_DIR: join(folder, 'storage'),
    })
  const first = await storage()
  return {
    kafka,
    context,
    ports: [httpPort, receiver.httpPort],
    storageDiesAndReturns: async () => {
      await first.kill()
      await storage()
    },
    close: () => closers.disposeAsync(),
  }
}

/** Laid over the gateway: its requests go to the exporter too, which makes its own tables. */
const directlyToo = (endpoint: string): object => ({
  exporters: {
    // Nothing is tried again because a busy machine took its time: that would store it twice.
    kafka: { timeout: '60s', retry_on_failure: { max_elapsed_time: '120s' } },
    clickhouse: { endpoint, database: 'by_exporter', create_schema: true, timeout: '60s' },
  },
  service: {
    pipelines: {
      traces: { exporters: ['kafka', 'clickhouse'] },
      logs: { exporters: ['kafka', 'clickhouse'] },
    },
  },
})
