import { openAppendQueue } from './append-queue.ts'
import type { EventLog, EventLogServices, NewRecord } from './event-log.ts'
import { connectClient } from './kafka/connect-client.ts'
import type { RecordSender } from './kafka/kafka-client.ts'
import type { Credentials, KafkaSettings } from './kafka/kafka-settings.ts'
import { openTopicCatalog } from './kafka/topic-catalog.ts'
import { checkRecordSize, recordBytes } from './record-size.ts'

/** What one flush takes together; the sender cuts it into requests. */
const FLUSH_BYTES = 4 * 1024 * 1024

/**
 * The event log on Apache Kafka, by the client library that the settings name.
 * @throws ConfigError `log-refused`, `config-unreadable`; TransientError `log-unavailable` after trying for some seconds
 */
export const openKafkaEventLog = async (
  settings: KafkaSettings,
  credentials: Credentials,
  services: EventLogServices,
): Promise<EventLog> => {
  const client = await connectClient(settings, credentials, services)
  const topics = openTopicCatalog(client.topics, settings)
  const sender = client.openSender(topics)
  const queue = openAppendQueue(flushTo(sender, services), FLUSH_BYTES)
  const closing = new AbortController()
  let closed: Promise<void> | null = null
  const close = async (): Promise<void> => {
    await queue.close()
    closing.abort()
    await sender.close()
    await client.close()
  }
  return {
    createTopics: (specs) => topics.create(specs),
    describeTopics: (names) => topics.describe(names),
    append: async (records) => {
      for (const record of records) checkRecordSize(record)
      const checking = topics.check(records)
      if (checking !== null) await checking
      await queue.append(records)
    },
    consume: (options) =>
      client.consume({ ...options, signal: AbortSignal.any([options.signal, closing.signal]) }),
    readAll: (topic) => client.readTopic(topic),
    partitionsOf: (topic) => topics.partitionsOf(topic),
    lag: (group) => client.lag(group),
    close: () => {
      closed ??= close()
      return closed
    },
  }
}

const flushTo =
  (sender: RecordSender, { metrics }: EventLogServices) =>
  async (records: readonly NewRecord[]): Promise<void> => {
    await sender.send(records)
    const bytes = records.reduce((sum, record) => sum + recordBytes(record), 0)
    metrics.count('neosigma.log.appended.records', records.length)
    metrics.count('neosigma.log.appended.bytes', bytes)
  }
