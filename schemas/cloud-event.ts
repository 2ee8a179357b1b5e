import type { z } from 'zod'
import { InvalidInputError } from './errors.ts'
import type { Topic } from './topics.ts'

/**
 * CloudEvents 1.0, Kafka binary mode: attributes are `ce_*` headers, the value is the data as JSON.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
 */
export interface EventAttributes {
  /** With `source` unique per event; equal ids are one event. */
  readonly id: string
  /** Where it was made, such as `/neosigma/miner`. */
  readonly source: string
  readonly time: string
  readonly key: string
  /** W3C trace context of the work that made the event. */
  readonly traceparent?: string | undefined
}

export interface EncodedEvent {
  readonly topic: string
  readonly key: string
  readonly value: Uint8Array
  readonly headers: Readonly<Record<string, string>>
}

const text = new TextEncoder()
const bytes = new TextDecoder('utf-8', { fatal: true })

/**
 * Encodes data of a topic.
 * @throws InvalidInputError `event-invalid` where the data does not follow the topic's schema.
 */
export const encodeEvent = (
  topic: Topic,
  data: unknown,
  attributes: EventAttributes,
): EncodedEvent => {
  const parsed = parseData(topic, data)
  return {
    topic: topic.name,
    key: attributes.key,
    value: text.encode(JSON.stringify(parsed)),
    headers: {
      ce_specversion: '1.0',
      ce_id: attributes.id,
      ce_source: attributes.source,
      ce_type: topic.type ?? topic.name,
      ce_time: attributes.time,
      ce_partitionkey: attributes.key,
      'content-type': 'application/json',
      ...(attributes.traceparent === undefined
        ? {}
        : { ce_traceparent: attributes.traceparent, traceparent: attributes.traceparent }),
    },
  }
}

/**
 * Decodes a record of a topic. Records without CloudEvents headers are taken as plain JSON of the topic's schema,
 * so that users may produce signals and commands with any client.
 * @throws InvalidInputError `event-version-unknown` for another type, `payload-malformed`, `event-invalid`.
 */
export const decodeEvent = <Schema extends z.ZodType>(
  topic: Topic & { readonly schema: Schema },
  record: {
    readonly value: Uint8Array | null
    readonly headers: Readonly<Record<string, string>>
  },
): z.infer<Schema> => {
  const type = record.headers['ce_type']
  if (type !== undefined && type !== topic.type)
    throw new InvalidInputError('event-version-unknown', `${topic.name}: ce_type is ${type}.`)
  return parseData(topic, parseJson(topic, record.value)) as z.infer<Schema>
}

const parseJson = (topic: Topic, value: Uint8Array | null): unknown => {
  try {
    return JSON.parse(bytes.decode(value ?? new Uint8Array()))
  } catch (cause) {
    throw new InvalidInputError('payload-malformed', `${topic.name}: the value is not JSON.`, {
      cause,
    })
  }
}

const parseData = (topic: Topic, data: unknown): unknown => {
  if (topic.schema === null)
    throw new InvalidInputError('topic-unknown', `${topic.name} carries no events.`)
  const result = topic.schema.safeParse(data)
  if (result.success) return result.data
  const problems = result.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'value'}: ${message}`,
  )
  throw new InvalidInputError('event-invalid', `${topic.name}: ${problems.join('; ')}.`)
}
