import type { OtelLogRow, OtelTraceRow } from '../../schemas/tables.ts'
import { type AttributeValue, aLog, aSpan } from './a-trace.ts'

/**
 * What real instrumentation packages emit for a small agent, captured against a fake model server and kept as they
 * were, but for ids, ports and attributes that nothing reads.
 */

const DEFINITIONS =
  '[{"type":"function","name":"refund","inputSchema":{"type":"object","properties":{"order":{"type":"string"}}}}]'
const SYSTEM = '[{"type":"text","content":"You are support."}]'
const ASKED = { role: 'user', parts: [{ type: 'text', content: 'refund A1' }] }
const CALL = { type: 'tool_call', id: 'c1', name: 'refund', arguments: { order: 'A1' } }
const usage = (input: number, output: number) => ({
  'gen_ai.usage.input_tokens': input,
  'gen_ai.usage.output_tokens': output,
  'gen_ai.usage.cache_read.input_tokens': input / 5,
  'ai.usage.inputTokenDetails.noCacheTokens': input - input / 5,
})

/** `ai` 7 with `@ai-sdk/otel` 1: a loop of two steps; the agent span repeats the usage of its calls. */
export const aiSdk7 = (): readonly OtelTraceRow[] => {
  const chat = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-mock',
    'gen_ai.response.model': 'gpt-mock',
    'gen_ai.system_instructions': SYSTEM,
    'gen_ai.tool.definitions': DEFINITIONS,
    ...usage(10, 5),
  }
  const span = (
    id: string,
    parent: string,
    place: { readonly name: string; readonly at: number; readonly seconds: number },
    attributes: Readonly<Record<string, AttributeValue>>,
  ): OtelTraceRow => aSpan({ id, parent, scope: 'gen_ai', attributes, ...place })
  return [
    span(
      '2a6c',
      '',
      { name: 'invoke_agent gpt-mock', at: 0, seconds: 10 },
      {
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-mock',
        'gen_ai.agent.name': 'support-agent',
        'gen_ai.system_instructions': SYSTEM,
        'gen_ai.input.messages': JSON.stringify([ASKED]),
        'gen_ai.response.finish_reasons': ['stop'],
        'gen_ai.output.messages': JSON.stringify([
          {
            role: 'assistant',
            parts: [
              { type: 'text', content: 'Refunded.' },
              CALL,
              { type: 'tool_call_response', id: 'c1', response: { ok: true } },
            ],
            finish_reason: 'stop',
          },
        ]),
        ...usage(20, 10),
      },
    ),
    span(
      'd84a',
      '2a6c',
      { name: 'step 1', at: 1, seconds: 4 },
      {
        'gen_ai.operation.name': 'agent_step',
        'ai.usage.inputTokenDetails.noCacheTokens': 8,
      },
    ),
    span(
      'a0f7',
      'd84a',
      { name: 'chat gpt-mock', at: 2, seconds: 1 },
      {
        ...chat,
        'gen_ai.input.messages': JSON.stringify([ASKED]),
        'gen_ai.response.finish_reasons': ['tool-calls'],
        'gen_ai.output.messages': JSON.stringify([
          { role: 'assistant', parts: [CALL], finish_reason: 'tool_call' },
        ]),
      },
    ),
    span(
      '53c3',
      'd84a',
      { name: 'execute_tool refund', at: 4, seconds: 1 },
      {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': 'refund',
        'gen_ai.tool.call.id': 'c1',
        'gen_ai.tool.type': 'function',
        'gen_ai.tool.call.arguments': '{"order":"A1"}',
        'gen_ai.tool.call.result': '{"ok":true}',
      },
    ),
    span(
      'cf8a',
      '2a6c',
      { name: 'step 2', at: 6, seconds: 3 },
      {
        'gen_ai.operation.name': 'agent_step',
        'ai.usage.inputTokenDetails.noCacheTokens': 8,
      },
    ),
    span(
      '99ed',
      'cf8a',
      { name: 'chat gpt-mock', at: 7, seconds: 1 },
      {
        ...chat,
        'gen_ai.input.messages': JSON.stringify([
          ASKED,
          { role: 'assistant', parts: [CALL] },
          {
            role: 'tool',
            parts: [{ type: 'tool_call_response', id: 'c1', response: { ok: true } }],
          },
        ]),
        'gen_ai.response.finish_reasons': ['stop'],
        'gen_ai.output.messages': JSON.stringify([
          {
            role: 'assistant',
            parts: [{ type: 'text', content: 'Refunded.' }],
            finish_reason: 'stop',
          },
        ]),
      },
    ),
  ]
}

