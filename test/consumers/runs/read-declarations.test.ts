import { describe, expect, test } from 'vitest'
import { agent, assemble, chat, tool } from '../../support/a-run-trace.ts'

const PARAMETERS = {
  type: 'object',
  properties: { id: { type: 'integer' } },
  required: ['id'],
}
const wrongCall = tool('t', { at: 2, attributes: { 'gen_ai.tool.call.arguments': '{"id":"x"}' } })
const found = (run: ReturnType<typeof assemble>): readonly string[] =>
  run.scores.map(({ name }) => name)

describe('tools that an agent declares', () => {
  test.each([
    [
      'of the conventions',
      { 'gen_ai.tool.definitions': [{ type: 'function', name: 'lookup', parameters: PARAMETERS }] },
    ],
    [
      'as a provider takes them',
      { 'gen_ai.tool.definitions': [{ function: { name: 'lookup', parameters: PARAMETERS } }] },
    ],
    [
      'of the AI SDK',
      { 'ai.prompt.tools': [JSON.stringify({ name: 'lookup', inputSchema: PARAMETERS })] },
    ],
    [
      'of OpenInference',
      {
        'llm.tools.0.tool.json_schema': JSON.stringify({
          function: { name: 'lookup', parameters: PARAMETERS },
        }),
      },
    ],
  ])('%s are held against its calls', (_, attributes) => {
    const run = assemble([agent(), chat('c', { at: 1, attributes }), wrongCall])
    expect(found(run)).toEqual(['schema_violation'])
    expect(run).toMatchObject({ outcome: 'fail', score: 0 })
  })

  test('say nothing of a call that was made again rightly, nor of other tools', () => {
    const attributes = {
      'gen_ai.tool.definitions': [{ name: 'lookup', parameters: PARAMETERS }],
    }
    const call = chat('c', { at: 1, attributes })
    const right = tool('u', { at: 3, attributes: { 'gen_ai.tool.call.arguments': '{"id":1}' } })
    expect(found(assemble([agent(), call, wrongCall, right]))).toEqual(['root_status'])
    const other = tool('t', {
      at: 2,
      attributes: { 'gen_ai.tool.name': 'other', 'gen_ai.tool.call.arguments': '{}' },
    })
    expect(found(assemble([agent(), call, other]))).toEqual(['root_status'])
  })
})

describe('an answer that was asked for as JSON', () => {
  const answered = (content: string, attributes: Record<string, string>) =>
    found(
      assemble([
        agent(),
        chat('c', {
          at: 1,
          attributes: {
            'gen_ai.output.messages': [{ role: 'assistant', parts: [{ type: 'text', content }] }],
            ...attributes,
          },
        }),
      ]),
    )

  test('is held against its schema, or is JSON at all', () => {
    expect(answered('{"id":1}', { 'gen_ai.output.type': 'json' })).toEqual(['root_status'])
    expect(answered('Sure: {"id":1}', { 'gen_ai.output.type': 'json' })).toEqual([
      'schema_violation',
    ])
    const schema = { 'ai.schema': JSON.stringify(PARAMETERS) }
    expect(answered('{"id":1}', schema)).toEqual(['root_status'])
    expect(answered('{"id":"1"}', schema)).toEqual(['schema_violation'])
    expect(answered('anything', {})).toEqual(['root_status'])
  })
})
