import { request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { encodeTraces } from '../../../pipeline/otlp/encode.ts'
import type { Span } from '../../../pipeline/otlp/otlp-types.ts'
import { anOtlpSpan, attribute, tracesWith } from '../../support/an-otlp-span.ts'
import { SIZES, type SpanSize } from '../pipeline/gen-ai-spans.ts'

export const AGENT = 'latency-desk'
export const ROOT_SPAN = `invoke_agent ${AGENT}`

export interface SentRun {
  readonly traceId: string
  readonly fails: boolean
  /** Before the request was begun, on the clock of `performance.now()`, and when it was acknowledged. */
  readonly sentMs: number
  readonly acknowledgedMs: number
}

const NANOS_PER_MS = 1_000_000n
/** One in five fails, in one of four ways. */
const FAILS_EVERY = 5
const PROBLEMS = [
  ['search_flights', 'no flight found for this date'],
  ['book_seat', 'payment declined by the issuer'],
  ['change_booking', 'fare rules forbid this change'],
  ['refund_ticket', 'timeout while waiting for the ledger'],
] as const

/** A run of an agent: the run, two model calls and a tool call, which ends now. */
const spansOf = (traceId: string, number: number, size: SpanSize): readonly Span[] => {
  const end = BigInt(Date.now()) * NANOS_PER_MS
  const start = end - 100n * NANOS_PER_MS
  const text = `message ${number} `.padEnd(SIZES[size], 'of the customer to the desk and back ')
  const [tool, problem] =
    PROBLEMS[Math.floor(number / FAILS_EVERY) % PROBLEMS.length] ?? PROBLEMS[0]
  const fails = number % FAILS_EVERY === 0
  const spanId = (place: number): string => (number * 4 + place + 1).toString(16).padStart(16, '0')
  const of = (place: number, name: string, operation: string, overrides: Partial<Span> = {}) =>
    anOtlpSpan({
      traceId,
      spanId: spanId(place),
      parentSpanId: place === 0 ? '' : spanId(0),
      name,
      startTimeUnixNano: start,
      endTimeUnixNano: end,
      ...overrides,
      attributes: [
        attribute('gen_ai.operation.name', operation),
        attribute('gen_ai.agent.name', AGENT),
        attribute('gen_ai.request.model', 'gpt-5'),
        attribute('gen_ai.output.messages', text),
        ...(overrides.attributes ?? []),
      ],
    })
  const failed = { status: { code: 2, message: problem } }
  return [
    of(0, ROOT_SPAN, 'invoke_agent', fails ? failed : {}),
    of(1, 'chat gpt-5', 'chat'),
    of(2, `execute_tool ${tool}`, 'execute_tool', {
      attributes: [attribute('gen_ai.tool.name', tool)],
      ...(fails ? failed : {}),
    }),
    of(3, 'chat gpt-5', 'chat'),
  ]
}

const RESOURCE = [attribute('service.name', AGENT)]

const post = (port: number, body: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-protobuf', 'content-length': body.length }
    const options = { port, host: '127.0.0.1', path: '/v1/traces', method: 'POST', headers }
    const sending = request(options, (answer) => {
      answer.resume()
      answer.once('end', () => {
        if (answer.statusCode === 200) resolve()
        else reject(new Error(`answered ${answer.statusCode}`))
      })
    })
    sending.once('error', reject)
    sending.end(body)
  })

/**
 * Sends runs at a steady rate, a request each, whether or not earlier ones have been answered. Each is told by `onSent`
 * when it is acknowledged.
 */
export const sendRuns = async (options: {
  readonly httpPort: number
  readonly size: SpanSize
  readonly perSecond: number
  readonly seconds: number
  readonly firstNumber: number
  readonly onSend?: (traceId: string, fails: boolean) => void
  readonly onSent: (run: SentRun) => void
}): Promise<void> => {
  const { httpPort, size, perSecond, seconds, firstNumber, onSend, onSent } = options
  const startedMs = performance.now()
  const sending: Promise<void>[] = []
  for (let i = 0; i < perSecond * seconds; i += 1) {
    const waitMs = startedMs + (i * 1000) / perSecond - performance.now()
    if (waitMs > 0) await pause(waitMs)
    const number = firstNumber + i
    const traceId = (number + 1).toString(16).padStart(32, 'a')
    const body = Buffer.from(encodeTraces(tracesWith(spansOf(traceId, number, size), RESOURCE)))
    const fails = number % FAILS_EVERY === 0
    onSend?.(traceId, fails)
    const sentMs = performance.now()
    sending.push(
      post(httpPort, body).then(() =>
        onSent({ traceId, fails, sentMs, acknowledgedMs: performance.now() }),
      ),
    )
  }
  await Promise.all(sending)
}