/** `@langfuse/tracing` 5: the level says ERROR, the status of the span stays unset. */
export const langfuse5 = (): readonly OtelTraceRow[] => [
  aSpan({
    id: 'agent',
    name: 'support-agent',
    scope: 'langfuse-sdk',
    seconds: 9,
    attributes: {
      'langfuse.observation.type': 'agent',
      'langfuse.observation.input': '{"q":"hi"}',
      'langfuse.observation.output': '{"a":"ok"}',
    },
  }),
  aSpan({
    id: 'llm',
    parent: 'agent',
    scope: 'langfuse-sdk',
    at: 1,
    attributes: {
      'langfuse.observation.type': 'generation',
      'langfuse.observation.level': 'ERROR',
      'langfuse.observation.status_message': 'boom',
      'langfuse.observation.input': '[{"role":"user","content":"hi"}]',
      'langfuse.observation.output': '{"role":"assistant","content":"ok"}',
      'langfuse.observation.model.name': 'gpt-x',
      'langfuse.observation.usage_details': '{"input":3,"output":1}',
      'langfuse.observation.prompt.name': 'p',
      'langfuse.observation.prompt.version': 3,
    },
  }),
  aSpan({
    id: 'refund',
    parent: 'agent',
    scope: 'langfuse-sdk',
    at: 3,
    attributes: {
      'langfuse.observation.type': 'tool',
      'langfuse.observation.input': '{"o":1}',
      'langfuse.observation.output': '{"ok":true}',
    },
  }),
]

/** `@arizeai/openinference-instrumentation-openai` 4.2.7: lists flattened into keys. */
export const openInference4 = (): readonly OtelTraceRow[] => [
  aSpan({
    id: 'llm',
    name: 'OpenAI Chat Completions',
    attributes: {
      'openinference.span.kind': 'LLM',
      'llm.model_name': 'gpt-x-2026',
      'input.value': '{"model":"gpt-x","messages":[{"role":"user","content":"hello"}]}',
      'input.mime_type': 'application/json',
      'llm.system': 'openai',
      'llm.input_messages.0.message.role': 'user',
      'llm.input_messages.0.message.content': 'hello',
      'output.value':
        '{"id":"chatcmpl-1","object":"chat.completion","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"hi"}}]}',
      'llm.output_messages.0.message.role': 'assistant',
      'llm.output_messages.0.message.content': 'hi',
      'llm.finish_reason': 'stop',
      'llm.token_count.completion': 1,
      'llm.token_count.prompt': 3,
      'llm.token_count.total': 4,
    },
  }),
]

/** `@opentelemetry/instrumentation-openai` 0.22, Chat: previous names, content in the bodies of log records. */
export const otelOpenAiChat = (): {
  readonly spans: readonly OtelTraceRow[]
  readonly logs: readonly OtelLogRow[]
} => {
  const log = (event: string, body: object, position: number): OtelLogRow =>
    aLog({
      span: 'chat',
      attributes: { 'event.name': event, 'gen_ai.system': 'openai' },
      body,
      position,
    })
  return {
    spans: [
      aSpan({
        id: 'chat',
        name: 'chat gpt-x',
        attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.request.model': 'gpt-x',
          'gen_ai.system': 'openai',
          'gen_ai.response.finish_reasons': ['stop'],
          'gen_ai.response.id': 'chatcmpl-1',
          'gen_ai.response.model': 'gpt-x-2026',
          'gen_ai.usage.input_tokens': 3,
          'gen_ai.usage.output_tokens': 1,
        },
      }),
    ],
    logs: [
      log('gen_ai.system.message', { content: 'sys' }, 1),
      log('gen_ai.user.message', { content: 'hello' }, 2),
      log('gen_ai.choice', { finish_reason: 'stop', index: 0, message: { content: 'hi' } }, 3),
    ],
  }
}

/** The same package, Responses: current names, content in one structured log record. */
export const otelOpenAiResponses = (): {
  readonly spans: readonly OtelTraceRow[]
  readonly logs: readonly OtelLogRow[]
} => ({
  spans: [
    aSpan({
      id: 'chat',
      name: 'chat gpt-x',
      attributes: {
        'gen_ai.system_instructions': 'sys',
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'gpt-x',
        'gen_ai.provider.name': 'openai',
        'gen_ai.response.id': 'chatcmpl-1',
        'gen_ai.response.model': 'gpt-x-2026',
      },
    }),
  ],
  logs: [
    aLog({
      span: 'chat',
      event: 'gen_ai.client.inference.operation.details',
      attributes: {
        'gen_ai.provider.name': 'openai',
        'gen_ai.input.messages': [
          { role: 'system', parts: [{ type: 'text', content: 'sys' }] },
          { role: 'user', parts: [{ type: 'text', content: 'hello' }] },
        ],
      },
    }),
  ],
})

/** `@traceloop/instrumentation-openai` 0.27: current names, messages as JSON text on the span. */
export const traceloop27 = (): readonly OtelTraceRow[] => [
  aSpan({
    id: 'chat',
    name: 'chat gpt-x',
    scope: '@traceloop/instrumentation-openai',
    attributes: {
      'gen_ai.provider.name': 'openai',
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt-x',
      'gen_ai.input.messages':
        '[{"role":"system","parts":[{"type":"text","content":"sys"}]},{"role":"user","parts":[{"type":"text","content":"hello"}]}]',
      'gen_ai.response.model': 'gpt-x-2026',
      'gen_ai.response.id': 'chatcmpl-1',
      'gen_ai.usage.total_tokens': 4,
      'gen_ai.usage.output_tokens': 1,
      'gen_ai.usage.input_tokens': 3,
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.output.messages':
        '[{"role":"assistant","finish_reason":"stop","parts":[{"type":"text","content":"hi"}]}]',
    },
  }),
]
