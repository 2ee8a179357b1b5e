import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { expect, test } from 'vitest'
import {
  masking,
  redactLogRecord,
  redactSpan,
  withoutContent,
} from '../../instrumentation/redact-records.ts'

const aSpan = (attributes: Record<string, string>, event = {}) => {
  const exporter = new InMemorySpanExporter()
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] })
  const span = provider.getTracer('test').startSpan('chat', { attributes })
  span.addEvent('said', event)
  span.setStatus({ code: 2, message: 'secret' })
  span.end()
  const [ended] = exporter.getFinishedSpans()
  if (ended === undefined) throw new Error('no span')
  return ended
}

const aLog = (body: object, attributes = {}) => {
  const exporter = new InMemoryLogRecordExporter()
  const provider = new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] })
  provider.getLogger('test').emit({ body: body as never, attributes })
  const [record] = exporter.getFinishedLogRecords()
  if (record === undefined) throw new Error('no record')
  return record
}

const masked = masking((text) => text.replaceAll('secret', '***'))

test('a span is masked in attributes, events and status; its identity stays', () => {
  const span = aSpan({ 'app.note': 'a secret', 'app.id': 'x' }, { text: 'secret' })
  const redacted = redactSpan(span, masked)
  expect(redacted.attributes).toEqual({ 'app.note': 'a ***', 'app.id': 'x' })
  expect(redacted.events[0]?.attributes).toEqual({ text: '***' })
  expect(redacted.status).toEqual({ code: 2, message: '***' })
  expect(redacted.spanContext()).toEqual(span.spanContext())
  expect(span.attributes['app.note']).toBe('a secret')
})

test('a log record is masked in body and attributes', () => {
  const redacted = redactLogRecord(aLog({ content: ['secret'] }, { a: 'secret' }), masked)
  expect(redacted.body).toEqual({ content: ['***'] })
  expect(redacted.attributes).toEqual({ a: '***' })
})

test('without content, messages, tool arguments and results of every dialect are gone', () => {
  const said = Object.fromEntries(
    [
      'gen_ai.input.messages',
      'gen_ai.output.messages',
      'gen_ai.system_instructions',
      'gen_ai.tool.call.arguments',
      'gen_ai.tool.call.result',
      'gen_ai.prompt.0.content',
      'gen_ai.completion.0.content',
      'input.value',
      'output.value',
      'llm.input_messages.0.message.content',
      'traceloop.entity.input',
      'ai.prompt.messages',
      'langfuse.observation.output',
    ].map((key) => [key, 'secret']),
  )
  const kept = {
    'gen_ai.prompt.name': 'main',
    'gen_ai.prompt.version': '3',
    'gen_ai.tool.name': 'look_up',
    'gen_ai.tool.call.id': 'call_1',
    'gen_ai.request.model': 'small',
    'llm.model_name': 'small',
  }
  expect(redactSpan(aSpan({ ...said, ...kept }), withoutContent).attributes).toEqual(kept)
})

test('without content, a message event keeps its shape and names only', () => {
  const body = {
    index: 0,
    finish_reason: 'tool_calls',
    message: {
      content: 'secret',
      tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: 'secret' } }],
    },
  }
  expect(redactLogRecord(aLog(body), withoutContent).body).toEqual({
    index: 0,
    finish_reason: 'tool_calls',
    message: { tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f' } }] },
  })
})
