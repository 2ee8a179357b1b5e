import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { contractOf } from '../../deploy/docs/contracts.ts'
import { EXAMPLES } from '../../deploy/docs/examples.ts'
import { decodeEvent, type EventAttributes, encodeEvent } from '../../schemas/cloud-event.ts'
import { InvalidInputError } from '../../schemas/errors.ts'
import { type EventTopic, TOPICS, type Topic } from '../../schemas/topics.ts'

const ATTRIBUTES: EventAttributes = {
  id: 'event-1',
  source: '/neosigma/test',
  time: '2026-01-01T00:00:00.000Z',
  key: 'key-1',
}

const topics: readonly Topic[] = Object.values(TOPICS)
const eventTopics = topics.filter((topic): topic is EventTopic => topic.schema !== null)
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

const codeOf = (act: () => unknown): string => {
  try {
    act()
  } catch (error) {
    if (error instanceof InvalidInputError) return error.code
    throw error
  }
  return 'none'
}

const validSignal = { id: 's', name: 'thumbs', type: 'explicit', at: '2026-01-01T00:00:00Z' }

describe('an event', () => {
  test.each(eventTopics.map((topic) => [topic.name, topic] as const))(
    'of %s comes back as it was sent',
    (_name, topic) => {
      const examples = EXAMPLES.filter(({ contract }) => contract === contractOf(topic.schema))
      expect(examples.length).toBeGreaterThan(0)
      for (const { value } of examples) {
        const record = encodeEvent(topic, value, ATTRIBUTES)
        expect(record).toMatchObject({ topic: topic.name, key: 'key-1' })
        expect(decodeEvent(topic, record)).toEqual(JSON.parse(JSON.stringify(value)))
      }
    },
  )

  test('with any text in it comes back as it was sent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.double(), (explanation, value) => {
        fc.pre(Number.isFinite(value))
        const sent = { ...validSignal, explanation, value }
        const received = decodeEvent(TOPICS.signals, encodeEvent(TOPICS.signals, sent, ATTRIBUTES))
        expect(received).toMatchObject({ explanation, value: value === 0 ? 0 : value })
      }),
    )
  })

  test('carries the attributes of CloudEvents 1.0 as headers', () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    const { headers } = encodeEvent(TOPICS.signals, validSignal, { ...ATTRIBUTES, traceparent })
    expect(headers).toEqual({
      ce_specversion: '1.0',
      ce_id: 'event-1',
      ce_source: '/neosigma/test',
      ce_type: 'dev.neosigma.signals.v1',
      ce_time: '2026-01-01T00:00:00.000Z',
      ce_partitionkey: 'key-1',
      'content-type': 'application/json',
      ce_traceparent: traceparent,
      traceparent,
    })
  })

  test('without headers is read as plain JSON, defaults filled in', () => {
    const record = { value: bytes(JSON.stringify(validSignal)), headers: {} }
    expect(decodeEvent(TOPICS.signals, record)).toMatchObject({ source: 'api', value: null })
  })

  test('may have members of a later version: they are passed over', () => {
    const record = { value: bytes(JSON.stringify({ ...validSignal, later: 1 })), headers: {} }
    expect(decodeEvent(TOPICS.signals, record)).not.toHaveProperty('later')
  })
})

describe('refused is', () => {
  const decoding = (value: Uint8Array | null, headers: Record<string, string> = {}): string =>
    codeOf(() => decodeEvent(TOPICS.signals, { value, headers }))

  test('another type or version', () => {
    const value = bytes(JSON.stringify(validSignal))
    expect(decoding(value, { ce_type: 'dev.neosigma.signals.v2' })).toBe('event-version-unknown')
  })

  test('a value that is not JSON, not UTF-8, or absent', () => {
    expect(decoding(bytes('{"id":'))).toBe('payload-malformed')
    expect(decoding(new Uint8Array([0x22, 0xff, 0x22]))).toBe('payload-malformed')
    expect(decoding(null)).toBe('payload-malformed')
  })

  test('data that breaks the schema, with every problem named', () => {
    const value = bytes(JSON.stringify({ ...validSignal, type: 'loud', at: 'yesterday' }))
    expect(() => decodeEvent(TOPICS.signals, { value, headers: {} })).toThrow(/type: .*; at: /u)
    expect(decoding(value)).toBe('event-invalid')
  })

  test('to send data that breaks the schema', () => {
    expect(codeOf(() => encodeEvent(TOPICS.signals, {}, ATTRIBUTES))).toBe('event-invalid')
  })

  test('an event on a topic of OTLP bytes', () => {
    expect(codeOf(() => encodeEvent(TOPICS.spans, {}, ATTRIBUTES))).toBe('topic-unknown')
  })
})
