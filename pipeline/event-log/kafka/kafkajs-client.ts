import type { ConsumeOptions, EventLogServices } from '../event-log.ts'
import { type Connections, connectKafka } from './connect.ts'
import { consumeGroup, type GroupSession } from './consume-group.ts'
import { groupLag } from './group-lag.ts'
import { joinGroup } from './group-session.ts'
import { holdLatest } from './hold-latest.ts'
import type { KafkaClient } from './kafka-client.ts'
import type { Credentials, KafkaSettings } from './kafka-settings.ts'
import { kafkajsTopics } from './kafkajs-topics.ts'
import { readTopic } from './read-topic.ts'
import { openRecordSender } from './record-sender.ts'
import { translatedKafka } from './translate-kafka-error.ts'

/** The driver's client on `kafkajs`. */
export const connectKafkajs = async (
  settings: KafkaSettings,
  credentials: Credentials,
  services: EventLogServices,
): Promise<KafkaClient> => {
  const connections = await connectKafka(settings, credentials, services.logger)
  const openSession = (options: ConsumeOptions) => sessionOf(connections, options)
  return {
    topics: kafkajsTopics(connections.admin),
    openSender: (limits) => openRecordSender(connections.kafka, settings, limits),
    consume: (options) => consumeGroup(openSession, services, options),
    readTopic: (topic) => readTopic(connections.cluster, topic),
    lag: (group) => translatedKafka(`group ${group}`, () => groupLag(connections, group)),
    close: () => connections.close(),
  }
}

const sessionOf = async (
  connections: Connections,
  options: ConsumeOptions,
): Promise<GroupSession> => {
  const { topics, group, from } = options
  // kafkajs would try an unknown topic for seconds.
  await translatedKafka(topics.join(', '), () =>
    connections.admin.fetchTopicMetadata({ topics: [...topics] }),
  )
  if (from === 'latest')
    await translatedKafka(`group ${group}`, () => holdLatest(connections, options))
  return joinGroup(connections, options)
}
