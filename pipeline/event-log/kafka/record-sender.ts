import kafkajs, { type ICustomPartitioner, type Kafka, type Message, type Producer } from 'kafkajs'
import type { NewRecord } from '../event-log.ts'
import { inRequests } from './in-requests.ts'
import type { BatchLimits, RecordSender } from './kafka-client.ts'
import type { KafkaSettings } from './kafka-settings.ts'
import { RETRY } from './retrying.ts'
import { translatedKafka, translateKafkaError } from './translate-kafka-error.ts'

/**
 * Idempotent producer: what it sends again itself is stored once. A producer whose send has failed is never used again:
 * kafkajs gives its sequence numbers to the next records, and a broker that had stored the first ones takes those for
 * repetitions, confirms them, and drops them.
 */
export const openRecordSender = (
  kafka: Kafka,
  { compression }: Pick<KafkaSettings, 'compression'>,
  { maxBatchBytes }: BatchLimits,
): RecordSender => {
  let current: Promise<Producer> | null = null
  const connected = (): Promise<Producer> => {
    current ??= connectProducer(kafka)
    return current
  }
  const discard = async (): Promise<void> => {
    const discarded = current
    current = null
    await discarded?.then((producer) => producer.disconnect()).catch(() => undefined)
  }
  const sendTogether = async (records: readonly NewRecord[]): Promise<void> => {
    try {
      const producer = await connected()
      await producer.sendBatch({
        acks: -1,
        compression: COMPRESSION[compression],
        topicMessages: byTopic(records),
      })
    } catch (error) {
      void discard()
      throw translateKafkaError(error, 'append')
    }
  }
  return {
    send: async (records) => {
      for (const together of inRequests(records, maxBatchBytes)) await sendTogether(together)
    },
    close: discard,
  }
}

const { CompressionTypes } = kafkajs
const COMPRESSION = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
} as const

const connectProducer = async (kafka: Kafka): Promise<Producer> => {
  const producer = kafka.producer({
    idempotent: true,
    allowAutoTopicCreation: false,
    createPartitioner: stickingPartitioner,
    retry: RETRY,
  })
  await translatedKafka('append', () => producer.connect())
  return producer
}

/**
 * Java's choice (murmur2 of the key, records without key in turn), made once per message: kafkajs asks again for each
 * try, and a record without key would go elsewhere under a sequence number that its first place has seen.
 */
const stickingPartitioner: ICustomPartitioner = () => {
  const choose = kafkajs.Partitioners.DefaultPartitioner()
  const chosen = new WeakMap<Message, number>()
  return (question) => {
    const partition = chosen.get(question.message) ?? choose(question)
    chosen.set(question.message, partition)
    return partition
  }
}

const byTopic = (records: readonly NewRecord[]) =>
  [...Map.groupBy(records, ({ topic }) => topic)].map(([topic, ofTopic]) => ({
    topic,
    messages: ofTopic.map(messageOf),
  }))

const messageOf = ({ key, value, headers, timestampMs }: NewRecord): Message => ({
  key,
  value: Buffer.from(value.buffer, value.byteOffset, value.byteLength),
  ...(headers === undefined ? {} : { headers: { ...headers } }),
  ...(timestampMs === undefined ? {} : { timestamp: String(Math.trunc(timestampMs)) }),
})
