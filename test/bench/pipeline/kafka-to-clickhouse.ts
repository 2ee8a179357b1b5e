import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import kafkajs from 'kafkajs'
import { startCollector } from '../../../deploy/collector/start-collector.ts'
import { startClickHouse } from '../../../deploy/local/clickhouse/start-clickhouse.ts'
import { freePorts } from '../../../deploy/local/free-ports.ts'
import { startKafka } from '../../../deploy/local/kafka/start-kafka.ts'
import { TOPICS } from '../../../schemas/topics.ts'
import { eventually } from '../../support/log-reading.ts'
import { openTestContext } from '../../support/open-test-context.ts'
import { startRoleProcess } from '../../support/role-process.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { type CollectorWay, collectorConfiguration } from './collector-configurations.ts'
import { fillTopics, LARGE_RECORDS } from './fill-topics.ts'
import { cpuSecondsOf, peakMemoryOf, processWith } from './process-figures.ts'

export type Contender = 'writer' | CollectorWay

/** What one run of a contender showed. */
export interface Figures {
  readonly spansPerSecond: number
  readonly cpuSeconds: number
  readonly storeCpuSeconds: number
  readonly peakMb: number
  /** Of the event loop of the writer. */
  readonly loopDelayMs?: { readonly p50: number; readonly p99: number; readonly max: number }
  /** Rows stored, and different spans among them. */
  readonly stored: number
  readonly different: number
}

/** Kafka and ClickHouse with records to be brought from one to the other. */
export interface Stage {
  readonly spanBytes: number
  /** Brings all spans over, into a database of its own. */
  run(contender: Contender): Promise<Figures>
  close(): Promise<void>
}

interface StageOptions {
  readonly spans: number
  readonly textLength: number
  /** The Collector's; null: the writer alone. */
  readonly otelcol: string | null
  readonly withLargeRecords: boolean
  /** Where the broker keeps what it was filled with, for another time. Default: a temporary folder. */
  readonly logFolder?: string | undefined
}

const GROUP = 'neosigma-writer'
const LEFT_MS = 30_000
/** As `deploy/Dockerfile` runs every role. */
const WATCH_LOOP = new URL('watch-loop-worker.ts', import.meta.url).href
const AS_THE_IMAGE = {
  NODE_OPTIONS: `--max-semi-space-size=4 --import ${WATCH_LOOP}`,
  MALLOC_MMAP_THRESHOLD_: '1048576',
}
/** What has not arrived by then is told as not stored: a minute, or longer than the slowest takes. */
const LONGEST_RUN_MS = 60_000
const SLOWEST_SPANS_PER_MS = 3
const ASK_EVERY_MS = 500

