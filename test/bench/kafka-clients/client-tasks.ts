// One measurement of one client in a process of its own: `node client-tasks.ts '{"client": …, "brokers": …, "task": …}'`.
import { randomUUID } from 'node:crypto'
import type { EventLog, NewRecord } from '../../../pipeline/event-log/event-log.ts'
import { openEventLog } from '../../../pipeline/event-log/open-event-log.ts'
import { systemClock } from '../../../pipeline/service-runtime/clock.ts'
import { configuration } from '../../../pipeline/service-runtime/configuration.ts'
import { openLogger } from '../../../pipeline/service-runtime/logger.ts'
import { openMetrics } from '../../../pipeline/service-runtime/metrics.ts'
import { NO_SECRETS } from '../../../pipeline/service-runtime/secrets.ts'

export interface ClientTask {
  readonly client: 'kafkajs' | 'platformatic'
  readonly compression: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
  readonly brokers: string
  readonly topic: string
  readonly task: 'append' | 'consume' | 'latency' | 'idle'
  readonly records: number
}

/** Rates are a second, CPU is seconds of the client's process for the whole task, latencies are milliseconds. */
export interface ClientFigures {
  readonly rate?: number
  readonly cpuSeconds: number
  readonly p50Ms?: number
  readonly p99Ms?: number
}

const VALUE_BYTES = 1000
const APPEND_TOGETHER = 500
const LANES = 4
const IDLE_MS = 20_000
const LATENCY_PAUSE_MS = 10

const given: ClientTask = JSON.parse(process.argv[2] ?? '{}')
const { topic, records } = given

/** Text that compresses about as spans do: words from a small vocabulary, and ids. */
const textOf = (number: number): Buffer => {
  const parts: string[] = []
  for (let length = 0; length < VALUE_BYTES; ) {
    const part =
      parts.length % 8 === 0 ? randomUUID() : `gen_ai.attribute.${(number + parts.length) % 37}`
    parts.push(part)
    length += part.length + 1
  }
  return Buffer.from(parts.join(' ')).subarray(0, VALUE_BYTES)
}
const VALUES = Array.from({ length: 1000 }, (_, number) => textOf(number))

const recordOf = (number: number): NewRecord => ({
  topic,
  key: `trace-${number}`,
  value: VALUES[number % VALUES.length] ?? Buffer.alloc(0),
})

const measured = async (count: number, act: () => Promise<void>): Promise<ClientFigures> => {
  const cpu = process.cpuUsage()
  const startedMs = performance.now()
  await act()
  const seconds = (performance.now() - startedMs) / 1000
  const { user, system } = process.cpuUsage(cpu)
  return { rate: count / seconds, cpuSeconds: (user + system) / 1e6 }
}

const append = (log: EventLog): Promise<ClientFigures> =>
  measured(records, async () => {
    let next = 0
    const lane = async (): Promise<void> => {
      while (next < records) {
        const first = next
        next += APPEND_TOGETHER
        await log.append(Array.from({ length: APPEND_TOGETHER }, (_, i) => recordOf(first + i)))
      }
    }
    await Promise.all(Array.from({ length: LANES }, lane))
  })

/** Joining included, leaving not. */
const consume = async (log: EventLog): Promise<ClientFigures> => {
  const stopping = new AbortController()
  const options = { group: `bench-${randomUUID()}`, topics: [topic], signal: stopping.signal }
  const batches = log.consume(options)[Symbol.asyncIterator]()
  const figures = await measured(records, async () => {
    for (let seen = 0; seen < records; ) {
      const { value, done } = await batches.next()
      if (done === true) throw new Error('the iteration ended early')
      seen += value.records.length
      await value.commit()
    }
  })
  stopping.abort()
  await batches.return?.()
  return figures
}

/** From the call of `append` to the delivery, one record after the other. */
const latency = async (log: EventLog): Promise<ClientFigures> => {
  const stopping = new AbortController()
  const tookMs: number[] = []
  const { promise: isReading, resolve } = Promise.withResolvers<void>()
  const options = { group: `bench-${randomUUID()}`, topics: [topic], from: 'latest' as const }
  const reading = (async () => {
    const live = { ...options, signal: stopping.signal, onAssignment: () => resolve() }
    for await (const batch of log.consume(live)) {
      for (const { headers } of batch.records)
        tookMs.push(performance.now() - Number(headers['sent']))
      await batch.commit()
    }
  })()
  await isReading
  const figures = await measured(records, async () => {
    for (let number = 0; number < records; number++) {
      await log.append([{ ...recordOf(number), headers: { sent: String(performance.now()) } }])
      await systemClock.sleep(LATENCY_PAUSE_MS)
    }
  })
  while (tookMs.length < records) await systemClock.sleep(LATENCY_PAUSE_MS)
  stopping.abort()
  await reading
  tookMs.sort((a, b) => a - b)
  const at = (share: number): number => tookMs[Math.floor(share * (tookMs.length - 1))] ?? 0
  return { cpuSeconds: figures.cpuSeconds, p50Ms: at(0.5), p99Ms: at(0.99) }
}

const idle = async (log: EventLog): Promise<ClientFigures> => {
  const stopping = new AbortController()
  const { promise: isReading, resolve } = Promise.withResolvers<void>()
  const options = { group: `bench-${randomUUID()}`, topics: [topic], from: 'latest' as const }
  const reading = (async () => {
    const live = { ...options, signal: stopping.signal, onAssignment: () => resolve() }
    for await (const _ of log.consume(live));
  })()
  await isReading
  await systemClock.sleep(1000)
  const { cpuSeconds } = await measured(1, () => systemClock.sleep(IDLE_MS))
  stopping.abort()
  await reading
  return { cpuSeconds }
}

const TASKS = { append, consume, latency, idle } as const

const { client, compression, brokers } = given
const eventLog = { driver: 'kafka' as const, brokers: [brokers], client, compression }
const log = await openEventLog(configuration.parse({ eventLog }), NO_SECRETS, {
  clock: systemClock,
  logger: openLogger({ logLevel: 'warn' }),
  metrics: openMetrics(),
})
const figures = await TASKS[given.task](log)
await log.close()
process.stdout.write(`${JSON.stringify(figures)}\n`)
