import type { SpanOptions } from './a-trace.ts'

const said = (role: string, content: string): string =>
  JSON.stringify([{ role, parts: [{ type: 'text', content }] }])

/** As Python instrumentations write them: an agent, a call of a model, a tool. */
export const PYTHON_DIALECTS: readonly (readonly [
  name: string,
  dialect: string,
  spans: readonly SpanOptions[],
])[] = [
  [
    'GenAI, current names (opentelemetry-instrumentation-openai-agents-v2)',
    'gen-ai',
    [
      {
        id: 'a',
        name: 'invoke_agent desk',
        attributes: {
          'gen_ai.operation.name': 'invoke_agent',
          'gen_ai.provider.name': 'openai',
          'gen_ai.agent.name': 'desk',
        },
      },
      {
        id: 'c',
        name: 'chat gpt-x',
        attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.response.model': 'gpt-x',
          'gen_ai.usage.input_tokens': 5,
          'gen_ai.usage.output_tokens': 2,
          'gen_ai.input.messages': said('user', 'hello'),
          'gen_ai.output.messages': said('assistant', 'hi'),
        },
      },
      {
        id: 't',
        name: 'execute_tool lookup',
        attributes: {
          'gen_ai.operation.name': 'execute_tool',
          'gen_ai.tool.name': 'lookup',
          'gen_ai.tool.call.arguments': '{"id": 1}',
          'gen_ai.tool.call.result': 'found',
        },
      },
    ],
  ],
  [
    'OpenInference (openinference-instrumentation-langchain)',
    'openinference',
    [
      {
        id: 'a',
        name: 'desk',
        scope: 'openinference.instrumentation.langchain',
        attributes: {
          'openinference.span.kind': 'AGENT',
          'input.value': 'hello',
          'output.value': 'hi',
          metadata: '{"thread_id": "k"}',
        },
      },
      {
        id: 'c',
        name: 'ChatOpenAI',
        scope: 'openinference.instrumentation.langchain',
        attributes: {
          'openinference.span.kind': 'LLM',
          'llm.model_name': 'gpt-x',
          'llm.token_count.prompt': 5,
          'llm.token_count.completion': 2,
          'llm.output_messages.0.message.role': 'assistant',
          'llm.output_messages.0.message.tool_calls.0.tool_call.function.name': 'lookup',
          'llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments': '{"id": 1}',
        },
      },
      {
        id: 't',
        name: 'lookup',
        scope: 'openinference.instrumentation.langchain',
        attributes: {
          'openinference.span.kind': 'TOOL',
          'tool.name': 'lookup',
          'input.value': '{"id": 1}',
          'output.value': 'found',
        },
      },
    ],
  ],
  [
    'Traceloop (traceloop-sdk decorators, previous names)',
    'traceloop',
    [
      {
        id: 'a',
        name: 'desk.agent',
        attributes: {
          'traceloop.span.kind': 'agent',
          'traceloop.entity.name': 'desk',
          'traceloop.entity.input': 'hello',
          'traceloop.entity.output': 'hi',
        },
      },
      {
        id: 'c',
        name: 'openai.chat',
        attributes: {
          'llm.request.type': 'chat',
          'gen_ai.system': 'OpenAI',
          'gen_ai.request.model': 'gpt-x',
          'gen_ai.prompt.0.role': 'user',
          'gen_ai.prompt.0.content': 'hello',
          'gen_ai.completion.0.role': 'assistant',
          'gen_ai.completion.0.content': 'hi',
          'gen_ai.usage.prompt_tokens': 5,
          'gen_ai.usage.completion_tokens': 2,
        },
      },
      {
        id: 't',
        name: 'lookup.tool',
        attributes: {
          'traceloop.span.kind': 'tool',
          'traceloop.entity.name': 'lookup',
          'traceloop.entity.input': '{"id": 1}',
          'traceloop.entity.output': 'found',
        },
      },
    ],
  ],
  [
    'Pydantic AI 2',
    'pydantic-ai',
    [
      {
        id: 'a',
        name: 'agent run',
        scope: 'pydantic-ai',
        attributes: { agent_name: 'desk', final_result: 'hi', model_name: 'gpt-x' },
      },
      {
        id: 'c',
        name: 'chat gpt-x',
        scope: 'pydantic-ai',
        attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.response.model': 'gpt-x',
          'gen_ai.usage.input_tokens': 5,
          'gen_ai.usage.output_tokens': 2,
          'gen_ai.input.messages': said('user', 'hello'),
        },
      },
      {
        id: 't',
        name: 'running tool',
        scope: 'pydantic-ai',
        attributes: {
          'gen_ai.tool.name': 'lookup',
          tool_arguments: '{"id": 1}',
          tool_response: 'found',
        },
      },
    ],
  ],
]