export const openStage = async (options: StageOptions): Promise<Stage> => {
  const closers = new AsyncDisposableStack()
  const { folder, remove } = temporaryFolder()
  closers.defer(remove)
  const [tcpPort = 0] = await freePorts(1)
  const logFolder = options.logFolder ?? join(folder, 'kafka')
  const [kafka, clickhouse] = await Promise.all([
    startKafka({ dataDir: logFolder }),
    startClickHouse({ tcpPort }),
  ])
  closers.defer(async () => {
    // What the broker was filled with is to be found again; of the store nothing is.
    await Promise.all([kafka.stop(), clickhouse.kill()])
    await clickhouse.stop()
  })
  const { brokers } = kafka
  const eventLog = { driver: 'kafka' as const, brokers: [brokers] }
  const open = async (database: string) => {
    const traceStore = { driver: 'clickhouse', url: clickhouse.url, database } as const
    return openTestContext({ configuration: { eventLog, traceStore } })
  }
  const context = await open('stage')
  closers.defer(() => context.close())
  await context.log.createTopics([
    { name: LARGE_RECORDS, partitions: TOPICS.spans.partitions, retentionHours: null },
  ])
  const { spans, textLength, withLargeRecords } = options
  const spanBytes = await fillTopics(
    context.log,
    { spans, textLength, withLargeRecords },
    logFolder,
  )
  const longestMs = Math.max(LONGEST_RUN_MS, spans / SLOWEST_SPANS_PER_MS)
  const admin = new kafkajs.Kafka({
    brokers: [brokers],
    logLevel: kafkajs.logLevel.NOTHING,
  }).admin()
  await admin.connect()
  closers.defer(() => admin.disconnect())
  const store = processWith(`--http_port=${new URL(clickhouse.url).port}`)

  /** Waits for the last span and answers seconds since `startedMs`. */
  const untilStored = async (database: string, startedMs: number): Promise<number> => {
    while (performance.now() - startedMs < longestMs) {
      const [row] = await context.store.query<{ readonly n: string }>(
        `SELECT sum(rows) AS n FROM system.parts WHERE database = '${database}' AND table = 'otel_traces' AND active`,
      )
      if (Number(row?.n) >= options.spans) break
      await pause(ASK_EVERY_MS)
    }
    return (performance.now() - startedMs) / 1000
  }
  const measured = async (database: string, pid: number): Promise<Figures> => {
    const [ownBefore, storeBefore] = [cpuSecondsOf(pid), cpuSecondsOf(store)]
    const seconds = await untilStored(database, performance.now())
    const [own, stored] = [cpuSecondsOf(pid), cpuSecondsOf(store)]
    const [row] = await context.store.query<{ readonly n: string; readonly d: string }>(
      `SELECT count() AS n, uniqExact(TraceId, SpanId) AS d FROM ${database}.otel_traces`,
    )
    return {
      spansPerSecond: options.spans / seconds,
      cpuSeconds: own - ownBefore,
      storeCpuSeconds: stored - storeBefore,
      peakMb: peakMemoryOf(pid),
      stored: Number(row?.n),
      different: Number(row?.d),
    }
  }
  /** The group's place: it can be forgotten when its last member has left. What it noted of attempts goes with it. */
  const forgetGroup = async (): Promise<void> => {
    await admin.deleteTopics({ topics: [TOPICS.attempts.name] }).catch(() => undefined)
    await eventually(async () => {
      const { groups } = await admin.listGroups()
      if (!groups.some(({ groupId }) => groupId === GROUP)) return true
      return admin.deleteGroups([GROUP]).then(
        () => true,
        () => false,
      )
    }, LEFT_MS)
  }
  const runWriter = async (database: string): Promise<Figures> => {
    await forgetGroup()
    const loopFile = join(folder, `${database}.loop.json`)
    const role = await startRoleProcess('writer', {
      ...AS_THE_IMAGE,
      WATCH_LOOP: loopFile,
      KAFKA_BROKERS: brokers,
      CLICKHOUSE_URL: clickhouse.url,
      CLICKHOUSE_DATABASE: database,
      NEOSIGMA_DATA_DIR: join(folder, database),
    })
    const pid = processWith(`NEOSIGMA_DATA_DIR=${join(folder, database)}`)
    let figures: Figures
    try {
      figures = await measured(database, pid)
    } finally {
      if (isAlive(pid)) process.kill(pid, 'SIGTERM')
      while (isAlive(pid)) await pause(ASK_EVERY_MS)
      await role.stop()
    }
    if (!existsSync(loopFile)) return figures
    return { ...figures, loopDelayMs: JSON.parse(readFileSync(loopFile, 'utf8')) }
  }
  const runCollector = async (way: CollectorWay, database: string): Promise<Figures> => {
    const file = join(folder, `${database}.json`)
    const configuration = collectorConfiguration(way, {
      brokers,
      database,
      group: randomUUID(),
      topic: way === 'safe' ? LARGE_RECORDS : TOPICS.spans.name,
      endpoint: `tcp://127.0.0.1:${tcpPort}?dial_timeout=5s`,
      storageDir: join(folder, `${database}.storage`),
    })
    writeFileSync(file, JSON.stringify(configuration))
    const collector = await startCollector({
      binary: options.otelcol ?? '',
      configurations: [file],
      variables: {},
    })
    try {
      return await measured(database, processWith(`--config=${file}`))
    } finally {
      await collector.kill()
    }
  }
  let runs = 0
  return {
    spanBytes,
    run: async (contender) => {
      const database = `run_${runs++}`
      try {
        if (contender !== 'writer') return await runCollector(contender, database)
        const made = await open(database)
        await made.close()
        return await runWriter(database)
      } finally {
        await context.store.command(`DROP DATABASE IF EXISTS ${database} SYNC`)
      }
    },
    close: () => closers.disposeAsync(),
  }
}

const isAlive = (pid: number): boolean => {
  try {
    cpuSecondsOf(pid)
    return peakMemoryOf(pid) > 0
  } catch {
    return false
  }
}
