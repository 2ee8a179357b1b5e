import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import type { EventLog } from '../../../pipeline/event-log/event-log.ts'
import { openEventLog } from '../../../pipeline/event-log/open-event-log.ts'
import { systemClock } from '../../../pipeline/service-runtime/clock.ts'
import { configuration } from '../../../pipeline/service-runtime/configuration.ts'
import { openMetrics } from '../../../pipeline/service-runtime/metrics.ts'
import { NO_SECRETS } from '../../../pipeline/service-runtime/secrets.ts'
import type { TraceStore } from '../../../pipeline/trace-store/trace-store.ts'
import { startWriter } from '../../../pipeline/writer/main.ts'
import { TOPICS } from '../../../schemas/topics.ts'
import { aRequestOf, SIZES, SPANS_PER_TRACE } from '../pipeline/gen-ai-spans.ts'

const TRACES = 6000
const TRACES_PER_RECORD = 5
const RECORDS_PER_APPEND = 100

/** Spans a second that the writer brings from an SQLite log into the store. */
export const insertRate = async (
  store: TraceStore,
  dataDir: string,
  round: number,
): Promise<number> => {
  const folder = mkdtempSync(join(dataDir, 'log-'))
  const settings = configuration.parse({ dataDir: folder })
  const services = {
    ...{ clock: systemClock, logger: pino({ level: 'silent' }), metrics: openMetrics() },
  }
  const log = await openEventLog(settings, NO_SECRETS, services)
  try {
    await log.createTopics(Object.values(TOPICS))
    await append(log, (round + 1) * 1_000_000)
    const startedMs = performance.now()
    const writer = await startWriter({ ...services, log, store })
    while ((await lag(log)) > 0n) await services.clock.sleep(10)
    const seconds = (performance.now() - startedMs) / 1000
    await writer.stop()
    return (TRACES * SPANS_PER_TRACE) / seconds
  } finally {
    await log.close()
    rmSync(folder, { recursive: true })
  }
}

const append = async (log: EventLog, firstTrace: number): Promise<void> => {
  const records = Array.from({ length: TRACES / TRACES_PER_RECORD }, (_, i) => {
    const first = firstTrace + i * TRACES_PER_RECORD
    return {
      topic: TOPICS.spans.name,
      key: String(first),
      value: aRequestOf(first, TRACES_PER_RECORD, SIZES['1.2 kB']),
    }
  })
  for (let start = 0; start < records.length; start += RECORDS_PER_APPEND)
    await log.append(records.slice(start, start + RECORDS_PER_APPEND))
}

const lag = async (log: EventLog): Promise<bigint> =>
  (await log.lag('neosigma-writer')).reduce(
    (sum, { topic, committed, end }) =>
      topic === TOPICS.spans.name ? sum + end - (committed ?? 0n) : sum,
    0n,
  )
