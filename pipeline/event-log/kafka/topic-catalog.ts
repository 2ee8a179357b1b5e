import { setTimeout as pause } from 'node:timers/promises'
import kafkajs, { type Admin } from 'kafkajs'
import { InvalidInputError, TransientError } from '../../../schemas/errors.ts'
import type { NewRecord, TopicSpec } from '../event-log.ts'
import { LARGEST_RECORD_BYTES, recordBytes } from '../record-size.ts'
import type { KafkaSettings } from './connect.ts'
import { translatedKafka } from './translate-kafka-error.ts'

export interface TopicCatalog {
  create(specs: readonly TopicSpec[]): Promise<void>
  partitionsOf(topic: string): Promise<number>
  /**
   * Refuses what no broker would take, before anything is sent, so that one caller's record is never the fault of
   * another's. Answers at once (null) when it knows the topics already.
   */
  check(records: readonly NewRecord[]): Promise<void> | null
  /** The largest batch that the topic takes, as far as it is known. */
  maxBatchBytes(topic: string): number
}

/** Above the largest record there is room for what Kafka adds to a batch. */
const MAX_MESSAGE_BYTES = LARGEST_RECORD_BYTES + 64 * 1024
const MS_PER_HOUR = 3_600_000
const LEADER_TRIES = 100
const LEADER_PAUSE_MS = 100

export const openTopicCatalog = (admin: Admin, settings: KafkaSettings): TopicCatalog => {
  /** Topics that exist, with the largest batch that each takes. */
  const known = new Map<string, number>()
  const learn = async (topics: Iterable<string>): Promise<void> => {
    for (const topic of topics) {
      await partitionsOf(admin, topic)
      known.set(topic, await maxMessageBytes(admin, topic))
    }
  }
  const maxBatchBytes = (topic: string): number => known.get(topic) ?? Number.POSITIVE_INFINITY
  const refuseTooLarge = (records: readonly NewRecord[]): void => {
    for (const record of records) {
      const limit = maxBatchBytes(record.topic)
      const bytes = recordBytes(record)
      if (bytes > limit)
        throw new InvalidInputError(
          'record-too-large',
          `${record.topic}: a record of ${bytes} bytes; the topic's max.message.bytes is ${limit}.`,
        )
    }
  }
  return {
    create: async (specs) => {
      const existing = new Set(await translatedKafka('topics', () => admin.listTopics()))
      const missing = specs.filter(({ name }) => !existing.has(name))
      if (missing.length === 0) return
      if (!settings.createTopics) throw topicsMissing(missing)
      await translatedKafka('createTopics', () =>
        createMissing(admin, missing, settings.replicationFactor),
      )
    },
    partitionsOf: (topic) => partitionsOf(admin, topic),
    maxBatchBytes,
    check: (records) => {
      const unknown = new Set(
        records.map(({ topic }) => topic).filter((topic) => !known.has(topic)),
      )
      if (unknown.size > 0) return learn(unknown).then(() => refuseTooLarge(records))
      refuseTooLarge(records)
      return null
    },
  }
}

const topicsMissing = (missing: readonly TopicSpec[]): InvalidInputError =>
  new InvalidInputError(
    'topic-unknown',
    `Missing topics: ${missing.map(({ name }) => name).join(', ')}; eventLog.createTopics is false.`,
  )

/**
 * `createTopics` answers false when any topic existed already, although it made the others, and does not wait for
 * leaders then: so the leaders are awaited here.
 */
const createMissing = async (
  admin: Admin,
  missing: readonly TopicSpec[],
  replicationFactor: number,
): Promise<void> => {
  await admin.createTopics({
    waitForLeaders: false,
    topics: missing.map(({ name, partitions, retentionHours }) => ({
      topic: name,
      numPartitions: partitions,
      replicationFactor,
      configEntries: [
        { name: 'cleanup.policy', value: 'delete' },
        {
          name: 'retention.ms',
          value: String(retentionHours === null ? -1 : Math.ceil(retentionHours * MS_PER_HOUR)),
        },
        { name: 'max.message.bytes', value: String(MAX_MESSAGE_BYTES) },
      ],
    })),
  })
  for (const { name } of missing) await awaitLeaders(admin, name)
}

const awaitLeaders = async (admin: Admin, topic: string): Promise<void> => {
  for (let tries = 0; tries < LEADER_TRIES; tries++) {
    const partitions = await metadataOf(admin, topic).catch(() => [])
    if (partitions.length > 0 && partitions.every(({ leader }) => leader >= 0)) return
    await pause(LEADER_PAUSE_MS)
  }
  throw new TransientError('log-unavailable', `${topic}: its partitions have no leaders.`)
}

const partitionsOf = async (admin: Admin, topic: string): Promise<number> =>
  (await translatedKafka(topic, () => metadataOf(admin, topic))).length

const metadataOf = async (admin: Admin, topic: string) => {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
  return topics.find(({ name }) => name === topic)?.partitions ?? []
}

/** Who may not read the topic's settings learns its limit from the broker's refusal. */
const maxMessageBytes = async (admin: Admin, topic: string): Promise<number> => {
  const name = 'max.message.bytes'
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: [name] }],
    })
    const entry = resources[0]?.configEntries.find(({ configName }) => configName === name)
    return Number(entry?.configValue ?? Number.POSITIVE_INFINITY)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
