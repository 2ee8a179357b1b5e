import { setTimeout as pause } from 'node:timers/promises'
import { InvalidInputError, TransientError } from '../../../schemas/errors.ts'
import type { NewRecord, TopicSpec, TopicState } from '../event-log.ts'
import { recordBytes } from '../record-size.ts'
import type { BatchLimits, TopicAdmin } from './kafka-client.ts'
import type { KafkaSettings } from './kafka-settings.ts'
import { MAX_MESSAGE_BYTES, SETTINGS, settingsOf, topicState } from './topic-settings.ts'

export interface TopicCatalog extends BatchLimits {
  create(specs: readonly TopicSpec[]): Promise<void>
  describe(names: readonly string[]): Promise<readonly TopicState[]>
  partitionsOf(topic: string): Promise<number>
  /**
   * Refuses what no broker would take, before anything is sent, so that one caller's record is never the fault of
   * another's. Answers at once (null) when it knows the topics already.
   */
  check(records: readonly NewRecord[]): Promise<void> | null
}

const LEADER_TRIES = 100
const LEADER_PAUSE_MS = 100

export const openTopicCatalog = (
  admin: TopicAdmin,
  settings: Pick<KafkaSettings, 'createTopics' | 'replicationFactor'>,
): TopicCatalog => {
  /** Topics that exist, with the largest batch that each takes. */
  const known = new Map<string, number>()
  const learn = async (topics: Iterable<string>): Promise<void> => {
    for (const topic of topics) {
      await admin.leaders(topic)
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
      const existing = new Set(await admin.names())
      const missing = specs.filter(({ name }) => !existing.has(name))
      if (missing.length === 0) return
      if (!settings.createTopics) throw topicsMissing(missing)
      await createMissing(admin, missing, settings.replicationFactor)
    },
    describe: async (names) => {
      const existing = new Set(await admin.names())
      return Promise.all(
        names.filter((name) => existing.has(name)).map((name) => stateOf(admin, name)),
      )
    },
    partitionsOf: async (topic) => (await admin.leaders(topic)).length,
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

const createMissing = async (
  admin: TopicAdmin,
  missing: readonly TopicSpec[],
  replicas: number,
): Promise<void> => {
  await admin.create(
    missing.map((spec) => ({
      ...{ name: spec.name, partitions: spec.partitions, replicas },
      settings: settingsOf(spec),
    })),
  )
  for (const { name } of missing) await awaitLeaders(admin, name)
}

const awaitLeaders = async (admin: TopicAdmin, topic: string): Promise<void> => {
  for (let tries = 0; tries < LEADER_TRIES; tries++) {
    const leaders = await admin.leaders(topic).catch(() => [])
    if (leaders.length > 0 && leaders.every((leader) => leader >= 0)) return
    await pause(LEADER_PAUSE_MS)
  }
  throw new TransientError('log-unavailable', `${topic}: its partitions have no leaders.`)
}

const stateOf = async (admin: TopicAdmin, name: string): Promise<TopicState> =>
  topicState(name, (await admin.leaders(name)).length, await admin.settings(name, SETTINGS))

/** Who may not read the topic's settings learns its limit from the broker's refusal. */
const maxMessageBytes = async (admin: TopicAdmin, topic: string): Promise<number> => {
  const settings = await admin.settings(topic, [MAX_MESSAGE_BYTES]).catch(() => null)
  return Number(settings?.get(MAX_MESSAGE_BYTES) ?? Number.POSITIVE_INFINITY)
}
