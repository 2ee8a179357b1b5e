import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import type { EventLog, StoredRecord } from '../../pipeline/event-log/event-log.ts'
import { openEventLog } from '../../pipeline/event-log/open-event-log.ts'
import { decodeLogs, decodeTraces } from '../../pipeline/otlp/decode.ts'
import type { LogRecord, Span } from '../../pipeline/otlp/otlp-types.ts'
import { type ReceiverRole, startReceiver } from '../../pipeline/receiver/main.ts'
import { systemClock } from '../../pipeline/service-runtime/clock.ts'
import {
  type ConfigurationInput,
  configuration,
} from '../../pipeline/service-runtime/configuration.ts'
import { type Metrics, openMetrics } from '../../pipeline/service-runtime/metrics.ts'
import { NO_SECRETS } from '../../pipeline/service-runtime/secrets.ts'
import { TOPICS } from '../../schemas/topics.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface OpenReceiver {
  readonly receiver: ReceiverRole
  readonly metrics: Metrics
  readonly log: EventLog
  /** Everything that was appended. */
  spans(): Promise<readonly Span[]>
  logRecords(): Promise<readonly LogRecord[]>
  records(topic: string): Promise<readonly StoredRecord[]>
}

/**
 * A receiver on free ports before a fresh SQLite log; both close with the test. `around` may stand in front of the log.
 */
export const openReceiver = async (
  settings: ConfigurationInput = {},
  around: (log: EventLog) => EventLog = (log) => log,
): Promise<OpenReceiver> => {
  const { folder, remove } = temporaryFolder()
  const parsed = configuration.parse({
    ...settings,
    receiver: { ...settings.receiver, grpcPort: 0, httpPort: 0 },
    dataDir: folder,
  })
  const logger = pino({ level: 'silent' })
  const metrics = openMetrics()
  const log = await openEventLog(parsed, NO_SECRETS, { clock: systemClock, logger, metrics })
  await log.createTopics([TOPICS.spans, TOPICS.logs])
  const receiver = await startReceiver({
    configuration: parsed,
    log: around(log),
    logger,
    metrics,
  })
  onTestFinished(async () => {
    await receiver.stop()
    await log.close()
    await metrics.close()
    remove()
  })
  const records = async (topic: string): Promise<readonly StoredRecord[]> => {
    const all: StoredRecord[] = []
    for await (const record of log.readAll(topic)) all.push(record)
    return all
  }
  return {
    receiver,
    metrics,
    log,
    records,
    spans: async () =>
      (await records(TOPICS.spans.name)).flatMap(({ value }) =>
        decodeTraces(value).resourceSpans.flatMap(({ scopeSpans }) =>
          scopeSpans.flatMap((scope) => scope.spans),
        ),
      ),
    logRecords: async () =>
      (await records(TOPICS.logs.name)).flatMap(({ value }) =>
        decodeLogs(value).resourceLogs.flatMap(({ scopeLogs }) =>
          scopeLogs.flatMap((scope) => scope.logRecords),
        ),
      ),
  }
}
