import { Admin, type BaseOptions } from '@platformatic/kafka'
import type { ConsumeOptions, EventLogServices } from '../event-log.ts'
import { consumeGroup, type GroupSession } from '../kafka/consume-group.ts'
import type { KafkaClient } from '../kafka/kafka-client.ts'
import {
  type Credentials,
  describeConnection,
  type KafkaSettings,
} from '../kafka/kafka-settings.ts'
import { retrying } from '../kafka/retrying.ts'
import { translatedKafka } from '../kafka/translate-kafka-error.ts'
import { clientOptions } from './client-options.ts'
import { groupLag } from './group-lag.ts'
import { joinGroup } from './group-session.ts'
import { holdLatest } from './hold-latest.ts'
import { platformaticTopics } from './platformatic-topics.ts'
import { readTopic } from './read-topic.ts'
import { openRecordSender } from './record-sender.ts'

const PATIENCE = { tries: 9, pauseMs: 500 } as const

/** The driver's client on `@platformatic/kafka`. */
export const connectPlatformatic = async (
  settings: KafkaSettings,
  credentials: Credentials,
  services: EventLogServices,
): Promise<KafkaClient> => {
  const options = clientOptions(settings, credentials)
  await probe(options, describeConnection(settings, credentials))
  const admin = new Admin(options)
  const openSession = (of: ConsumeOptions) => sessionOf(options, admin, of)
  return {
    topics: platformaticTopics(admin),
    openSender: (limits) => openRecordSender(options, settings, limits),
    consume: (of) => consumeGroup(openSession, services, of),
    readTopic: (topic) => readTopic(options, admin, topic),
    lag: (group) => translatedKafka(`group ${group}`, () => groupLag(admin, group)),
    close: () => admin.close(),
  }
}

/** Asks once and again by itself: the library would try a wrong password as often as a broker that is away. */
const probe = async (options: BaseOptions, what: string): Promise<void> => {
  const admin = new Admin({ ...options, retries: 0 })
  try {
    await retrying(PATIENCE, () => translatedKafka(what, () => admin.metadata({ topics: [] })))
  } finally {
    await admin.close().catch(() => undefined)
  }
}

const sessionOf = async (
  options: BaseOptions,
  admin: Admin,
  of: ConsumeOptions,
): Promise<GroupSession> => {
  for (const topic of of.topics) await platformaticTopics(admin).leaders(topic)
  if (of.from === 'latest') await translatedKafka(`group ${of.group}`, () => holdLatest(admin, of))
  return joinGroup(options, of)
}
