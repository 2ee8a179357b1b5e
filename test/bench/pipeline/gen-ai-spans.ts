import { encodeTraces } from '../../../pipeline/otlp/encode.ts'
import type { KeyValue, Span } from '../../../pipeline/otlp/otlp-types.ts'
import { anOtlpSpan, attribute, tracesWith } from '../../support/an-otlp-span.ts'

export const SPANS_PER_TRACE = 10

/** How long the text of a span is, so that spans become about 1.2 and about 10 kB long. */
export const SIZES = { '1.2 kB': 600, '10 kB': 9400 } as const
export type SpanSize = keyof typeof SIZES

const WORDS =
  'the order was not found please confirm your flight number and date of travel refund policy allows customer agent tool returned error json status pending booking reference baggage seat upgrade credit certificate passenger economy cabin insurance cancel change reason'.split(
    ' ',
  )

/** mulberry32: the same spans in every run. */
const random = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const RESOURCE = [
  attribute('service.name', 'travel-desk'),
  attribute('service.version', '2026.11.3'),
  attribute('deployment.environment.name', 'production'),
  attribute('telemetry.sdk.name', 'opentelemetry'),
  attribute('telemetry.sdk.language', 'nodejs'),
]

const int = (key: string, value: number): KeyValue => ({
  key,
  value: { kind: 'int', value: BigInt(value) },
})

/** Traces of ten spans with twenty attributes each, as agents send them: model calls with a message, and tool calls. */
export const aTraceOf = (trace: number, textLength: number): readonly Span[] => {
  const next = random(trace + 1)
  const below = (n: number): number => Math.floor(next() * n)
  const words = (length: number): string => {
    let text = ''
    while (text.length < length) text += `${WORDS[below(WORDS.length)]} `
    return text.slice(0, length)
  }
  const traceId = `${(trace + 1).toString(16).padStart(16, '0')}${below(2 ** 32)
    .toString(16)
    .padStart(16, '0')}`
  const begin = BigInt(Date.UTC(2026, 10, 24)) * 1_000_000n + BigInt(trace) * 7_000_000n
  return Array.from({ length: SPANS_PER_TRACE }, (_, i) => {
    const model = i % 3 === 0
    const start = begin + BigInt(i) * 350_000_000n
    return anOtlpSpan({
      traceId,
      spanId: `${(trace * SPANS_PER_TRACE + i + 1).toString(16).padStart(16, '0')}`,
      parentSpanId:
        i === 0 ? '' : `${(trace * SPANS_PER_TRACE + 1).toString(16).padStart(16, '0')}`,
      name: model ? 'chat gpt-5' : `execute_tool ${WORDS[below(12)]}`,
      kind: model ? 3 : 1,
      startTimeUnixNano: start,
      endTimeUnixNano: start + BigInt(below(3e8)),
      attributes: [
        attribute('gen_ai.operation.name', model ? 'chat' : 'execute_tool'),
        attribute('gen_ai.provider.name', 'openai'),
        attribute('gen_ai.request.model', 'gpt-5'),
        attribute('gen_ai.response.model', 'gpt-5-2026-08-01'),
        attribute('gen_ai.response.id', `resp-${below(2 ** 31).toString(36)}`),
        attribute('gen_ai.agent.name', 'travel-desk'),
        attribute('gen_ai.agent.version', 'c0ffee12'),
        attribute('gen_ai.conversation.id', `conversation-${trace >> 1}`),
        int('gen_ai.usage.input_tokens', 200 + below(4000)),
        int('gen_ai.usage.output_tokens', below(900)),
        int('gen_ai.request.max_tokens', 4096),
        { key: 'gen_ai.request.temperature', value: { kind: 'double', value: 0.7 } },
        attribute('gen_ai.tool.name', WORDS[below(WORDS.length)] ?? ''),
        attribute('gen_ai.tool.call.id', `call-${below(2 ** 31).toString(36)}`),
        attribute('server.address', 'api.example'),
        int('server.port', 443),
        attribute('enduser.id', `user-${below(5000)}`),
        attribute('session.id', `session-${trace >> 2}`),
        { key: 'retry', value: { kind: 'bool', value: false } },
        attribute('gen_ai.output.messages', words(textLength)),
      ],
    })
  })
}

/** An export request of consecutive traces. */
export const aRequestOf = (first: number, traces: number, textLength: number): Uint8Array =>
  encodeTraces(
    tracesWith(
      Array.from({ length: traces }, (_, i) => aTraceOf(first + i, textLength)).flat(),
      RESOURCE,
    ),
  )
