// Figures of the SQLite event log on this machine: `node test/bench/event-log-throughput.ts`.

import type { EventLog, NewRecord } from '../../pipeline/event-log/event-log.ts'
import { openEventLog } from '../../pipeline/event-log/open-event-log.ts'
import { systemClock } from '../../pipeline/service-runtime/clock.ts'
import { configuration } from '../../pipeline/service-runtime/configuration.ts'
import { openLogger } from '../../pipeline/service-runtime/logger.ts'
import { openMetrics } from '../../pipeline/service-runtime/metrics.ts'
import { NO_SECRETS } from '../../pipeline/service-runtime/secrets.ts'
import { TOPICS } from '../../schemas/topics.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const TOPIC = TOPICS.spans.name
const RECORDS = 60_000
const value = Buffer.alloc(1200, 'x')

const say = (figure: string, count: number, startedMs: number): void => {
  const seconds = (performance.now() - startedMs) / 1000
  process.stdout.write(`${figure}: ${Math.round(count / seconds)}/s\n`)
}

const newRecords = (count: number, first: number): NewRecord[] =>
  Array.from({ length: count }, (_, i) => ({ topic: TOPIC, key: `trace-${first + i}`, value }))

const appendAll = async (
  log: EventLog,
  lanes: number,
  size: number,
  count: number,
): Promise<void> => {
  const startedMs = performance.now()
  let next = 0
  const lane = async (): Promise<void> => {
    for (; next < count; ) {
      const first = next
      next += size
      await log.append(newRecords(size, first))
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  say(`append, ${lanes} at a time of ${size} records`, count, startedMs)
}

const consumeAll = async (log: EventLog, count: number): Promise<void> => {
  const startedMs = performance.now()
  const stopping = new AbortController()
  let seen = 0
  const options = { group: 'bench', topics: [TOPIC], signal: stopping.signal }
  for await (const batch of log.consume(options)) {
    seen += batch.records.length
    await batch.commit()
    if (seen >= count) stopping.abort()
  }
  say('consume with a commit for each batch', count, startedMs)
}

const idle = async (log: EventLog): Promise<void> => {
  const stopping = new AbortController()
  const readers = Array.from({ length: 12 }, async (_, i) => {
    const options = { group: `idle-${i}`, from: 'latest' as const, signal: stopping.signal }
    for await (const _ of log.consume({ ...options, topics: [TOPIC, TOPICS.logs.name] }));
  })
  await systemClock.sleep(1000)
  const before = process.cpuUsage()
  await systemClock.sleep(10_000)
  const { user, system } = process.cpuUsage(before)
  process.stdout.write(`12 waiting groups: ${((user + system) / 1e5).toFixed(2)} % of a core\n`)
  stopping.abort()
  await Promise.all(readers)
}

const { folder, remove } = temporaryFolder()
const log = await openEventLog(configuration.parse({ dataDir: folder }), NO_SECRETS, {
  clock: systemClock,
  logger: openLogger({ logLevel: 'warn' }),
  metrics: openMetrics(),
})
await log.createTopics([TOPICS.spans, TOPICS.logs])
await appendAll(log, 1, 1, 1000)
await appendAll(log, 32, 1, 20_000)
await appendAll(log, 8, 100, RECORDS)
await consumeAll(log, RECORDS + 21_000)
await idle(log)
await log.close()
remove()
