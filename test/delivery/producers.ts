import { setTimeout as pause } from 'node:timers/promises'
import type { Ledger } from './ledger.ts'
import { type NumberedRun, numberedRun, type Stream } from './traffic.ts'

export interface Doors {
  readonly otlp: string
  readonly api: string
}

export interface ProducerOptions {
  readonly doors: Doors
  readonly stream: Stream
  readonly ledger: Ledger
  readonly senders: number
  readonly pauseMs: number
}

export interface Producers {
  /** Finishes what has begun: everything that was sent is acknowledged then. */
  stop(): Promise<void>
}

const RETRY_MS = 100
const ANSWER_MS = 15_000

/** Sends runs by number, several at a time, each part again until it is acknowledged, as an OTLP exporter does. */
export const startProducers = (options: ProducerOptions): Producers => {
  let stopping = false
  const sender = async (): Promise<void> => {
    while (!stopping) {
      await sendRun(options, options.ledger.next())
      await pause(options.pauseMs)
    }
  }
  const ended = Promise.all(Array.from({ length: options.senders }, sender))
  return {
    stop: async () => {
      stopping = true
      await ended
    },
  }
}

const sendRun = async ({ doors, stream, ledger }: ProducerOptions, n: number): Promise<void> => {
  const run: NumberedRun = numberedRun(stream, n)
  await untilAcknowledged(() => postOtlp(`${doors.otlp}/v1/traces`, run.spans))
  const unsure = await untilAcknowledged(() => postOtlp(`${doors.otlp}/v1/logs`, run.logs))
  if (run.signal !== null) {
    const body = JSON.stringify(run.signal)
    await untilAcknowledged(() => post(`${doors.api}/v1/signals`, 'application/json', body))
  }
  ledger.acknowledged(n, unsure)
}

/** Answers how many of the attempts before may have been stored although nobody said so. */
const untilAcknowledged = async (send: () => Promise<Outcome>): Promise<number> => {
  for (let unsure = 0; ; ) {
    const outcome = await send()
    if (outcome === 'acknowledged') return unsure
    if (outcome === 'unsure') unsure += 1
    await pause(RETRY_MS)
  }
}

type Outcome = 'acknowledged' | 'unsure' | 'not-there'

const postOtlp = (url: string, body: Uint8Array): Promise<Outcome> =>
  post(url, 'application/x-protobuf', Buffer.from(body))

const post = async (url: string, type: string, body: string | Buffer): Promise<Outcome> => {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': type },
      body: typeof body === 'string' ? body : new Uint8Array(body),
      signal: AbortSignal.timeout(ANSWER_MS),
    })
    const text = await answer.text()
    if (answer.status === 400) throw new Refused(`${url}: ${text}`)
    return answer.ok ? 'acknowledged' : 'unsure'
  } catch (error) {
    if (error instanceof Refused) throw error
    const cause: unknown = error instanceof Error ? error.cause : null
    const isAbsent = cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED'
    return isAbsent ? 'not-there' : 'unsure'
  }
}

class Refused extends Error {}
