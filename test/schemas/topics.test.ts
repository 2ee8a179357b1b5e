import { describe, expect, test } from 'vitest'
import { contractOf } from '../../deploy/docs/contracts.ts'
import { TOPICS, type Topic, topicByName } from '../../schemas/topics.ts'

const topics: readonly Topic[] = Object.values(TOPICS)
const eventTopics = topics.filter(({ content }) => content === 'event')

describe('the table of topics', () => {
  test('names each topic once, and finds it by name', () => {
    expect(new Set(topics.map(({ name }) => name)).size).toBe(topics.length)
    for (const topic of topics) expect(topicByName(topic.name)).toBe(topic)
    expect(topicByName('neosigma.runs.v2')).toBeUndefined()
  })

  test("has the Collector's names for spans and logs", () => {
    const names = topics.filter(({ content }) => content === 'otlp').map(({ name }) => name)
    expect(names).toEqual(['otlp_spans', 'otlp_logs'])
  })

  test.each(eventTopics.map((topic) => [topic.name, topic] as const))(
    '%s is versioned, typed after its name, and has a published contract',
    (name, topic) => {
      expect(name).toMatch(/^neosigma\.[a-z-]+\.v\d+$/u)
      expect(topic.type).toBe(`dev.${name}`)
      expect(contractOf(topic.schema)).toBeDefined()
    },
  )

  test('keeps for ever what a state is folded from, in one partition per total order', () => {
    for (const topic of topics.filter(({ retentionHours }) => retentionHours === null))
      expect(topic.partitions, topic.name).toBe(1)
  })

  test('says who writes, who reads and what the key is', () => {
    for (const { name, key, producers, consumers, partitions } of topics) {
      expect(
        [key, producers, consumers].every((text) => text !== ''),
        name,
      ).toBe(true)
      expect(partitions, name).toBeGreaterThan(0)
    }
  })
})
