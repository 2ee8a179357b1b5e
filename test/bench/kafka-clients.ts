// The two client libraries of the Kafka driver beside one another, through the same port, on one broker:
// `npm run bench -- kafka-clients [ROUNDS [RECORDS]]`. Each figure is the median of the rounds; the clients take turns.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type LocalKafka, startKafka } from '../../deploy/local/kafka/start-kafka.ts'
import { openEventLog } from '../../pipeline/event-log/open-event-log.ts'
import { systemClock } from '../../pipeline/service-runtime/clock.ts'
import { configuration } from '../../pipeline/service-runtime/configuration.ts'
import { openLogger } from '../../pipeline/service-runtime/logger.ts'
import { openMetrics } from '../../pipeline/service-runtime/metrics.ts'
import { NO_SECRETS } from '../../pipeline/service-runtime/secrets.ts'
import type { ClientFigures, ClientTask } from './kafka-clients/client-tasks.ts'
import { measureRebalance } from './kafka-clients/rebalance.ts'

const CLIENTS = ['kafkajs', 'platformatic'] as const
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
const TASKS = join(import.meta.dirname, 'kafka-clients', 'client-tasks.ts')
const LATENCIES = 200
const PARTITIONS = 12

type Client = (typeof CLIENTS)[number]
type Measured = Map<string, ClientFigures[]>

const [rounds = 5, records = 50_000] = process.argv.slice(2).map(Number)
const say = (text: string): void => void process.stdout.write(`${text}\n`)

const run = async (task: ClientTask): Promise<ClientFigures> => {
  const { stdout } = await promisify(execFile)(process.execPath, [TASKS, JSON.stringify(task)])
  return JSON.parse(stdout)
}

const makeTopics = async ({ brokers }: LocalKafka, names: readonly string[]): Promise<void> => {
  const eventLog = { driver: 'kafka' as const, brokers: [brokers] }
  const log = await openEventLog(configuration.parse({ eventLog }), NO_SECRETS, {
    clock: systemClock,
    logger: openLogger({ logLevel: 'warn' }),
    metrics: openMetrics(),
  })
  await log.createTopics(
    names.map((name) => ({ name, partitions: PARTITIONS, retentionHours: null })),
  )
  await log.close()
}

const note = (measured: Measured, what: string, figures: ClientFigures): void => {
  measured.set(what, [...(measured.get(what) ?? []), figures])
}

const oneRound = async (kafka: LocalKafka, round: number, measured: Measured): Promise<void> => {
  const { brokers } = kafka
  // Whoever goes first in one round goes second in the next.
  const clients: readonly Client[] = round % 2 === 0 ? CLIENTS : CLIENTS.toReversed()
  const topicOf = (client: Client, codec: string) => `bench.${round}.${client}.${codec}`
  await makeTopics(
    kafka,
    CLIENTS.flatMap((client) => [...CODECS, 'quiet'].map((codec) => topicOf(client, codec))),
  )
  for (const compression of CODECS)
    for (const task of ['append', 'consume'] as const)
      for (const client of clients) {
        const topic = topicOf(client, compression)
        const figures = await run({ client, compression, brokers, topic, task, records })
        note(measured, `${client} ${task} ${compression}`, figures)
      }
  for (const task of ['latency', 'idle'] as const)
    for (const client of clients) {
      const given = {
        client,
        compression: 'none',
        brokers,
        topic: topicOf(client, 'quiet'),
      } as const
      note(measured, `${client} ${task}`, await run({ ...given, task, records: LATENCIES }))
    }
}

const medianOf = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
}

const table = (measured: Measured): void => {
  const figure = (what: string, of: keyof ClientFigures): number =>
    medianOf((measured.get(what) ?? []).map((figures) => figures[of] ?? Number.NaN))
  const line = (what: string, show: (client: Client) => string): void =>
    say(`| ${what} | ${CLIENTS.map(show).join(' | ')} |`)
  say(`| | ${CLIENTS.join(' | ')} |\n|---|--:|--:|`)
  for (const task of ['append', 'consume'] as const)
    for (const codec of CODECS)
      line(`${task}, ${codec}: records/s · CPU-seconds for ${records}`, (client) => {
        const what = `${client} ${task} ${codec}`
        return `${Math.round(figure(what, 'rate'))} · ${figure(what, 'cpuSeconds').toFixed(2)}`
      })
  line('latency, append to delivery: p50 · p99, ms', (client) => {
    const what = `${client} latency`
    return `${figure(what, 'p50Ms').toFixed(1)} · ${figure(what, 'p99Ms').toFixed(1)}`
  })
  line('a consumer that waits: CPU-seconds in 20 s', (client) =>
    figure(`${client} idle`, 'cpuSeconds').toFixed(3),
  )
}

const kafka = await startKafka()
try {
  const measured: Measured = new Map()
  for (let round = 0; round < rounds; round++) await oneRound(kafka, round, measured)
  say(`${rounds} rounds, records of 1 kB, 4 lanes of 500 records, a commit for each batch.\n`)
  table(measured)
  for (const client of CLIENTS) say(await measureRebalance(kafka.brokers, client))
} finally {
  await kafka.stop()
}
