import { mkdirSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import kafkajs from 'kafkajs'
import { startKafka } from '../../../deploy/local/kafka/start-kafka.ts'
import { TOPICS } from '../../../schemas/topics.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { aRequestOf, SIZES, SPANS_PER_TRACE, type SpanSize } from '../pipeline/gen-ai-spans.ts'
import { cpuSecondsOf, peakMemoryOf } from '../pipeline/process-figures.ts'
import { type Contender, startContender } from './contenders.ts'
import { contentOf, openLog } from './log-content.ts'
import { openSender, type Protocol } from './senders.ts'

export interface Case {
  readonly contender: Contender
  readonly protocol: Protocol
  readonly size: SpanSize
}

/** What one run showed. */
export interface Run extends Case {
  readonly spans: number
  readonly spanBytes: number
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakMb: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Acknowledged spans that the log lacks, and spans that it has more than once. */
  readonly missing: number
  readonly doubled: number
  /** Load average of the machine at the end of the run. */
  readonly load: number
}

export interface Stage {
  run(one: Case): Promise<Run>
  close(): Promise<void>
}

/** Exporters send at most 512 spans a request by default. */
const TRACES_PER_REQUEST: Readonly<Record<SpanSize, number>> = { '1.2 kB': 50, '10 kB': 10 }
const SENDERS = 8
/** Sent before the clock starts: compilers have seen the work by then. */
const WARM_UP = 0.3

/** One broker; every run starts its contender anew, sends, kills it, and counts what the log has. */
export const openStage = async (
  otelcol: string,
  spansOf: Readonly<Record<SpanSize, number>>,
): Promise<Stage> => {
  const closers = new AsyncDisposableStack()
  const { folder, remove } = temporaryFolder()
  closers.defer(remove)
  const kafka = await startKafka()
  closers.defer(async () => {
    await kafka.kill()
    await kafka.stop()
  })
  const { brokers } = kafka
  const log = await openLog({ eventLog: { driver: 'kafka', brokers: [brokers] } })
  closers.defer(() => log.close())
  await log.createTopics(Object.values(TOPICS))
  const client = new kafkajs.Kafka({ brokers: [brokers], logLevel: kafkajs.logLevel.NOTHING })
  const admin = client.admin()
  await admin.connect()
  closers.defer(() => admin.disconnect())
  const topic = TOPICS.spans.name
  const forget = async (): Promise<void> => {
    const ends = await admin.fetchTopicOffsets(topic)
    const partitions = ends.map(({ partition, high }) => ({ partition, offset: high }))
    await admin.deleteTopicRecords({ topic, partitions })
  }
  const contentAfter = async (contender: Contender, dataDir: string) => {
    if (contender !== 'receiver-sqlite') return contentOf(log)
    const file = await openLog({ dataDir })
    try {
      return await contentOf(file)
    } finally {
      await file.close()
    }
  }
  let runs = 0
  return {
    run: async (one) => {
      const ownFolder = join(folder, `run-${runs++}`)
      mkdirSync(ownFolder)
      await forget()
      const running = await startContender(one.contender, { brokers, folder: ownFolder, otelcol })
      const port = one.protocol === 'http' ? running.httpPort : running.grpcPort
      const bodies = bodiesOf(one.size, spansOf[one.size])
      const sender = openSender(one.protocol, port, SENDERS)
      try {
        const warm = bodies.splice(0, Math.ceil(bodies.length * WARM_UP))
        await sendAll(sender.send, warm)
        const before = cpuSecondsOf(running.pid)
        const startedMs = performance.now()
        const latencies = await sendAll(sender.send, bodies)
        const seconds = (performance.now() - startedMs) / 1000
        const cpuSeconds = cpuSecondsOf(running.pid) - before
        const peakMb = peakMemoryOf(running.pid)
        await running.kill()
        const spans = bodies.length * TRACES_PER_REQUEST[one.size] * SPANS_PER_TRACE
        const sent = spans + warm.length * TRACES_PER_REQUEST[one.size] * SPANS_PER_TRACE
        const content = await contentAfter(one.contender, ownFolder)
        const bytes = bodies.reduce((sum, { length }) => sum + length, 0)
        return {
          ...one,
          spans,
          spanBytes: Math.round(bytes / spans),
          seconds,
          cpuSeconds,
          peakMb,
          p50Ms: quantile(latencies, 0.5),
          p99Ms: quantile(latencies, 0.99),
          missing: sent - content.different,
          doubled: content.spans - content.different,
          load: loadavg()[0] ?? 0,
        }
      } finally {
        sender.close()
        await running.kill()
      }
    },
    close: () => closers.disposeAsync(),
  }
}

const bodiesOf = (size: SpanSize, spans: number): Buffer[] => {
  const traces = TRACES_PER_REQUEST[size]
  const requests = Math.ceil(spans / (traces * SPANS_PER_TRACE))
  return Array.from({ length: requests }, (_, i) =>
    Buffer.from(aRequestOf(i * traces, traces, SIZES[size])),
  )
}

/** Several at a time; answers how long each took, in milliseconds. */
const sendAll = async (
  send: (body: Buffer) => Promise<void>,
  bodies: readonly Buffer[],
): Promise<readonly number[]> => {
  const latencies: number[] = []
  let next = 0
  const lane = async (): Promise<void> => {
    for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) {
      const startedMs = performance.now()
      await send(body)
      latencies.push(performance.now() - startedMs)
    }
  }
  await Promise.all(Array.from({ length: SENDERS }, lane))
  return latencies
}

export const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
}
