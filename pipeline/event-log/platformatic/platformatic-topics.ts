import { type Admin, ConfigResourceTypes, UserError } from '@platformatic/kafka'
import { InvalidInputError } from '../../../schemas/errors.ts'
import type { NewTopic, TopicAdmin } from '../kafka/kafka-client.ts'
import { retrying } from '../kafka/retrying.ts'
import {
  isTopicThere,
  translatedKafka,
  translateKafkaError,
} from '../kafka/translate-kafka-error.ts'

const PATIENCE = { tries: 8, pauseMs: 500 } as const

export const platformaticTopics = (admin: Admin): TopicAdmin => ({
  names: () => translatedKafka('topics', () => admin.listTopics()),
  // One request a topic: the configuration belongs to the request, and one that exists fails its neighbours.
  create: async (topics) => {
    for (const topic of topics) await createOne(admin, topic)
  },
  leaders: (topic) => retrying(PATIENCE, () => leadersOf(admin, topic)),
  settings: async (topic, names) => {
    const [described] = await translatedKafka(topic, () =>
      admin.describeConfigs({
        resources: [
          {
            resourceType: ConfigResourceTypes.TOPIC,
            resourceName: topic,
            configurationKeys: [...names],
          },
        ],
      }),
    )
    const entries = described?.configs ?? []
    return new Map(entries.map(({ name, value }) => [name, value ?? '']))
  },
})

const createOne = async (
  admin: Admin,
  { name, partitions, replicas, settings }: NewTopic,
): Promise<void> => {
  try {
    await admin.createTopics({
      topics: [name],
      partitions,
      replicas,
      configs: Object.entries(settings).map(([setting, value]) => ({ name: setting, value })),
    })
  } catch (error) {
    if (!isTopicThere(error)) throw translateKafkaError(error, 'createTopics')
  }
}

/** Asked once: the library would try an unknown topic for seconds, and names it without the broker's code. */
const leadersOf = async (admin: Admin, topic: string): Promise<readonly number[]> => {
  try {
    const { topics } = await admin.metadata({ topics: [topic], retries: 0, forceUpdate: true })
    return topics.get(topic)?.partitions.map(({ leader }) => leader) ?? []
  } catch (error) {
    if (error instanceof UserError)
      throw new InvalidInputError('topic-unknown', `${topic}: ${error.message}`, { cause: error })
    throw translateKafkaError(error, topic)
  }
}
