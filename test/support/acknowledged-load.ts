import { encodeLogs, encodeTraces } from '../../pipeline/otlp/encode.ts'
import { anOtlpLog, anOtlpSpan, attribute, logsWith, tracesWith } from './an-otlp-span.ts'

/** What a receiver has said it took. */
export interface Acknowledged {
  /** `traceId:spanId`. */
  readonly spans: Set<string>
  /** Bodies of log records, each of its own. */
  readonly logs: Set<string>
  readonly traces: Set<string>
}

export const nothingAcknowledged = (): Acknowledged => ({
  spans: new Set(),
  logs: new Set(),
  traces: new Set(),
})

export interface Load {
  /** Resolves with the first acknowledgement from now on. */
  nextAcknowledgement(): Promise<void>
  /** Resolves when no request is under way any more. */
  ended: Promise<void>
}

const SENDERS = 4
const SPANS = 5
const SERVICE = [attribute('service.name', 'under-load')]

let lastTrace = 0

/**
 * Sends runs one after another, several at a time, each once, until the receiver does not answer. Notes what it
 * acknowledged; what was under way when it died may be there or not.
 */
export const loadUntilDeath = (httpPort: number, acknowledged: Acknowledged): Load => {
  const waiting = new Set<() => void>()
  const post = async (path: string, body: Uint8Array): Promise<boolean> => {
    const answer = await fetch(`http://127.0.0.1:${httpPort}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: Buffer.from(body),
    }).catch(() => null)
    return answer?.status === 200
  }
  const sender = async (): Promise<void> => {
    for (;;) {
      lastTrace += 1
      if (!(await sendRun(lastTrace.toString(16).padStart(32, '0'), post, acknowledged))) return
      for (const resolve of waiting) resolve()
      waiting.clear()
    }
  }
  const ended = Promise.all(Array.from({ length: SENDERS }, sender)).then(() => {
    for (const resolve of waiting) resolve()
  })
  return {
    nextAcknowledgement: () => new Promise((resolve) => void waiting.add(resolve)),
    ended,
  }
}

const AGENT = {
  name: 'invoke_agent under-load',
  attributes: [attribute('gen_ai.operation.name', 'invoke_agent')],
}
const MODEL = { name: 'chat m', attributes: [attribute('gen_ai.operation.name', 'chat')] }

const sendRun = async (
  traceId: string,
  post: (path: string, body: Uint8Array) => Promise<boolean>,
  { spans, logs, traces }: Acknowledged,
): Promise<boolean> => {
  const ids = Array.from({ length: SPANS }, (_, n) => (n + 1).toString(16).padStart(16, '0'))
  const [root = ''] = ids
  const given = ids.map((spanId) =>
    anOtlpSpan({
      traceId,
      spanId,
      parentSpanId: spanId === root ? '' : root,
      ...(spanId === root ? AGENT : MODEL),
    }),
  )
  if (!(await post('/v1/traces', encodeTraces(tracesWith(given, SERVICE))))) return false
  for (const spanId of ids) spans.add(`${traceId}:${spanId}`)
  traces.add(traceId)
  const text = `line of ${traceId}`
  const log = anOtlpLog({ traceId, spanId: root, body: { kind: 'string', value: text } })
  if (!(await post('/v1/logs', encodeLogs(logsWith([log]))))) return false
  logs.add(text)
  return true
}
