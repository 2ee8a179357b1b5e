import { describe, expect, test } from 'vitest'
import { assemble } from '../../support/a-run-trace.ts'
import { aLog, aSpan } from '../../support/a-trace.ts'
import {
  aiSdk7,
  langfuse5,
  openInference4,
  otelOpenAiChat,
  otelOpenAiResponses,
  traceloop27,
} from '../../support/captured-dialects.ts'
import { PYTHON_DIALECTS } from '../../support/python-dialects.ts'

describe('captured spans and logs', () => {
  test('of the AI SDK 7: the loop counts each call once', () => {
    const run = assemble(aiSdk7())
    expect(run).toMatchObject({
      agent: 'support-agent',
      dialect: 'ai-sdk',
      model: 'gpt-mock',
      modelCalls: 2,
      toolCalls: 1,
      inputTokens: 20,
      outputTokens: 10,
      input: 'refund A1',
      output: 'Refunded.',
      outcome: 'pass',
    })
    expect(run.steps.map(({ kind }) => kind)).toEqual([
      'agent',
      'workflow',
      'llm',
      'tool',
      'workflow',
      'llm',
    ])
    expect(run.steps[3]).toMatchObject({
      name: 'refund',
      input: '{"order":"A1"}',
      output: '{"ok":true}',
      agent: 'support-agent',
    })
    expect(run.steps[5]?.input).toContain('"type":"tool_call_response"')
  })

  test('of Langfuse 5: an error beside an unset status is one of its step', () => {
    const run = assemble(langfuse5())
    expect(run).toMatchObject({
      agent: 'support-agent',
      dialect: 'langfuse',
      model: 'gpt-x',
      promptName: 'p',
      promptVersion: '3',
      modelCalls: 1,
      toolCalls: 1,
      inputTokens: 3,
      outputTokens: 1,
      input: '{"q":"hi"}',
      output: '{"a":"ok"}',
      outcome: 'pass',
    })
    expect(run.steps[1]?.error).toEqual({ type: 'error', message: 'boom' })
    expect(run.steps[2]).toMatchObject({ kind: 'tool', name: 'refund', input: '{"o":1}' })
  })

  test.each([
    ['OpenInference 4', openInference4(), [], 'openinference'],
    [
      'OpenTelemetry openai 0.22, Chat',
      otelOpenAiChat().spans,
      otelOpenAiChat().logs,
      'gen-ai-previous',
    ],
    ['Traceloop 0.27', traceloop27(), [], 'traceloop'],
  ])('of %s: one call with what was said and what it cost', (_, spans, logs, dialect) => {
    expect(assemble(spans, logs)).toMatchObject({
      agent: 'desk-service',
      dialect,
      model: 'gpt-x-2026',
      modelCalls: 1,
      toolCalls: 0,
      inputTokens: 3,
      outputTokens: 1,
      input: 'hello',
      output: 'hi',
    })
  })

  test('of OpenTelemetry openai 0.22, Responses: content in one structured log record', () => {
    const { spans, logs } = otelOpenAiResponses()
    const run = assemble(spans, logs)
    expect(run).toMatchObject({ dialect: 'gen-ai', input: 'hello', inputTokens: null })
    expect(run.steps[0]?.input).toContain('"role":"system"')
  })
})

describe('spans of Python instrumentations', () => {
  test.each(PYTHON_DIALECTS)('%s', (_, dialect, spans) => {
    const rows = spans.map((span, place) =>
      aSpan({ ...span, at: place, seconds: 3 - place, ...(place === 0 ? {} : { parent: 'a' }) }),
    )
    const run = assemble(rows)
    expect(run).toMatchObject({
      agent: 'desk',
      dialect,
      model: 'gpt-x',
      modelCalls: 1,
      toolCalls: 1,
      inputTokens: 5,
      outputTokens: 2,
      input: 'hello',
      output: 'hi',
    })
    expect(run.steps.at(-1)).toMatchObject({
      kind: 'tool',
      name: 'lookup',
      input: '{"id":1}',
      output: 'found',
    })
  })

  test('AI SDK 6 and before: its own names, one call inside the other', () => {
    const run = assemble([
      aSpan({
        id: 'a',
        name: 'ai.generateText',
        scope: 'ai',
        seconds: 5,
        attributes: {
          'operation.name': 'ai.generateText desk',
          'ai.operationId': 'ai.generateText',
          'ai.telemetry.functionId': 'desk',
          'ai.telemetry.metadata.sessionId': 'k',
          'ai.prompt': { system: 'Be kind.', prompt: 'hello' },
          'ai.response.text': 'hi',
          'ai.usage.promptTokens': 5,
          'ai.usage.completionTokens': 2,
        },
      }),
      aSpan({
        id: 'c',
        parent: 'a',
        name: 'ai.generateText.doGenerate',
        scope: 'ai',
        at: 1,
        attributes: {
          'operation.name': 'ai.generateText.doGenerate desk',
          'ai.operationId': 'ai.generateText.doGenerate',
          'ai.model.id': 'gpt-x',
          'ai.prompt.messages': [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }],
          'ai.response.text': 'hi',
          'gen_ai.usage.input_tokens': 5,
          'gen_ai.usage.output_tokens': 2,
        },
      }),
      aSpan({
        id: 't',
        parent: 'a',
        name: 'ai.toolCall',
        scope: 'ai',
        at: 3,
        attributes: {
          'operation.name': 'ai.toolCall desk',
          'ai.operationId': 'ai.toolCall',
          'ai.toolCall.name': 'lookup',
          'ai.toolCall.args': '{"id":1}',
          'ai.toolCall.result': '"found"',
        },
      }),
    ])
    expect(run).toMatchObject({
      agent: 'desk',
      dialect: 'ai-sdk',
      sessionId: 'k',
      model: 'gpt-x',
      modelCalls: 1,
      toolCalls: 1,
      inputTokens: 5,
      outputTokens: 2,
      input: 'hello',
      output: 'hi',
    })
    expect(run.steps[2]).toMatchObject({ kind: 'tool', name: 'lookup', input: '{"id":1}' })
  })

  test('GenAI, previous names, messages as span events or as logs with the role in the name', () => {
    const attributes = { 'gen_ai.system': 'openai', 'gen_ai.request.model': 'gpt-x' }
    const events = [
      { name: 'gen_ai.user.message', attributes: { content: 'hello' } },
      { name: 'gen_ai.choice', attributes: { index: 0, message: '{"content":"hi"}' } },
    ]
    const inEvents = assemble([aSpan({ id: 'c', name: 'chat gpt-x', attributes, events })])
    const inLogs = assemble(
      [aSpan({ id: 'c', name: 'chat gpt-x', attributes })],
      [
        aLog({ span: 'c', event: 'gen_ai.user.message', body: { content: 'hello' }, position: 1 }),
        aLog({
          span: 'c',
          event: 'gen_ai.choice',
          body: { message: { content: 'hi' } },
          position: 2,
        }),
      ],
    )
    for (const run of [inEvents, inLogs])
      expect(run).toMatchObject({ dialect: 'gen-ai-previous', input: 'hello', output: 'hi' })
  })
})
