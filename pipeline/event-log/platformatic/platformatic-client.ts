import { Admin, type BaseOptions } from '@platformatic/kafka'
import { ConfigError } from '../../../schemas/errors.ts'
import type { ConsumeOptions, EventLogServices } from '../event-log.ts'
import { consumeGroup, type GroupSession } from '../kafka/consume-group.ts'
import type { KafkaClient } from '../kafka/kafka-client.ts'
import {
  type Credentials,
  describeConnection,
  type KafkaSettings,
} from '../kafka/kafka-settings.ts'
import { type Api, PLATFORMATIC_APIS, refuseMissingApis } from '../kafka/needed-apis.ts'
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
    await retrying(PATIENCE, () =>
      translatedKafka(what, async () => {
        refuseMissingApis(what, PLATFORMATIC_APIS, await offeredApis(admin))
        await admin.metadata({ topics: [] })
      }),
    )
  } finally {
    await admin.close().catch(() => undefined)
  }
}

/** Kafka before 0.11 answers in a form that the library cannot read. */
const offeredApis = async (admin: Admin): Promise<readonly Api[]> => {
  try {
    const apis = await admin.listApis()
    return apis.map(({ apiKey, minVersion, maxVersion }) => ({
      key: apiKey,
      least: minVersion,
      most: maxVersion,
    }))
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'OUT_OF_BOUNDS')) throw cause
    throw new ConfigError('log-refused', 'The broker speaks a version that is too old.', { cause })
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
