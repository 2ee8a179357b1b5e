import kafkajs, { type Admin } from 'kafkajs'
import type { NewTopic, TopicAdmin } from './kafka-client.ts'
import { translatedKafka } from './translate-kafka-error.ts'

/**
 * `createTopics` answers false when any topic existed already, although it made the others, and does not wait for
 * leaders then: whoever makes topics waits for them.
 */
export const kafkajsTopics = (admin: Admin): TopicAdmin => ({
  names: () => translatedKafka('topics', () => admin.listTopics()),
  create: async (topics) => {
    await translatedKafka('createTopics', () =>
      admin.createTopics({ waitForLeaders: false, topics: topics.map(inWordsOfKafkajs) }),
    )
  },
  leaders: async (topic) => {
    const { topics } = await translatedKafka(topic, () =>
      admin.fetchTopicMetadata({ topics: [topic] }),
    )
    const partitions = topics.find(({ name }) => name === topic)?.partitions ?? []
    return partitions.map(({ leader }) => leader)
  },
  settings: async (topic, names) => {
    const { resources } = await translatedKafka(topic, () =>
      admin.describeConfigs({
        includeSynonyms: false,
        resources: [
          { type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: [...names] },
        ],
      }),
    )
    const entries = resources[0]?.configEntries ?? []
    return new Map(entries.map(({ configName, configValue }) => [configName, configValue]))
  },
})

const inWordsOfKafkajs = ({ name, partitions, replicas, settings }: NewTopic) => ({
  topic: name,
  numPartitions: partitions,
  replicationFactor: replicas,
  configEntries: Object.entries(settings).map(([setting, value]) => ({ name: setting, value })),
})
