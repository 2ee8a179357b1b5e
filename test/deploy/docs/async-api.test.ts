import { readFileSync } from 'node:fs'
import { DiagnosticSeverity, Parser } from '@asyncapi/parser'
import { expect, test } from 'vitest'
import { TOPICS, type Topic } from '../../../schemas/topics.ts'

const text = readFileSync('schemas/generated/asyncapi.json', 'utf8')
const topics: readonly (readonly [string, Topic])[] = Object.entries(TOPICS)

test("AsyncAPI's own parser finds neither error nor warning in the document", async () => {
  const { document, diagnostics } = await new Parser().parse(text)
  const found = diagnostics
    .filter(({ severity }) => severity <= DiagnosticSeverity.Warning)
    .map(({ message, path }) => `${path.join('.')}: ${message}`)
  expect(found).toEqual([])
  expect(document?.version()).toBe('3.0.0')
})

test('the parser would see an error', async () => {
  const broken = text.replace('"action": "send"', '"action": "shout"')
  const { diagnostics } = await new Parser().parse(broken)
  expect(diagnostics.some(({ severity }) => severity === DiagnosticSeverity.Error)).toBe(true)
})

test('the document has each topic with its partitions, retention and both directions', async () => {
  const { document } = await new Parser().parse(text)
  for (const [id, topic] of topics) {
    const channel = document?.channels().get(id)
    expect(channel?.address()).toBe(topic.name)
    expect(channel?.bindings().get('kafka')?.value()).toMatchObject({
      topic: topic.name,
      partitions: topic.partitions,
    })
    expect(channel?.operations().filterBySend()).toHaveLength(1)
    expect(channel?.operations().filterByReceive()).toHaveLength(1)
    expect(channel?.messages()).toHaveLength(1)
  }
})
