import { describe, expect, test } from 'vitest'
import { assemble, chat } from '../../support/a-run-trace.ts'
import { type AttributeValue, aSpan } from '../../support/a-trace.ts'

const MESSAGES = [
  { role: 'system', parts: [{ type: 'text', content: 'Be kind.' }] },
  { role: 'user', parts: [{ type: 'text', content: 'hello' }] },
]
const CALL = { name: 'lookup', arguments: { id: 1 } }

/** The same call of a model, as each writes it: what went in, and a tool call that came out. */
const FORMS: readonly (readonly [
  name: string,
  attributes: Readonly<Record<string, AttributeValue>>,
])[] = [
  [
    'structured GenAI messages, instructions apart',
    {
      'gen_ai.system_instructions': [{ type: 'text', content: 'Be kind.' }],
      'gen_ai.input.messages': MESSAGES.slice(1),
      'gen_ai.output.messages': [
        { role: 'assistant', parts: [{ type: 'tool_call', id: 'k', ...CALL }] },
      ],
    },
  ],
  [
    'LangSmith, with LangChain messages by their class',
    {
      'langsmith.span.kind': 'llm',
      'gen_ai.prompt': {
        messages: [
          [
            {
              lc: 1,
              id: ['langchain', 'schema', 'SystemMessage'],
              kwargs: { content: 'Be kind.' },
            },
            { lc: 1, id: ['langchain', 'schema', 'HumanMessage'], kwargs: { content: 'hello' } },
          ],
        ],
      },
      'gen_ai.completion': {
        messages: [
          { type: 'ai', content: '', tool_calls: [{ id: 'k', name: 'lookup', args: { id: 1 } }] },
        ],
      },
      'langsmith.usage_metadata': { input_tokens: 5, output_tokens: 2, total_cost: 0.5 },
    },
  ],
  [
    "Google's ADK before, with Gemini's requests",
    {
      'gcp.vertex.agent.llm_request': {
        model: 'm',
        config: { system_instruction: 'Be kind.' },
        contents: [{ role: 'user', parts: [{ text: 'hello' }] }],
      },
      'gcp.vertex.agent.llm_response': {
        content: {
          role: 'model',
          parts: [{ function_call: { id: 'k', name: 'lookup', args: { id: 1 } } }],
        },
        usage_metadata: { prompt_token_count: 5, candidates_token_count: 2 },
      },
    },
  ],
  [
    'Genkit',
    {
      'genkit:metadata:subtype': 'model',
      'genkit:input': {
        messages: [
          { role: 'system', content: [{ text: 'Be kind.' }] },
          { role: 'user', content: [{ text: 'hello' }] },
        ],
      },
      'genkit:output': {
        message: {
          role: 'model',
          content: [{ toolRequest: { ref: 'k', name: 'lookup', input: { id: 1 } } }],
        },
        usage: { inputTokens: 5, outputTokens: 2 },
      },
    },
  ],
  [
    "OpenAI's Responses",
    {
      'input.value': { instructions: 'Be kind.', input: [{ role: 'user', content: 'hello' }] },
      'output.value': {
        output: [
          { type: 'function_call', id: 'fc', call_id: 'k', name: 'lookup', arguments: '{"id":1}' },
        ],
      },
    },
  ],
  [
    'Logfire',
    {
      request_data: {
        messages: [
          { role: 'system', content: 'Be kind.' },
          { role: 'user', content: 'hello' },
        ],
      },
      response_data: {
        message: {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: 'k', type: 'function', function: { name: 'lookup', arguments: '{"id": 1}' } },
          ],
        },
        usage: { prompt_tokens: 5, completion_tokens: 2 },
      },
    },
  ],
  [
    'Pydantic AI 1, events in one attribute',
    {
      events: [
        { 'event.name': 'gen_ai.system.message', role: 'system', content: 'Be kind.' },
        { 'event.name': 'gen_ai.user.message', role: 'user', content: 'hello' },
        {
          'event.name': 'gen_ai.choice',
          index: 0,
          message: {
            role: 'assistant',
            tool_calls: [
              { id: 'k', type: 'function', function: { name: 'lookup', arguments: { id: 1 } } },
            ],
          },
        },
      ],
    },
  ],
  [
    'Mastra',
    {
      'mastra.span.type': 'model_generation',
      'mastra.model_generation.input': {
        messages: [
          { role: 'system', content: 'Be kind.' },
          { role: 'user', content: [{ type: 'text', text: 'hello' }] },
        ],
      },
      'gen_ai.output.messages': [
        { role: 'assistant', parts: [{ type: 'tool_call', id: 'k', ...CALL }] },
      ],
    },
  ],
  [
    'OpenLLMetry before, flattened',
    {
      'llm.request.type': 'chat',
      'llm.prompts.0.role': 'system',
      'llm.prompts.0.content': 'Be kind.',
      'llm.prompts.1.role': 'user',
      'llm.prompts.1.content': 'hello',
      'llm.completions.0.role': 'assistant',
      'llm.completions.0.tool_calls.0.id': 'k',
      'llm.completions.0.tool_calls.0.name': 'lookup',
      'llm.completions.0.tool_calls.0.arguments': '{"id":1}',
      'llm.usage.prompt_tokens': 5,
      'llm.usage.completion_tokens': 2,
    },
  ],
]

describe('one form of messages', () => {
  test.each(FORMS)('from %s', (_, attributes) => {
    const run = assemble([chat('c', { parent: '', attributes })])
    const [step] = run.steps
    expect(JSON.parse(step?.input ?? '')).toEqual(MESSAGES)
    expect(JSON.parse(step?.output ?? '')).toEqual([
      { role: 'assistant', parts: [{ type: 'tool_call', id: 'k', ...CALL }] },
    ])
    expect(run.input).toBe('hello')
    const says = JSON.stringify(attributes).includes('oken')
    expect([run.inputTokens, run.outputTokens]).toEqual(says ? [5, 2] : [null, null])
  })
})

test('what nobody knows is a generic step', () => {
  const run = assemble([
    chat('c', { parent: '' }),
    aSpan({
      id: 'x',
      parent: 'c',
      attributes: { 'vendor.thing': 'odd', input: '{ "a" : [ 1.50 , "b  c" ] }' },
    }),
  ])
  expect(run.steps[1]).toMatchObject({ kind: 'generic', name: 'x', input: '{"a":[1.50,"b  c"]}' })
})

test('decorated functions of Python show their arguments', () => {
  const called = (args: unknown[], kwargs: object): string =>
    assemble([
      chat('c', { parent: '' }),
      aSpan({
        id: 't',
        parent: 'c',
        attributes: {
          'traceloop.span.kind': 'tool',
          'traceloop.entity.name': 'lookup',
          'traceloop.entity.input': JSON.stringify({ args, kwargs }),
        },
      }),
    ]).steps[1]?.input ?? ''
  expect(called([], { id: 1 })).toBe('{"id":1}')
  expect(called(['A1'], {})).toBe('A1')
  expect(called(['A1', 2], { id: 1 })).toBe('{"args":["A1",2],"kwargs":{"id":1}}')
})
