import { Admin, type BaseOptions } from '@platformatic/kafka'
import type { ConsumeOptions, EventLogServices } from '../event-log.ts'
import { consumeGroup, type GroupSession } from '../kafka/consume-group.ts'
import type { KafkaClient } from '../kafka/kafka-client.ts'
import {
  type Credentials,
  describeConnection,
  type KafkaSettings,
} from '../kafka/kafka-settings.ts'
import { translatedKafka } from '../kafka/translate-kafka-error.ts'
import { clientOptions } from './client-options.ts'
import { groupLag } from './group-lag.ts'
import { joinGroup } from './group-session.ts'
import { holdLatest } from './hold-latest.ts'
import { platformaticTopics } from './platformatic-topics.ts'
import { readTopic } from './read-topic.ts'
import { openRecordSender } from './record-sender.ts'

/** The driver's client on `@platformatic/kafka`. */
export const connectPlatformatic = async (
  settings: KafkaSettings,
  credentials: Credentials,
  services: EventLogServices,
): Promise<KafkaClient> => {
  const options = clientOptions(settings, credentials)
  const admin = new Admin(options)
  try {
    await translatedKafka(describeConnection(settings, credentials), () =>
      admin.metadata({ topics: [] }),
    )
  } catch (error) {
    await admin.close().catch(() => undefined)
    throw error
  }
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

const sessionOf = async (
  options: BaseOptions,
  admin: Admin,
  of: ConsumeOptions,
): Promise<GroupSession> => {
  for (const topic of of.topics) await platformaticTopics(admin).leaders(topic)
  if (of.from === 'latest') await translatedKafka(`group ${of.group}`, () => holdLatest(admin, of))
  return joinGroup(options, of)
}
