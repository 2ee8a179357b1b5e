import { TOPICS, type Topic } from '../../schemas/topics.ts'
import { CONTRACTS, type ContractName, contractOf } from './contracts.ts'
import { EXAMPLES } from './examples.ts'
import { asyncApiSchemaOf } from './json-schema.ts'

const MS_PER_HOUR = 3_600_000
const BINDING_VERSION = '0.5.0'
const topics: readonly (readonly [string, Topic])[] = Object.entries(TOPICS)

/** The AsyncAPI 3 document of all topics, with their Kafka bindings. NeoSigma is the application it describes. */
export const asyncApiDocument = (version: string): object => ({
  asyncapi: '3.0.0',
  info: {
    title: 'NeoSigma',
    version,
    description:
      'Topics of the improvement loop. Events are CloudEvents 1.0 in Kafka binary mode with JSON values; ' +
      'records without CloudEvents headers are read as plain JSON of the same schema.',
    license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
  },
  defaultContentType: 'application/json',
  servers: {
    broker: {
      host: '{host}',
      protocol: 'kafka',
      description: 'The brokers of KAFKA_BROKERS.',
      variables: { host: { default: '127.0.0.1:9092' } },
    },
  },
  channels: Object.fromEntries(topics.map(([id, topic]) => [id, channelOf(id, topic)])),
  operations: Object.fromEntries(
    topics.flatMap(([id, topic]) => [
      [`send-${id}`, operationOf(id, 'send', topic.producers)],
      [`receive-${id}`, operationOf(id, 'receive', topic.consumers)],
    ]),
  ),
  components: {
    messages: Object.fromEntries(topics.map(([id, topic]) => [id, messageOf(topic)])),
    schemas: Object.fromEntries(
      topics.flatMap(([, topic]) => {
        const name = contractOf(topic.schema)
        return name === undefined ? [] : [[name, asyncApiSchemaOf(name)]]
      }),
    ),
  },
})

const channelOf = (id: string, topic: Topic): object => ({
  address: topic.name,
  messages: { [id]: { $ref: `#/components/messages/${id}` } },
  bindings: {
    kafka: {
      topic: topic.name,
      partitions: topic.partitions,
      topicConfiguration: {
        'cleanup.policy': ['delete'],
        'retention.ms': topic.retentionHours === null ? -1 : topic.retentionHours * MS_PER_HOUR,
      },
      bindingVersion: BINDING_VERSION,
    },
  },
})

const operationOf = (id: string, action: 'send' | 'receive', who: string): object => ({
  action,
  channel: { $ref: `#/channels/${id}` },
  messages: [{ $ref: `#/channels/${id}/messages/${id}` }],
  description: `${action === 'send' ? 'Written' : 'Read'} by ${who}.`,
})

const messageOf = (topic: Topic): object => {
  const name = contractOf(topic.schema)
  const bindings = {
    kafka: {
      key: { type: 'string', description: `The ${topic.key}.` },
      bindingVersion: BINDING_VERSION,
    },
  }
  return name === undefined ? otlpMessage(topic, bindings) : eventMessage(topic, name, bindings)
}

const otlpMessage = (topic: Topic, bindings: object): object => ({
  name: topic.name,
  title: 'OTLP export request of one trace',
  contentType: 'application/x-protobuf',
  description: "Protobuf bytes as the OpenTelemetry Collector's kafka exporter writes them.",
  externalDocs: { url: 'https://opentelemetry.io/docs/specs/otlp/' },
  bindings,
})

const eventMessage = (topic: Topic, name: ContractName, bindings: object): object => ({
  name: topic.type,
  title: CONTRACTS[name].title,
  summary: CONTRACTS[name].description,
  contentType: 'application/json',
  headers: headersOf(topic),
  payload: { $ref: `#/components/schemas/${name}` },
  bindings,
  examples: EXAMPLES.filter((example) => example.contract === name).map((example) => ({
    name: example.name,
    payload: example.value,
  })),
})

const text = (description: string): object => ({ type: 'string', description })

const headersOf = (topic: Topic): object => ({
  type: 'object',
  properties: {
    ce_specversion: { type: 'string', const: '1.0' },
    ce_id: text('With ce_source unique per event: equal ids are one event.'),
    ce_source: text('Where it was made, such as /neosigma/miner.'),
    ce_type: { type: 'string', const: topic.type },
    ce_time: { type: 'string', format: 'date-time' },
    ce_partitionkey: text(`The ${topic.key}.`),
    'content-type': { type: 'string', const: 'application/json' },
    traceparent: text('W3C trace context of the work that made the event.'),
  },
})
