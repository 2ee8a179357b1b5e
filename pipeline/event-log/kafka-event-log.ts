import type { Secrets } from '../service-runtime/secrets.ts'
import { openAppendQueue } from './append-queue.ts'
import type { EventLog, EventLogServices, NewRecord } from './event-log.ts'
import { connectKafka, type KafkaSettings } from './kafka/connect.ts'
import { consumeGroup } from './kafka/consume-group.ts'
import { groupLag } from './kafka/group-lag.ts'
import { readTopic } from './kafka/read-topic.ts'
import { openRecordSender, type RecordSender } from './kafka/record-sender.ts'
import { openTopicCatalog } from './kafka/topic-catalog.ts'
import { translatedKafka } from './kafka/translate-kafka-error.ts'
import { checkRecordSize, recordBytes } from './record-size.ts'

/** What one flush takes together; the sender cuts it into requests. */
const FLUSH_BYTES = 4 * 1024 * 1024

/**
 * The event log on Apache Kafka.
 * @throws ConfigError `log-refused`; TransientError `log-unavailable` after trying for some seconds
 */
export const openKafkaEventLog = async (
  settings: KafkaSettings,
  secrets: Pick<Secrets, 'kafkaUsername' | 'kafkaPassword'>,
  services: EventLogServices,
): Promise<EventLog> => {
  const connections = await connectKafka(settings, secrets, services.logger)
  const topics = openTopicCatalog(connections.admin, settings)
  const sender = openRecordSender(connections.kafka, topics)
  const queue = openAppendQueue(flushTo(sender, services), FLUSH_BYTES)
  const closing = new AbortController()
  let closed: Promise<void> | null = null
  const close = async (): Promise<void> => {
    await queue.close()
    closing.abort()
    await sender.close()
    await connections.close()
  }
  return {
    createTopics: (specs) => topics.create(specs),
    append: async (records) => {
      for (const record of records) checkRecordSize(record)
      const checking = topics.check(records)
      if (checking !== null) await checking
      await queue.append(records)
    },
    consume: (options) =>
      consumeGroup(connections, services, {
        ...options,
        signal: AbortSignal.any([options.signal, closing.signal]),
      }),
    readAll: (topic) => readTopic(connections.cluster, topic),
    partitionsOf: (topic) => topics.partitionsOf(topic),
    lag: (group) => translatedKafka(`group ${group}`, () => groupLag(connections, group)),
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
