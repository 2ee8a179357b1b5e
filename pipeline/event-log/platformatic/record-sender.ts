import {
  type BaseOptions,
  compatibilityPartitioner,
  type MessageToProduce,
  ProduceAcks,
  Producer,
} from '@platformatic/kafka'
import type { NewRecord } from '../event-log.ts'
import { inRequests } from '../kafka/in-requests.ts'
import type { BatchLimits, RecordSender } from '../kafka/kafka-client.ts'
import type { KafkaSettings } from '../kafka/kafka-settings.ts'
import { translatedKafka } from '../kafka/translate-kafka-error.ts'

/**
 * Idempotent producer: what it sends again itself is stored once. After a send that failed the library begins with a new
 * producer id, so that no later record is taken for a repetition.
 */
export const openRecordSender = (
  options: BaseOptions,
  { compression }: Pick<KafkaSettings, 'compression'>,
  { maxBatchBytes }: BatchLimits,
): RecordSender => {
  let next = 0
  const producer = new Producer({
    ...options,
    idempotent: true,
    acks: ProduceAcks.ALL,
    repeatOnStaleMetadata: true,
    compression,
    // Java's choice: murmur2 of the key without its sign, records without key in turn.
    partitioner: (message, key) =>
      key === undefined ? next++ : compatibilityPartitioner(message, key),
  })
  return {
    send: async (records) => {
      for (const together of inRequests(records, maxBatchBytes))
        await translatedKafka('append', () => producer.send({ messages: together.map(messageOf) }))
    },
    close: async () => {
      await producer.close().catch(() => undefined)
    },
  }
}

const messageOf = ({ topic, key, value, headers, timestampMs }: NewRecord): MessageToProduce => ({
  topic,
  value: Buffer.from(value.buffer, value.byteOffset, value.byteLength),
  ...(key === null ? {} : { key: Buffer.from(key) }),
  ...(headers === undefined ? {} : { headers: headersOf(headers) }),
  ...(timestampMs === undefined ? {} : { timestamp: BigInt(Math.trunc(timestampMs)) }),
})

const headersOf = (headers: Readonly<Record<string, string>>): Map<Buffer, Buffer> =>
  new Map(
    Object.entries(headers).map(([name, content]) => [Buffer.from(name), Buffer.from(content)]),
  )
